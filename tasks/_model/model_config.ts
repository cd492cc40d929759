import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import {
  build,
  type BuildOptions,
  type Layer,
  type Network,
  type ShapeError,
} from "../../models/mod.ts";
import { UsageError } from "../_cli/errors.ts";
import { suggestWord } from "../_cli/suggest_word.ts";
import { classes as fashionMnistClasses } from "../_data/fetch/fashion_mnist.ts";
import type { Preprocessing } from "../_data/prepare/preprocessing.ts";
import { findNetwork, isCodeFile, type NetworkChoices, networkNames } from "./networks.ts";

/** The entry of a checkpoint's metadata under which Rill keeps model and run as JSON. */
export const RUN_METADATA = "rill";

/** The version of what runs write. Newer ones are refused by it. Since the third a run knows what computed it. */
export const RUN_VERSION = 3;

/** The model of a checkpoint, and the preprocessing of the images that it was trained on. */
export interface ModelConfig extends Preprocessing, NetworkChoices {
  /** The network: its name, or the path of the file that describes it. */
  readonly name: string;
  /** SHA-256 of that file, in hexadecimal. */
  readonly hash?: string;
  /** The number of classes. */
  readonly classes: number;
  /** Their names; files from before the first release have none. */
  readonly classNames?: readonly string[];
  /** What is averaged over in use: the image alone, with its mirror image, or ten crops of it. One by default. */
  readonly views?: "one" | "flip" | "ten-crop";
}

/** What a network is built from. */
export interface NetworkConfig extends NetworkChoices {
  /** The network: `alexnet` by default. */
  readonly name?: string | undefined;
  readonly side: number;
  readonly channels: number;
  readonly classes: number;
}

/** Gets a network's name for people: its title, or the file's path. */
export const getTitle = (name: string): string => findNetwork(name)?.title ?? name;

/** Describes a network that tasks know. Throws a UsageError for another name. */
export function describeKnown({ name = "alexnet", ...request }: NetworkConfig): Layer {
  const known = findNetwork(name);
  if (known) return known.describe(request);
  throw createUnknownModelError(name);
}

/** Makes the error of a network that tasks don't know by this name. */
export function createUnknownModelError(name: string): UsageError {
  const suggestion = suggestWord(name, networkNames);
  return new UsageError(
    `Cannot use --model ${name}${suggestion ? ` (did you mean ${suggestion}?)` : ""}: ` +
      `it must be one of ${networkNames.join(", ")}, or a file .ts`,
  );
}

/** Builds a network that tasks know; fails if its layers don't fit the side. */
export const buildModel = (
  config: NetworkConfig,
  options?: BuildOptions,
): E.Either<ShapeError, Network> => {
  const { side, channels } = config;
  return build(describeKnown(config), [side, side, channels], options);
};

/** Explains why a network can't be built for a side that a person chose. */
export const explainShape =
  (config: NetworkConfig) => ({ layer, needed, message }: ShapeError): UsageError => {
    const { name = "alexnet", side } = config;
    const least = isCodeFile(name) ? undefined : findSmallestSide(config);
    return new UsageError(
      least !== undefined && least > side
        ? `Cannot use --side ${side} as ${getTitle(name)} takes ${least} at least: ` +
          `its layer ${layer} needs ${needed}`
        : `Cannot use --model ${name} for images of ${side} x ${side} x ${config.channels}: ${message}`,
    );
  };

/** Builds a network that tasks know for a side that a person chose; fails with how to choose it if that is too small. */
export const buildForSide = (
  config: NetworkConfig,
  options?: BuildOptions,
): E.Either<UsageError, Network> =>
  pipe(buildModel(config, options), E.mapLeft(explainShape(config)));

/** The largest side that is tried. */
const MOST = 4096;

/** Finds the smallest side for which every layer keeps at least one pixel. */
export function findSmallestSide(config: NetworkConfig): number {
  let side = 1;
  while (side < MOST && E.isLeft(buildModel({ ...config, side }))) side++;
  return side;
}

/** A model as it was saved: older runs called the standard deviation otherwise, and left out what there was no choice of. */
export type SavedModel = Partial<ModelConfig> & { readonly deviation?: number };

/** Adds to a saved model what older runs left out. */
export function completeModel({ deviation, ...saved }: SavedModel): ModelConfig {
  const { classes = fashionMnistClasses.length } = saved;
  const classNames = classes === fashionMnistClasses.length
    ? { classNames: fashionMnistClasses }
    : {};
  return {
    name: "alexnet",
    side: 224,
    channels: 1,
    classes,
    ...classNames,
    mean: 0,
    std: deviation ?? 1,
    resize: "stretch",
    orientation: "apply",
    ...saved,
  };
}
