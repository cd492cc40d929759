import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import {
  build,
  type BuildOptions,
  CheckpointError,
  type Layer,
  type Network,
  type StoredTensor,
} from "../../models/mod.ts";
import { formatShape } from "../../models/types/_shape.ts";
import { matchParams } from "../../models/weights/_match_params.ts";
import { describeMismatch } from "../../models/weights/_stored_tensors.ts";
import { attempt, formatError, UsageError } from "../_cli/errors.ts";
import {
  describeKnown,
  explainShape,
  type ModelConfig,
  type NetworkConfig,
} from "./model_config.ts";
import { describeModelFile, hashCodeFile } from "./model_file.ts";
import { isCodeFile } from "./networks.ts";
import { averageViews, planUse } from "./views.ts";

/** Builds a network by its name or from its file; fails with a UsageError if there is none, or it doesn't fit the images. */
export const loadModel = (
  config: NetworkConfig,
  options?: BuildOptions,
): TE.TaskEither<Error, Network> =>
  pipe(
    loadLayer(config),
    TE.chainEitherKW((layer) => buildChecked(layer, config, config.side, options)),
  );

/** Builds the network with which a model is used: one that looks at several views of an image, if it is to. */
export const loadEvaluated = (model: ModelConfig): TE.TaskEither<Error, Network> =>
  pipe(
    loadLayer(model),
    TE.map((layer) => averageViews(layer, model)),
    TE.chainEitherKW((layer) => buildChecked(layer, model, planUse(model).side)),
  );

/** Loads the description of a network, by its name or from its file. */
const loadLayer = (config: NetworkConfig): TE.TaskEither<Error, Layer> =>
  attempt(async () => {
    const { name = "alexnet", classes, channels, side } = config;
    return isCodeFile(name)
      ? await describeModelFile(name, { classes, channels, side })
      : describeKnown(config);
  });

function buildChecked(
  layer: Layer,
  config: NetworkConfig,
  side: number,
  options?: BuildOptions,
): E.Either<Error, Network> {
  const { name = "alexnet", channels, classes } = config;
  const refuse = (reason: unknown) =>
    new UsageError(
      `Cannot use --model ${name} for images of ${side} x ${side} x ${channels}: ${
        formatError(reason)
      }`,
    );
  const needed = classes === 1 ? "1 number is" : `${classes} numbers are`;
  return pipe(
    E.tryCatch(() => build(layer, [side, side, channels], options), refuse),
    E.chainW(E.mapLeft(isCodeFile(name) ? refuse : explainShape(config))),
    E.filterOrElseW(
      ({ outputShape }) => outputShape.length === 1 && outputShape[0] === classes,
      ({ outputShape }) =>
        refuse(
          `it gives ${
            formatOutput(outputShape)
          } for an image, and ${needed} needed, one for each class: ` +
            "its function is given their number, as classes",
        ),
    ),
  );
}

/** Formats the shape of what a network gives, for people. */
const formatOutput = (shape: readonly number[]): string =>
  shape.length > 1 ? formatShape(shape) : shape[0] === 1 ? "1 number" : `${shape[0] ?? 1} numbers`;

/**
 * Checks that a network is the one whose parameters a run has saved, before anything else is opened; fails with what is another's.
 *
 * @param source The run, for the message.
 * @param given Whether the network was named on the command line.
 */
export const checkNetworkOf = (
  config: NetworkConfig,
  params: Readonly<Record<string, StoredTensor>>,
  { source, given }: { readonly source: string; readonly given: boolean },
): TE.TaskEither<Error, void> =>
  pipe(
    loadModel(config),
    TE.chainEitherKW((network) => matchParams(network, params)),
    TE.bimap(
      (error) => {
        if (!(error instanceof CheckpointError)) return error;
        const found = describeMismatch(error);
        return new UsageError(
          given
            ? `Cannot use --model ${config.name} with --resume ${source} as it is another network than the run's: ${found}`
            : `Cannot go on with ${source} as its model ${config.name} is another network than it was: ${found}; name the file to use with --model`,
        );
      },
      () => {},
    ),
  );

/**
 * Checks that the file that describes a checkpoint's network is as it was; fails if it isn't, as other code would compute something
 * else with the same numbers.
 *
 * @param source The checkpoint, for the message.
 */
export const checkModelFile = (
  { name, hash }: Pick<ModelConfig, "name" | "hash">,
  source: string,
): TE.TaskEither<Error, void> =>
  attempt(async () => {
    if (!isCodeFile(name) || hash === undefined) return;
    const file = await hashCodeFile(name, "--model");
    if (file.hash === hash) return;
    throw new UsageError(
      `Cannot go on with ${source} as its model file ${name} has changed since: ` +
        "name the file to use with --model",
    );
  });
