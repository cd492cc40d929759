import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import type * as TE from "fp-ts/lib/TaskEither.js";
import {
  alexnet,
  build,
  type Checkpoint,
  CheckpointError,
  getOrThrow,
  type Network,
} from "../../models/mod.ts";
import { readFacts } from "../../models/training/checkpoints/_checkpoint_format.ts";
import { attempt, UsageError } from "../_cli/errors.ts";
import { type FlagValues, omitUndefined } from "../_cli/flags.ts";
import { toFlagName } from "../_cli/parse_flags.ts";
import { loadModel } from "../_model/load_model.ts";
import { createUnknownModelError, type ModelConfig, RUN_METADATA } from "../_model/model_config.ts";
import { hashCodeFile } from "../_model/model_file.ts";
import { findNetwork, isCodeFile } from "../_model/networks.ts";
import { parseModel } from "../_model/read_model.ts";
import type { modelFlags } from "./model_flags.ts";
import { readClassNames } from "./read_class_names.ts";

/** The flags that describe a model. */
type Given = FlagValues<typeof modelFlags>;

const CHAPTER_SIDE = 224;

/**
 * Finds out the configuration of a checkpoint's model: from its metadata, else from the command line and the tensors' shapes;
 * fails if neither tells, or if the command line contradicts the metadata.
 *
 * @param path The file, for messages.
 */
export const resolveModel = (
  { metadata, tensors }: Pick<Checkpoint, "metadata" | "tensors">,
  given: Given,
  path: string,
): TE.TaskEither<Error, ModelConfig> =>
  attempt(async () => {
    const text = metadata[RUN_METADATA];
    if (text === undefined) {
      return await nameClasses(await inferModel({ metadata, tensors }, given, path), given, path);
    }
    const checked = getOrThrow(checkGiven(getOrThrow(parseModel(text, path)), given, path));
    return await nameClasses(await takeModelFile(checked, given), given, path);
  });

const CHECKED = ["side", "channels", "mean", "std", "resize", "orientation"] as const;

/** Checks that the command line doesn't contradict the metadata. */
function checkGiven(
  model: ModelConfig,
  given: Given,
  path: string,
): E.Either<UsageError, ModelConfig> {
  const refuse = (key: keyof Given & keyof ModelConfig | "model", found: unknown) =>
    E.left(
      new UsageError(
        `Cannot use --${toFlagName(key)} ${
          given[key]
        } as ${path} was trained with ${found}, by its metadata`,
      ),
    );
  const clash = CHECKED.find((key) =>
    given[key] !== undefined && String(given[key]) !== String(model[key])
  );
  if (clash !== undefined) return refuse(clash, model[clash]);
  const isOther = given.model !== undefined && given.model !== model.name &&
    !(isCodeFile(given.model) && isCodeFile(model.name));
  return isOther ? refuse("model", model.name) : E.right(model);
}

/** Puts the model file that was named in the place of the one that the metadata names: it may have moved, or been changed. */
async function takeModelFile(model: ModelConfig, given: Given): Promise<ModelConfig> {
  if (given.model === undefined || !isCodeFile(given.model)) return model;
  const { hash } = await hashCodeFile(given.model, "--model");
  return { ...model, name: given.model, hash };
}

/** Adds the names that were given. */
async function nameClasses(
  model: ModelConfig,
  { classes }: Given,
  path: string,
): Promise<ModelConfig> {
  if (classes === undefined) return model;
  const classNames = await readClassNames(classes);
  if (classNames.length === model.classes) return { ...model, classNames };
  throw new UsageError(
    `Cannot use --classes ${classes} as ${path} tells ${model.classes} classes apart: ` +
      `there are ${classNames.length} names`,
  );
}

/** Finds out the model of a file whose metadata doesn't say it. */
async function inferModel(
  { metadata, tensors }: Pick<Checkpoint, "metadata" | "tensors">,
  given: Given,
  path: string,
): Promise<ModelConfig> {
  const { model: name = "alexnet", mean = 0, std = 1 } = given;
  const { resize = "stretch", orientation = "apply" } = given;
  const refuse = (found: string) => new CheckpointError(`Cannot use ${path} as ${found}`);
  const known = findNetwork(name);
  if (!known && !isCodeFile(name)) throw createUnknownModelError(name);
  const isAlexnet = name === "alexnet";
  const usual = given.side ?? (isAlexnet ? CHAPTER_SIDE : known?.side);
  if (usual === undefined) {
    throw refuse("it doesn't say the side of its images: name it with --side");
  }
  const guess = { channels: given.channels ?? known?.channels ?? 3, classes: known?.classes ?? 2 };
  const { parameters } = getOrThrow<Error, Network>(
    await loadModel({ name, side: usual, ...guess })(),
  );
  if (given.model === undefined && !holdsSome(parameters, tensors)) {
    throw refuse("it doesn't say its network: name it with --model");
  }
  // A tensor that is missing or has too few dimensions is named when the parameters are loaded.
  const first = parameters.find(({ shape }) => shape.length === 4)?.name ?? "";
  const last = parameters.at(-1)?.name ?? "";
  const channels = given.channels ?? tensors[first]?.shape[1] ?? guess.channels;
  const classes = tensors[last]?.shape[0] ?? guess.classes;
  if (channels !== 1 && channels !== 3) {
    throw refuse(`it takes ${channels} channels: images have 1 or 3`);
  }
  const side = isAlexnet && given.side === undefined
    ? getOrThrow(inferSide(tensors, { channels, classes }, path))
    : usual;
  const hash = isCodeFile(name) ? (await hashCodeFile(name, "--model")).hash : undefined;
  const classNames = readOwnClasses(metadata, classes);
  const model = { name, ...omitUndefined({ hash, classNames }), side, channels, classes } as const;
  return { ...model, mean, std, resize, orientation };
}

/** Reads the names of classes that a trainer of one's own saved as `classes` in its data, where it has one for each. */
function readOwnClasses(
  metadata: Checkpoint["metadata"],
  count: number,
): readonly string[] | undefined {
  const facts = readFacts(metadata, "");
  const data = E.isRight(facts) ? facts.right.data : undefined;
  const classes = (data as { readonly classes?: unknown } | null | undefined)?.classes;
  const isList = Array.isArray(classes) && classes.length === count &&
    classes.every((name) => typeof name === "string") && new Set(classes).size === count;
  return isList ? classes : undefined;
}

/** Tells whether one of the tensors is called as a parameter, or belongs to one in an optimizer's state; also where there are none. */
function holdsSome(
  parameters: Network["parameters"],
  tensors: Checkpoint["tensors"],
): boolean {
  const names = new Set(parameters.map(({ name }) => name));
  const stored = Object.keys(tensors);
  return stored.length === 0 || stored.some((name) => names.has(name.replace(/^\w+\//, "")));
}

/** Finds the side of the chapter's network: 224 if the tensors fit it. */
function inferSide(
  tensors: Checkpoint["tensors"],
  model: { readonly channels: number; readonly classes: number },
  path: string,
): E.Either<CheckpointError, number> {
  const sides = findSides(model, tensors["fc.0.weight"]?.shape[1]);
  if (sides.length === 0 || sides.includes(CHAPTER_SIDE)) return E.right(CHAPTER_SIDE);
  return E.left(
    new CheckpointError(
      `Cannot use ${path} as it doesn't say the side of its images: its tensors fit ` +
        `${sides[0]} to ${sides.at(-1)}; name it with --side`,
    ),
  );
}

/** Finds the sides, up to twice the chapter's, for which the first linear layer gets so many features. */
function findSides(
  { channels, classes }: { readonly channels: number; readonly classes: number },
  features: number | undefined,
): number[] {
  const sides = Array.from({ length: 2 * CHAPTER_SIDE }, (_, i) => i + 1);
  return sides.filter((side) =>
    pipe(
      build(alexnet({ channels, classes }), [side, side, channels]),
      E.exists(({ parameters }) =>
        parameters.some(({ name, shape }) => name === "fc.0.weight" && shape[1] === features)
      ),
    )
  );
}
