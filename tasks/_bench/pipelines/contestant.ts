/** The work of a run: images of 28 × 28 bytes, shuffled, in that size or another, as floats around zero, in batches. */
export interface Load {
  readonly side: number;
  readonly images: number;
}

/** A loader that does it. */
export interface Contestant {
  readonly name: string;
  /** Its versions or its backend. */
  readonly about: string;
  /** Loads once, from nothing to the last batch, and gives the seconds that it took. */
  readonly load: (load: Load) => Promise<number>;
  readonly close: () => Promise<void>;
}

/** The side of the images that are stored. */
export const STORED_SIDE = 28;
/** Images in a batch. */
export const BATCH_SIZE = 128;
/** Mean and standard deviation by which samples from 0 to 1 are normalized. */
export const MEAN = 0.5;
export const STD = 0.5;
