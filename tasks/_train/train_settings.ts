import { type Schedule, warmupDecay } from "../../models/optimizers/schedules/schedule.ts";
import type { ModelConfig } from "../_model/model_config.ts";

/** The settings of a training run on which its result depends. */
export interface TrainSettings {
  /** Side of the images, in pixels. */
  readonly side: number;
  readonly batchSize: number;
  readonly epochs: number;
  /** The number of training images that are used, from the first on. */
  readonly images: number;
  readonly learningRate: number;
  /** Steps over which the learning rate rises to its value. */
  readonly warmup: number;
  /** Whether it falls from then on, to 0 after the last epoch. */
  readonly decay: "none" | "linear";
  readonly optimizer: "adam" | "sgd";
  readonly momentum: number;
  readonly dropout: number;
  readonly init: "pytorch" | "kaiming" | "xavier";
  readonly seed: number;
  readonly shuffle: boolean;
  /** Subtracted from the samples, which are from 0 to 1. */
  readonly mean: number;
  /** Divides the samples after that. */
  readonly std: number;
  /** The number of test images after each epoch, from the first on. */
  readonly testImages: number;
}

/** Settings as a run saved them: runs before the first release left out some. */
export type SavedSettings = Omit<TrainSettings, "testImages"> & Partial<TrainSettings>;

/** The preset for a hardware adapter: the settings of the chapter. */
export const chapter: TrainSettings = {
  side: 224,
  batchSize: 128,
  epochs: 5,
  images: 60_000,
  learningRate: 0.001,
  warmup: 0,
  decay: "none",
  optimizer: "adam",
  momentum: 0.9,
  dropout: 0.5,
  init: "pytorch",
  seed: 0,
  shuffle: true,
  mean: 0,
  std: 1,
  testImages: 10_000,
};

/** The preset for a CPU: the same eight layers in minutes, on the smallest images, fewer of them, with what learns fastest then. */
export const cpuPreset: TrainSettings = {
  ...chapter,
  side: 67,
  batchSize: 32,
  epochs: 1,
  images: 25_600,
  warmup: 80,
  decay: "linear",
  dropout: 0.2,
  init: "kaiming",
};

/** Counts the steps of all epochs. */
export const countSteps = (
  { images, batchSize, epochs }: Pick<TrainSettings, "images" | "batchSize" | "epochs">,
): number => Math.ceil(images / batchSize) * epochs;

/** Plans the learning rate of each step. The decay ends with the last epoch, whenever the number of epochs was set. */
export const planLearningRate = (settings: SavedSettings): Schedule =>
  warmupDecay({
    peak: settings.learningRate,
    warmupSteps: settings.warmup,
    ...(settings.decay === "linear" && { steps: countSteps(settings) }),
  });

/** Describes the model that a run trains: the chapter's, for Fashion-MNIST. */
export const toModelConfig = (
  { side, dropout, mean, std }: TrainSettings,
): ModelConfig => ({ name: "alexnet", side, channels: 1, classes: 10, dropout, mean, std });
