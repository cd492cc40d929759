import { oneOf, path, real, toggle, whole } from "../_cli/flags.ts";
import { kernels } from "../_model/kernels_flag.ts";

/** The flags of `deno task evaluate`. */
export const evaluateFlags = {
  checkpoint: path({
    placeholder: "FILE",
    help: "The safetensors file to evaluate, Rill's or one exported from PyTorch",
    shownDefault: "required",
  }),
  limit: whole({
    least: 1,
    most: 10_000,
    help: "How many of the test images to use, from the first on",
    shownDefault: "10000",
  }),
  side: whole({
    least: 1,
    most: 4096,
    help: "Side of the images, for a file that doesn't say it",
    shownDefault: "224 where the tensors fit it",
  }),
  mean: real({
    help: "Subtracted from the samples, for a file that doesn't say it",
    shownDefault: "0",
  }),
  std: real({
    above: 0,
    help: "Divides the samples, for a file that doesn't say it",
    shownDefault: "1",
  }),
  batchSize: whole({ least: 1, most: 65536, help: "Images in a batch", shownDefault: "128" }),
  backend: oneOf(["auto", "webgpu", "wasm"], {
    help: "What computes. auto: WebGPU on a hardware adapter, else WASM",
    shownDefault: "auto",
  }),
  kernels,
  json: toggle({ help: "Print one JSON object instead of tables" }),
  saveLogits: path({
    placeholder: "FILE.npy",
    help: "Write the logits as a NumPy array of float32, [images, 10]",
    shownDefault: "none",
  }),
  dataDir: path({
    placeholder: "DIR",
    help: "The only folder to look for the data set in",
    shownDefault: "the cache directory, then the system's, then a download",
  }),
  quiet: toggle({ help: "Print the result and errors only" }),
};
