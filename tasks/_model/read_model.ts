import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { CheckpointError } from "../../models/mod.ts";
import { completeModel, type ModelConfig, RUN_VERSION, type SavedModel } from "./model_config.ts";
import { findNetwork, isCodeFile } from "./networks.ts";

/** A test of a field, and what it must be in words. */
type Rule = readonly [isGood: (value: unknown, model: ModelConfig) => boolean, needed: string];

/** The most that a side or a number of classes may be: far beyond any use, and few enough to compute with. */
const MOST = 1e6;

const isCount = (value: unknown): boolean =>
  Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= MOST;

const isText = (value: unknown): boolean => typeof value === "string";

const isOneOf = (...values: readonly unknown[]): Rule => [
  (value) => values.includes(value),
  values.filter((value) => value !== undefined).join(" or "),
];

/** A number, or one for each channel. */
const areNumbers = (isGood: (number: number) => boolean, needed: string): Rule => [
  (value, { channels }) =>
    Array.isArray(value)
      ? value.length === channels && value.every((one) => Number.isFinite(one) && isGood(one))
      : Number.isFinite(value) && isGood(value as number),
  needed,
];

const RULES: Readonly<Record<keyof ModelConfig, Rule>> = {
  name: [isText, "a text"],
  hash: [(value) => value === undefined || isText(value), "a text"],
  side: [isCount, `an integer from 1 to ${MOST}`],
  channels: isOneOf(1, 3),
  classes: [isCount, `an integer from 1 to ${MOST}`],
  classNames: [
    (value, { classes }) =>
      value === undefined ||
      Array.isArray(value) && value.length === classes && value.every(isText),
    "a text for each class",
  ],
  mean: areNumbers(() => true, "numbers, one or one for each channel"),
  std: areNumbers((std) => std > 0, "numbers above 0, one or one for each channel"),
  resize: isOneOf("stretch", "crop"),
  shorterSide: [(value) => value === undefined || isCount(value), `an integer from 1 to ${MOST}`],
  orientation: isOneOf("apply", "ignore"),
  views: isOneOf(undefined, "one", "flip", "ten-crop"),
  dropout: [
    (value) => value === undefined || typeof value === "number" && value >= 0 && value < 1,
    "a number of at least 0 and below 1",
  ],
  activation: isOneOf(undefined, "relu", "sigmoid"),
};

/** Reads the model that a file's metadata describes, as JSON gave it; fails with what is wrong about it in words. */
export function readModel(saved: unknown): E.Either<string, ModelConfig> {
  if (typeof saved !== "object" || saved === null || Array.isArray(saved)) {
    return E.left("it describes no model");
  }
  const model = completeModel(saved as SavedModel);
  for (const [field, [isGood, needed]] of Object.entries(RULES)) {
    const value = model[field as keyof ModelConfig];
    if (isGood(value, model)) continue;
    const found = JSON.stringify(value) ?? "missing";
    const shown = found.length > 60 ? `${found.slice(0, 60)}…` : found;
    return E.left(`the ${field} of its model is ${shown}: it must be ${needed}`);
  }
  return E.right(model);
}

/**
 * Parses what a file's metadata says of its model; fails if it says nothing that is known here.
 *
 * @param path The file, for the message.
 */
export function parseModel(text: string, path: string): E.Either<CheckpointError, ModelConfig> {
  const refuse = (found: string) => new CheckpointError(`Cannot use ${path} as ${found}`);
  const unknown = () => refuse("its metadata describes no known model");
  return pipe(
    E.tryCatch(() => JSON.parse(text), unknown),
    E.filterOrElse(
      (run) => (run?.version ?? 1) <= RUN_VERSION,
      (run) => refuse(`it is of version ${run?.version}: this reads up to ${RUN_VERSION}`),
    ),
    E.filterOrElse(
      (run) => {
        const name = run?.model?.name;
        return typeof name === "string" && (isCodeFile(name) || findNetwork(name) !== undefined);
      },
      unknown,
    ),
    E.chain(({ model }) => pipe(readModel(model), E.mapLeft(refuse))),
  );
}
