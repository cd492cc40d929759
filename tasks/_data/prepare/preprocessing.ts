import type { RandomRegionOptions } from "../../../pipelines/images/random/random_region.ts";

/** How stored records become the images that a network takes. It is in every checkpoint. */
export interface Preprocessing {
  /** Side of the square images, in pixels. */
  readonly side: number;
  readonly channels: 1 | 3;
  /** Mean of each channel, or of all of them, of samples from 0 to 1. */
  readonly mean: number | readonly number[];
  /** Standard deviation likewise. */
  readonly std: number | readonly number[];
  /**
   * - `"stretch"`: to `side` x `side`, whatever the proportions.
   * - `"crop"`: the shorter side to `side * 256 / 224`, rounded, and of that the middle `side` x `side`, as torchvision's models
   *   are evaluated.
   */
  readonly resize: "stretch" | "crop";
  /** The shorter side before the middle is taken, with `"crop"`; the rounded `side * 256 / 224` by default. */
  readonly shorterSide?: number | undefined;
  /** Whether pictures are turned as the orientation in their EXIF says. */
  readonly orientation: "apply" | "ignore";
}

/** Computes the shorter side of an image of which the middle, or another part, of so many pixels is taken: as torchvision's models do. */
export const computeShorterSide = (side: number): number => Math.round(side * 256 / 224);

/** What is drawn anew at each epoch: random flips, crops and the like. */
export interface Augmentation {
  /**
   * The address of the module whose default export makes the stage, of {@linkcode AugmentationParameters}. It is loaded in the
   * workers, since functions cannot be sent there.
   */
  readonly module: string;
  /** What the export is given besides; plain JSON. */
  readonly options?: Readonly<Record<string, unknown>>;
  readonly seed: number;
  readonly epoch: number;
  /**
   * What the stage is given: images of the final size (`"fitted"`, the default), pictures as they are stored (`"stored"`), or
   * pictures with a shorter side of so many pixels.
   */
  readonly input?: "fitted" | "stored" | number;
  /**
   * The part of each stored picture that the stage is given, drawn anew at each epoch: no more than that is decoded. It is the first
   * of what is drawn by the places of stages.
   */
  readonly region?: Pick<RandomRegionOptions, "scale" | "ratio">;
}

/** What the default export of an augmentation's module is given. */
export interface AugmentationParameters {
  readonly seed: number;
  readonly epoch: number;
  readonly side: number;
  readonly channels: 1 | 3;
  /** The augmentation's own options. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** What the stages of {@linkcode prepareStages} are made of; plain JSON. */
export interface PrepareParameters {
  readonly preprocessing: Pick<
    Preprocessing,
    "side" | "channels" | "resize" | "shorterSide" | "orientation"
  >;
  readonly augment?: Augmentation | undefined;
  /** Where it is to end before what a cache cannot keep: what an augmentation is given, `"fitted"` without one. */
  readonly forCache?: Augmentation["input"];
}
