import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { alexnet, build, type Checkpoint, CheckpointError } from "../../models/mod.ts";
import { UsageError } from "../_cli/errors.ts";
import { classes } from "../_data/fetch/fashion_mnist.ts";
import { type ModelConfig, renameSaved, RUN_METADATA } from "../_model/model_config.ts";

/** The flags that describe a model. */
interface Given {
  readonly side?: number | undefined;
  readonly mean?: number | undefined;
  readonly std?: number | undefined;
}

const CHAPTER_SIDE = 224;

/**
 * Finds out the configuration of a checkpoint's model: from its metadata, else from the command line and the tensors' shapes;
 * fails if neither tells, or if the command line contradicts the metadata.
 */
export function resolveModel(
  { metadata, tensors }: Checkpoint,
  given: Given,
  path: string,
): E.Either<CheckpointError | UsageError, ModelConfig> {
  const text = metadata[RUN_METADATA];
  if (text === undefined) return inferModel(tensors, given, path);
  return pipe(parseModel(text, path), E.chainW((model) => checkGiven(model, given, path)));
}

const parseModel = (text: string, path: string): E.Either<CheckpointError, ModelConfig> =>
  pipe(
    E.tryCatch(() => JSON.parse(text).model, E.toError),
    E.filterOrElseW((model) => model?.name === "alexnet", () => "it names another"),
    E.bimap(
      () => new CheckpointError(`Cannot evaluate ${path} as its metadata describes no known model`),
      renameSaved<ModelConfig>,
    ),
  );

function checkGiven(
  model: ModelConfig,
  given: Given,
  path: string,
): E.Either<UsageError, ModelConfig> {
  const clash = (["side", "mean", "std"] as const).find((key) =>
    given[key] !== undefined && given[key] !== model[key]
  );
  if (clash === undefined) return E.right(model);
  return E.left(
    new UsageError(
      `Cannot use --${clash} ${given[clash]} as ${path} was trained with ${
        model[clash]
      }, by its metadata`,
    ),
  );
}

function inferModel(
  tensors: Checkpoint["tensors"],
  { side, mean = 0, std = 1 }: Given,
  path: string,
): E.Either<CheckpointError, ModelConfig> {
  // A tensor that is missing or has too few dimensions is named when the parameters are loaded.
  const channels = tensors["conv.0.weight"]?.shape[1] ?? 1;
  const outputs = tensors["fc.6.weight"]?.shape[0] ?? classes.length;
  if (channels !== 1 || outputs !== classes.length) {
    return E.left(
      new CheckpointError(
        `Cannot evaluate ${path} on Fashion-MNIST as it takes ${channels} channels and tells ` +
          `${outputs} classes apart: the data set has 1 and ${classes.length}`,
      ),
    );
  }
  const model = {
    name: "alexnet",
    channels,
    classes: outputs,
    dropout: 0.5,
    mean,
    std,
  } as const;
  if (side !== undefined) return E.right({ ...model, side });
  const sides = findSides(model, tensors["fc.0.weight"]?.shape[1]);
  if (sides.length === 0 || sides.includes(CHAPTER_SIDE)) {
    return E.right({ ...model, side: CHAPTER_SIDE });
  }
  return E.left(
    new CheckpointError(
      `Cannot evaluate ${path} as it doesn't say the side of its images: its tensors fit ` +
        `${sides[0]} to ${sides.at(-1)}; name it with --side`,
    ),
  );
}

/** Finds the sides, up to twice the chapter's, for which the first linear layer gets so many features. */
function findSides(model: Omit<ModelConfig, "side">, features: number | undefined): number[] {
  const sides = Array.from({ length: 2 * CHAPTER_SIDE }, (_, i) => i + 1);
  return sides.filter((side) =>
    pipe(
      build(alexnet(model), [side, side, model.channels]),
      E.exists(({ parameters }) =>
        parameters.some(({ name, shape }) => name === "fc.0.weight" && shape[1] === features)
      ),
    )
  );
}
