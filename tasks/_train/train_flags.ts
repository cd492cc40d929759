import { booleanFlag, choiceFlag, integerFlag, numberFlag, pathFlag } from "../_cli/flags.ts";
import { dataDirFlag } from "../_data/fetch/ensure_dataset.ts";
import { backendFlag, kernelsFlag, precisionFlag } from "../_model/backend_flags.ts";
import { MOST_THREADS } from "./choose_threads.ts";
import { chapter, cpuPreset, type TrainSettings } from "./train_settings.ts";

const formatDefault = (key: keyof TrainSettings): string =>
  chapter[key] === cpuPreset[key]
    ? String(chapter[key])
    : `${chapter[key]}; ${cpuPreset[key]} without a GPU`;

/** More than anybody trains: with all images the steps of so many epochs can still be counted exactly. */
const MOST_EPOCHS = 1_000_000;

/** The flags of `deno task train`. */
export const trainFlags = {
  side: integerFlag({
    least: 1,
    most: 4096,
    help: "Side to which the images are resized, in pixels; 67 is the smallest",
    shownDefault: formatDefault("side"),
  }),
  batchSize: integerFlag({
    least: 1,
    most: 65536,
    help: "Images in a batch",
    shownDefault: formatDefault("batchSize"),
  }),
  epochs: integerFlag({
    least: 1,
    most: MOST_EPOCHS,
    help: "Passes over the training images",
    shownDefault: formatDefault("epochs"),
  }),
  images: integerFlag({
    least: 1,
    most: chapter.images,
    help: "How many of the training images to use, from the first on",
    shownDefault: formatDefault("images"),
  }),
  testImages: integerFlag({
    least: 1,
    most: 10_000,
    help: "How many of the test images to use after each epoch, from the first on",
    shownDefault: "10000",
  }),
  learningRate: numberFlag({
    above: 0,
    help: "Step size of the optimizer",
    shownDefault: formatDefault("learningRate"),
  }),
  warmup: integerFlag({
    least: 0,
    help: "Steps over which the learning rate rises to its value",
    shownDefault: formatDefault("warmup"),
  }),
  decay: choiceFlag(["none", "linear"], {
    help: "Whether the learning rate falls from then on, to 0 after the last epoch",
    shownDefault: formatDefault("decay"),
  }),
  optimizer: choiceFlag(["adam", "sgd"], {
    help: "Gradient method: Adam (beta 0.9, 0.999) or SGD with momentum",
    shownDefault: formatDefault("optimizer"),
  }),
  momentum: numberFlag({
    least: 0,
    below: 1,
    help: "Momentum of SGD; Adam has none",
    shownDefault: formatDefault("momentum"),
  }),
  dropout: numberFlag({
    least: 0,
    below: 1,
    help: "Probability that a feature of the two hidden linear layers is dropped",
    shownDefault: formatDefault("dropout"),
  }),
  init: choiceFlag(["pytorch", "kaiming", "xavier"], {
    help: "How the parameters are drawn: PyTorch's default, Kaiming normal or Xavier uniform",
    shownDefault: formatDefault("init"),
  }),
  seed: integerFlag({
    least: 0,
    help: "Seed of the parameters, of the order and of dropout",
    shownDefault: formatDefault("seed"),
  }),
  shuffle: booleanFlag({
    negatable: true,
    help: "Put the images in a new order each epoch",
    shownDefault: "shuffle",
  }),
  mean: numberFlag({
    help: "Subtracted from the samples once they are divided by 255; kept in the checkpoint",
    shownDefault: formatDefault("mean"),
  }),
  std: numberFlag({
    above: 0,
    help: "Divides the samples after that; kept in the checkpoint",
    shownDefault: formatDefault("std"),
  }),
  steps: integerFlag({
    least: 1,
    help: "End after so many steps in all. An epoch that this cuts short has no test pass",
    shownDefault: "none",
  }),
  weights: pathFlag({
    placeholder: "FILE",
    help:
      "Start from the parameters of this file, safetensors or PyTorch's .pth, or of a run's folder: its best",
    shownDefault: "drawn parameters",
  }),
  resume: pathFlag({
    placeholder: "DIR",
    help:
      "Go on with the run saved in this folder. Its settings hold, --test-images too; --epochs and --steps can be " +
      "raised. A linear decay then goes on as if the run had had so many epochs from the beginning",
    shownDefault: "a new run",
  }),
  out: pathFlag({
    placeholder: "DIR",
    help: "Folder for last.safetensors, best.safetensors, the optimizer's state and config.json",
    shownDefault: "runs/<time>; with --resume, that folder",
  }),
  log: pathFlag({
    placeholder: "FILE",
    help:
      "Write JSON lines: a run event, a step event every --log-every steps, an epoch event each epoch. " +
      "Their loss is the mean cross-entropy of an image. A log that is there is replaced, with --resume appended to",
    shownDefault: "none",
  }),
  logEvery: integerFlag({
    least: 1,
    help: "Steps from one step event to the next",
    shownDefault: "10",
  }),
  backend: backendFlag,
  kernels: kernelsFlag,
  precision: precisionFlag,
  threads: integerFlag({
    least: 1,
    most: MOST_THREADS,
    help: "Threads that share each batch on WASM. The result is the same except for rounding. " +
      "With the preset one takes 0.6 GB of memory, and each more 0.4 GB",
    shownDefault: "one a core, at most one for every 8 images of a batch",
  }),
  dataDir: dataDirFlag,
  quiet: booleanFlag({ help: "Print the epochs' lines and errors only" }),
  yes: booleanFlag({ help: "Overwrite a run that --out holds already, without asking" }),
};
