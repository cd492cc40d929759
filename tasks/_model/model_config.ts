import type * as E from "fp-ts/lib/Either.js";
import { alexnet, build, type Network, type ShapeError } from "../../models/mod.ts";

/** The entry of a checkpoint's metadata under which Rill keeps model and run as JSON. */
export const RUN_METADATA = "rill";

/** The model of a checkpoint, and the preprocessing of the images that it was trained on. */
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

/** Builds the network that a configuration describes; fails if its layers don't fit the side. */
export const buildModel = (
  { side, channels, classes, dropout }: Omit<ModelConfig, "name" | "mean" | "std">,
): E.Either<ShapeError, Network> =>
  build(alexnet({ classes, channels, dropout }), [side, side, channels]);

/** Renames what older runs saved under another name: `std` was once called `deviation`. */
export function renameSaved<T extends { readonly std: number }>(
  saved: T | Omit<T, "std"> & { readonly deviation: number },
): T {
  if (!("deviation" in saved)) return saved;
  const { deviation, ...rest } = saved;
  return { ...rest, std: deviation } as unknown as T;
}
