import { booleanFlag, choiceFlag, integerFlag, listIn, pathFlag } from "../_cli/flags.ts";
import { dataFlags, prepareFlags } from "../_data/data_flags.ts";
import { backendFlag, kernelsFlag, threadsFlag } from "../_model/backend_flags.ts";
import { modelFlags } from "./model_flags.ts";

const { workers, onBadRecord } = prepareFlags;

/** The flags of the task `evaluate`. */
export const evaluateFlags = {
  ...listIn("Evaluation", {
    checkpoint: pathFlag({
      placeholder: "FILE",
      help: "The file to evaluate, safetensors or PyTorch's .pth, or a run's folder: its best",
      shownDefault: "required",
    }),
    batchSize: integerFlag({
      least: 1,
      most: 65536,
      help: "Images in a batch",
      shownDefault: "128",
    }),
    backend: backendFlag,
    kernels: kernelsFlag,
    threads: threadsFlag,
    json: booleanFlag({ help: "Print one JSON object instead of tables" }),
    saveLogits: pathFlag({
      placeholder: "FILE.npy",
      help: "Write the logits as a NumPy array of float32, [images, classes]",
      shownDefault: "none",
    }),
    quiet: booleanFlag({ help: "Print the result, warnings and errors only" }),
  }),
  ...listIn("Data", {
    ...dataFlags,
    data: { ...dataFlags.data, shownDefault: "the run's own, else fashion-mnist" },
    split: choiceFlag(["test", "validation", "train"], {
      help: "Which of its images",
      shownDefault: "test; without those validation; without both all",
    }),
    testImages: integerFlag({
      least: 1,
      help: "How many of them to use: of Fashion-MNIST the first ones, of folders and tables a " +
        "part with the classes in proportion",
      shownDefault: "all, whatever the run used",
    }),
    workers,
    onBadRecord,
  }),
  ...listIn("Model", modelFlags),
};
