import type { ModelConfig } from "../_model/model_config.ts";

/** What a page can train on: images of one size, gzipped IDX files beside it. */
export interface PackedData {
  /** Its name for people. */
  readonly title: string;
  readonly classes: readonly string[];
  readonly side: number;
  readonly channels: 1 | 3;
  /** Mean and standard deviation of the samples of all training images, from 0 to 1. */
  readonly mean: number;
  readonly std: number;
  /** How many images there are to train on, and to test on. */
  readonly train: number;
  readonly test: number;
  /**
   * How many images there are to show to the model that came with the page, as large as it takes them; 0 where those to test on are
   * as it takes them.
   */
  readonly examples: number;
  /** A checksum of all of it: a training goes on with the same data only. */
  readonly checksum: string;
}

/** What a page finds beside it, as `site.json` says. */
export interface SiteFacts {
  /** What tells this build from others. */
  readonly version: string;
  /** The model that comes with it, as a checkpoint of its own: its file, and where it was taken from. */
  readonly model: { readonly file: string; readonly title: string } | null;
  /** What it can be trained on. */
  readonly data: PackedData | null;
}

/** The file with the facts. */
export const FACTS = "site.json";

/** The file with the model. */
export const MODEL = "model.safetensors";

/** The folder with the WASM programs. */
export const WASM = "wasm/";

/** A part of the data of a page. */
export type PackedSplit = "train" | "test" | "examples";

/** The files of a split of the data. */
export const nameSplit = (split: PackedSplit) => ({
  images: `data/${split}-images.idx.gz`,
  labels: `data/${split}-labels.idx.gz`,
});

/** Describes the network that a page trains: the book's LeNet, with ReLU, which learns sooner than the sigmoid. */
export const describeLenet = (
  { classes, side, channels, mean, std }: PackedData,
): ModelConfig => ({
  name: "lenet",
  activation: "relu",
  dropout: 0,
  side,
  channels,
  classes: classes.length,
  classNames: classes,
  mean,
  std,
  resize: "stretch",
  orientation: "apply",
});
