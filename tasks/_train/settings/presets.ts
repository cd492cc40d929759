import { chapter, type PresetSettings, type TrainSettings } from "./train_settings.ts";

/**
 * The same eight layers in minutes on a CPU: on the smallest images, fewer of them, with what learns fastest then. The number of
 * images counts only where the data has more.
 */
const quick: TrainSettings = {
  ...chapter,
  side: 67,
  batchSize: 32,
  epochs: 1,
  images: 25_600,
  warmup: 80,
  schedule: "linear",
  dropout: 0.2,
  init: "kaiming",
};

/** The book's LeNet (6.6), with its optimizer: seconds an epoch, on any machine. */
const lenet: TrainSettings = {
  ...chapter,
  model: "lenet",
  activation: "sigmoid",
  dropout: 0,
  init: "xavier",
  side: 28,
  batchSize: 256,
  epochs: 10,
  optimizer: "sgd",
  momentum: 0,
  learningRate: 0.9,
};

/** The most accurate in ten minutes on two cores, from scratch: a small residual network on the images as they are. */
const best: TrainSettings = {
  ...chapter,
  // What is best is chosen by these, and the test images are looked at once.
  validation: 0.05,
  model: "resnet8",
  side: 28,
  mean: 0.286,
  std: 0.353,
  augment: "flip",
  batchSize: 128,
  epochs: 6,
  labelSmoothing: 0.1,
  optimizer: "sgd",
  momentum: 0.9,
  nesterov: true,
  weightDecay: 0.0005,
  learningRate: 0.15,
  schedule: "one-cycle",
  views: "flip",
};

const {
  images: _,
  testImages: _tests,
  channels: _channels,
  side: _side,
  epochs: _epochs,
  ...open
} = chapter;

/**
 * From scratch on pictures of one's own, which may be few: a residual network, augmentation, and as many epochs as that takes.
 */
const pictures: PresetSettings = {
  ...open,
  validation: 0.1,
  model: "resnet18",
  resize: "crop",
  mean: 0.5,
  std: 0.25,
  augment: "standard",
  batchSize: 32,
  labelSmoothing: 0.1,
  optimizer: "adamw",
  learningRate: 0.002,
  schedule: "one-cycle",
  weightDecay: 0.05,
};

/** From weights that were learned before: short, and with small steps. */
const fineTune: PresetSettings = {
  ...pictures,
  augment: "light",
  learningRate: 0.0005,
};

/** The presets by name. */
export const presets = {
  chapter,
  quick,
  best,
  lenet,
  pictures,
  "fine-tune": fineTune,
} satisfies Readonly<
  Record<string, PresetSettings>
>;

/** The name of a preset. */
export type PresetName = keyof typeof presets;

/** What a preset is chosen by. */
export interface PresetFacts {
  /** Whether a GPU computes. */
  readonly hardware: boolean;
  /** The data, as `--data` names it. */
  readonly data: string;
  /** The network, if it was named. */
  readonly model?: string | undefined;
  /** The weights that the run starts from, if any: whether they fit the whole network. */
  readonly weights?: "whole" | "partial" | undefined;
}

/** Chooses the preset of a run that names none. */
export function choosePreset({ hardware, data, model, weights }: PresetFacts): PresetName {
  if (weights === "partial") return "fine-tune";
  if (data !== chapter.data && !data.startsWith("idx:")) {
    // The steps for drawn parameters would undo what these have learned.
    return weights === undefined ? "pictures" : "fine-tune";
  }
  if (model === "lenet") return "lenet";
  return hardware ? "chapter" : "quick";
}

/** Why a preset is taken where none was named, for people. */
export const presetReasons: Readonly<Record<PresetName, string>> = {
  chapter: "the chapter's run",
  quick: "for a machine without a GPU",
  best: "the most accurate in ten minutes on two cores",
  lenet: "the book's LeNet",
  pictures: "for pictures of your own",
  "fine-tune": "for weights that were learned before",
};

/** The epochs of a preset that leaves them open: the more images there are, the fewer. */
export const chooseEpochs = (preset: PresetName, images: number): number =>
  preset === "fine-tune"
    ? clamp(Math.ceil(8_000 / images), 2, 8)
    : clamp(Math.ceil(30_000 / images), 3, 30);

const clamp = (value: number, least: number, most: number): number =>
  Math.min(Math.max(value, least), most);
