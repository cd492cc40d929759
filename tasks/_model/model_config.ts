/** What a checkpoint says of its model and of the input the model was trained on. */
export interface ModelConfig {
  /** The builder in `models/`. */
  readonly name: "alexnet";
  /** Side of the square input, in pixels. */
  readonly side: number;
  readonly channels: number;
  readonly classes: number;
  readonly dropout: number;
  /** Subtracted from the samples, which are from 0 to 1. */
  readonly mean: number;
  /** Divides the samples after that. */
  readonly std: number;
}
