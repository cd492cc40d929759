import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { alexnet, build, type Network, type ShapeError } from "../../models/mod.ts";
import { UsageError } from "../_cli/errors.ts";
import { type NetworkName, networks } from "./networks.ts";

/** The entry of a checkpoint's metadata under which Rill keeps model and run as JSON. */
export const RUN_METADATA = "rill";

/** The model of a checkpoint, and the preprocessing of the images that it was trained on. */
export interface ModelConfig {
  /** The network. */
  readonly name: NetworkName;
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
  { name = "alexnet", side, channels, classes, dropout }:
    & Omit<ModelConfig, "name" | "mean" | "std">
    & Partial<Pick<ModelConfig, "name">>,
): E.Either<ShapeError, Network> =>
  build(
    name === "alexnet"
      ? alexnet({ classes, channels, dropout })
      : networks[name].describe({ channels, classes }),
    [side, side, channels],
  );

/** Builds the network for a side that a person chose; fails with how to choose it if that is too small. */
export const buildForSide = (
  model: Parameters<typeof buildModel>[0],
): E.Either<UsageError, Network> =>
  pipe(
    buildModel(model),
    E.mapLeft(({ layer, needed }) =>
      new UsageError(
        `Cannot use --side ${model.side} as ${networks[model.name ?? "alexnet"].title} takes ${
          findSmallestSide(model)
        } at least: its layer ${layer} needs ${needed}`,
      )
    ),
  );

/** The largest side that is tried. */
const MOST = 4096;

/** Finds the smallest side for which every layer keeps at least one pixel. */
export function findSmallestSide(model: Parameters<typeof buildModel>[0]): number {
  let side = 1;
  while (side < MOST && E.isLeft(buildModel({ ...model, side }))) side++;
  return side;
}

/** Checks a side on the command line, before anything is opened or read. */
export const checkSide = (side: number | undefined): E.Either<UsageError, unknown> =>
  side === undefined ? E.right(side) : buildForSide({ side, channels: 1, classes: 10, dropout: 0 });

/** Renames what older runs saved under another name: `std` was once called `deviation`. */
export function renameSaved<T extends { readonly std: number }>(
  saved: T | Omit<T, "std"> & { readonly deviation: number },
): T {
  if (!("deviation" in saved)) return saved;
  const { deviation, ...rest } = saved;
  return { ...rest, std: deviation } as unknown as T;
}
