import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { build, type BuildOptions, type Layer, type Network, ShapeError } from "../../models/mod.ts";
import { attempt, formatError, UsageError } from "../_cli/errors.ts";
import type { Preprocessing } from "../_data/preprocessing.ts";
import { describeModelFile, hashCodeFile, isCodeFile } from "./model_file.ts";
import { findNetwork, type NetworkChoices, networkNames } from "./networks.ts";

/** The entry of a checkpoint's metadata under which Rill keeps model and run as JSON. */
export const RUN_METADATA = "rill";

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
export type NetworkConfig =
  & Pick<ModelConfig, "side" | "channels" | "classes">
  & NetworkChoices
  & { readonly name?: string | undefined };

/** Gets a network's name for people: its title, or the file's path. */
export const getTitle = (name: string): string => findNetwork(name)?.title ?? name;

/** Describes a network that tasks know. Throws a UsageError for another name. */
function describeKnown({ name = "alexnet", ...request }: NetworkConfig): Layer {
  const known = findNetwork(name);
  if (known) return known.describe(request);
  throw new UsageError(
    `Cannot use --model ${name}: it must be one of ${networkNames.join(", ")}, or a file .ts`,
  );
}

const buildLayer = (
  layer: Layer,
  { side, channels }: NetworkConfig,
  options: BuildOptions = {},
): E.Either<ShapeError, Network> => build(layer, [side, side, channels], options);

/** Builds a network that tasks know; fails if its layers don't fit the side. */
export const buildModel = (
  config: NetworkConfig,
  options?: BuildOptions,
): E.Either<ShapeError, Network> => buildLayer(describeKnown(config), config, options);

/** Explains why a network can't be built for a side that a person chose. */
const explainShape =
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

/** Builds a network by its name or from its file; fails with a UsageError if there is none, or it doesn't fit the images. */
export const loadModel = (
  config: NetworkConfig,
  options?: BuildOptions,
): TE.TaskEither<Error, Network> => {
  const { name = "alexnet", classes, channels, side } = config;
  if (!isCodeFile(name)) {
    return pipe(
      attempt(async () => await Promise.resolve(describeKnown(config))),
      TE.chainEitherKW((layer) => buildLayer(layer, config, options)),
      TE.mapLeft((error) => error instanceof ShapeError ? explainShape(config)(error) : error),
    );
  }
  return pipe(
    attempt(() => describeModelFile(name, { classes, channels, side })),
    TE.chainEitherKW((layer) =>
      pipe(
        E.tryCatch(() => buildLayer(layer, config, options), E.toError),
        E.flattenW,
        E.filterOrElseW(
          ({ outputShape }) => outputShape.length === 1 && outputShape[0] === classes,
          ({ outputShape }) =>
            new Error(`it gives [${outputShape}] for an image where ${classes} classes need [${classes}]`),
        ),
        E.mapLeft((error) =>
          new UsageError(
            `Cannot use --model ${name} for images of ${side} x ${side} x ${channels}: ${formatError(error)}`,
          )
        ),
      )
    ),
  );
};

/**
 * Checks that the file that describes a checkpoint's network is as it was; fails if it isn't, as other code would compute something
 * else with the same numbers.
 *
 * @param source The checkpoint, for the message.
 */
export const checkModelFile = (
  { name, hash }: Pick<ModelConfig, "name" | "hash">,
  source: string,
): TE.TaskEither<Error, void> => {
  if (!isCodeFile(name) || hash === undefined) return TE.right(undefined);
  return pipe(
    attempt(() => hashCodeFile(name, "--model")),
    TE.filterOrElseW(
      (file) => file.hash === hash,
      () =>
        new UsageError(
          `Cannot go on with ${source} as its model file ${name} has changed since: ` +
            "name the file to use with --model",
        ),
    ),
    TE.map(() => undefined),
  );
};

/** The largest side that is tried. */
const MOST = 4096;

/** Finds the smallest side for which every layer keeps at least one pixel. */
export function findSmallestSide(config: NetworkConfig): number {
  let side = 1;
  while (side < MOST && E.isLeft(buildModel({ ...config, side }))) side++;
  return side;
}

/** Renames what older runs saved under another name, and adds what they left out. */
export function renameSaved<T extends { readonly std: unknown }>(
  saved: T | Omit<T, "std"> & { readonly deviation: number },
): T {
  const { deviation, ...rest } = saved as { readonly deviation?: number };
  return {
    resize: "stretch",
    orientation: "apply",
    ...rest,
    ...deviation !== undefined && { std: deviation },
  } as unknown as T;
}
