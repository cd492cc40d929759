/** What is to be done: images of 28 × 28 bytes, shuffled, in that size or another, as floats around zero, in batches. */
export interface Load {
  readonly side: number;
  readonly images: number;
}

/** One that does it. */
export interface Contestant {
  readonly name: string;
  /** What it is made of: versions, a backend. */
  readonly about: string;
  /** Loads once, from nothing to the last batch. Gives the seconds that it took. */
  readonly load: (load: Load) => Promise<number>;
  readonly close: () => Promise<void>;
}

/** The side of the images that are stored. */
export const STORED_SIDE = 28;
/** Images in a batch. */
export const BATCH_SIZE = 128;
/** What is subtracted from a sample from 0 to 1, and what the difference is divided by. */
export const MEAN = 0.5;
export const STD = 0.5;
