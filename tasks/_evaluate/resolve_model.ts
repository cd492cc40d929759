import { UsageError } from "../_cli/errors.ts";
import { classes } from "../_data/fashion_mnist.ts";
import { type ModelConfig, RUN_METADATA } from "../_model/model_config.ts";
import { alexnet, build, type Checkpoint, CheckpointError } from "../../models/mod.ts";

/** What the command line says of a model. */
interface Given {
  readonly side?: number;
  readonly mean?: number;
  readonly std?: number;
}

const CHAPTER_SIDE = 224;

/**
 * The settings of a checkpoint's model: from its metadata, else from the command line and the tensors' shapes.
 *
 * @throws {CheckpointError} When neither tells.
 * @throws {UsageError} When the command line says otherwise than the metadata.
 */
export function resolveModel(
  { metadata, tensors }: Checkpoint,
  given: Given,
  path: string,
): ModelConfig {
  const text = metadata[RUN_METADATA];
  if (text === undefined) return modelOfShapes(tensors, given, path);
  const model = readModel(text, path);
  for (const key of ["side", "mean", "std"] as const) {
    if (given[key] !== undefined && given[key] !== model[key]) {
      throw new UsageError(
        `Cannot use --${key} ${given[key]} as ${path} was trained with ${
          model[key]
        }, which it says itself`,
      );
    }
  }
  return model;
}

function readModel(text: string, path: string): ModelConfig {
  try {
    const { model } = JSON.parse(text);
    if (model.name !== "alexnet") throw new Error("it names another");
    return model;
  } catch {
    throw new CheckpointError(`Cannot evaluate ${path} as its metadata describes no known model`);
  }
}

function modelOfShapes(
  tensors: Checkpoint["tensors"],
  { side, mean = 0, std = 1 }: Given,
  path: string,
): ModelConfig {
  // A tensor that is not there or has too few dimensions is named when the parameters are loaded.
  const channels = tensors["conv.0.weight"]?.shape[1] ?? 1;
  const outputs = tensors["fc.6.weight"]?.shape[0] ?? classes.length;
  if (channels !== 1 || outputs !== classes.length) {
    throw new CheckpointError(
      `Cannot evaluate ${path} on Fashion-MNIST as it takes ${channels} channels and tells ` +
        `${outputs} classes apart: the data set has 1 and ${classes.length}`,
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
  if (side !== undefined) return { ...model, side };
  const sides = sidesOf(model, tensors["fc.0.weight"]?.shape[1]);
  if (sides.length === 0 || sides.includes(CHAPTER_SIDE)) return { ...model, side: CHAPTER_SIDE };
  throw new CheckpointError(
    `Cannot evaluate ${path} as it doesn't say the side of its images: its tensors fit ` +
      `${sides[0]} to ${sides.at(-1)}; name it with --side`,
  );
}

/** The sides, up to twice the chapter's, for which the first linear layer gets so many features. */
function sidesOf(model: Omit<ModelConfig, "side">, features: number | undefined): number[] {
  const sides = Array.from({ length: 2 * CHAPTER_SIDE }, (_, i) => i + 1);
  return sides.filter((side) => {
    const built = build(alexnet(model), [side, side, model.channels]);
    return built._tag === "Right" &&
      built.right.parameters.some(({ name, shape }) =>
        name === "fc.0.weight" && shape[1] === features
      );
  });
}
