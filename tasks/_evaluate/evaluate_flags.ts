import { booleanFlag, integerFlag, numberFlag, pathFlag } from "../_cli/flags.ts";
import { dataDirFlag } from "../_data/fetch/ensure_dataset.ts";
import { backendFlag, kernelsFlag } from "../_model/backend_flags.ts";

/** The flags of `deno task evaluate`. */
export const evaluateFlags = {
  checkpoint: pathFlag({
    placeholder: "FILE",
    help: "The file to evaluate, safetensors or PyTorch's .pth, or a run's folder: its best",
    shownDefault: "required",
  }),
  testImages: integerFlag({
    least: 1,
    most: 10_000,
    help: "How many of the test images to use, from the first on",
    shownDefault: "10000, whatever the run used",
  }),
  side: integerFlag({
    least: 1,
    most: 4096,
    help: "Side of the images, for a file that doesn't say it",
    shownDefault: "224 if the tensors fit it",
  }),
  mean: numberFlag({
    help: "Subtracted from the samples, for a file that doesn't say it",
    shownDefault: "0",
  }),
  std: numberFlag({
    above: 0,
    help: "Divides the samples, for a file that doesn't say it",
    shownDefault: "1",
  }),
  batchSize: integerFlag({ least: 1, most: 65536, help: "Images in a batch", shownDefault: "128" }),
  backend: backendFlag,
  kernels: kernelsFlag,
  json: booleanFlag({ help: "Print one JSON object instead of tables" }),
  saveLogits: pathFlag({
    placeholder: "FILE.npy",
    help: "Write the logits as a NumPy array of float32, [images, 10]",
    shownDefault: "none",
  }),
  dataDir: dataDirFlag,
  quiet: booleanFlag({ help: "Print the result, warnings and errors only" }),
};
