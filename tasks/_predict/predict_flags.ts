import { booleanFlag, choiceFlag, integerFlag, listIn, pathFlag } from "../_cli/flags.ts";
import { dataFlags, prepareFlags } from "../_data/data_flags.ts";
import { modelFlags } from "../_evaluate/model_flags.ts";
import { backendFlag, kernelsFlag, threadsFlag } from "../_model/backend_flags.ts";

/** The flags of the task `predict`. */
export const predictFlags = {
  ...listIn("Prediction", {
    checkpoint: pathFlag({
      placeholder: "FILE",
      help: "The file to predict with, safetensors or PyTorch's .pth, or a run's folder: its best",
      shownDefault: "the best of the newest run under runs/",
    }),
    top: integerFlag({
      least: 1,
      help: "How many of the likeliest classes to print",
      shownDefault: "5",
    }),
    json: booleanFlag({ help: "Print a line of JSON for each picture" }),
    csv: booleanFlag({
      help: "Print a table of file, rank, class and probability with commas between",
    }),
    saveLogits: pathFlag({
      placeholder: "FILE.npy",
      help: "Write the logits as a NumPy array of float32, [pictures, classes]",
      shownDefault: "none",
    }),
    batchSize: integerFlag({
      least: 1,
      most: 65536,
      help: "Pictures in a batch",
      shownDefault: "128",
    }),
    workers: prepareFlags.workers,
    backend: {
      ...backendFlag,
      help:
        `${backendFlag.help}; WASM also for few pictures, as looking for an adapter takes longer`,
    },
    kernels: kernelsFlag,
    threads: threadsFlag,
    quiet: booleanFlag({ help: "Print the result, warnings and errors only" }),
  }),
  ...listIn("Data", {
    ...dataFlags,
    data: { ...dataFlags.data, shownDefault: "the pictures that are named" },
    split: choiceFlag(["test", "validation", "train"], {
      help: "With --data: which of its images",
      shownDefault: "test; without those validation; without both all",
    }),
  }),
  ...listIn("Model", modelFlags),
};
