import { alexnet, build, type Network } from "../../models/mod.ts";

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

/** The entry of a checkpoint's metadata under which Rill keeps, as JSON, what it knows of model and run. */
export const RUN_METADATA = "rill";

/**
 * Builds the network that a configuration describes.
 *
 * @throws {ShapeError} When its layers don't fit the side.
 */
export function buildModel(
  { side, channels, classes, dropout }: Omit<ModelConfig, "name" | "mean" | "std">,
): Network {
  const built = build(alexnet({ classes, channels, dropout }), [side, side, channels]);
  if (built._tag === "Left") throw built.left;
  return built.right;
}
