/** What is done to a stored image before a network sees it. A checkpoint holds it, so that whoever uses the network does the same. */
export interface Preprocessing {
  /** Side of the square input, in pixels. */
  readonly side: number;
  /** Channels of the input: 1 for grey, 3 for colour. */
  readonly channels: number;
  /** Subtracted from the samples, which are from 0 to 1; one number, or one for each channel. */
  readonly mean: number | readonly number[];
  /** Divides the samples after that. */
  readonly std: number | readonly number[];
  /** `stretch` to a square; or `crop`: the shorter side to 256 / 224 of `side`, then the square in the middle. */
  readonly resize: "stretch" | "crop";
  /** Whether the orientation that a camera wrote into a file is applied. */
  readonly orientation: "apply" | "ignore";
}
