import type { NamedSpec } from "../layers/variable_spec.ts";
import * as ops from "../ops/_ops.ts";
import { type Either, left, right } from "../types/either.ts";
import { listFirst } from "../types/_names.ts";
import { countElements, formatShape, isSameShape } from "../types/_shape.ts";
import { disposeTensors } from "../types/_tensors.ts";
import type { Params, Tensor } from "../types/tensor.ts";
import { clip } from "./_header_json.ts";
import { invert, permute, reorder } from "./_permute.ts";
import type { StoredTensor } from "./checkpoint.ts";
import { CheckpointError, type CheckpointErrorFacts } from "./checkpoint_error.ts";

/** Copies the numbers of one parameter, or of a running value of one, from the layout in memory to its layout at rest. */
export function toStored(
  spec: Pick<NamedSpec, "shape" | "order">,
  data: Float32Array<ArrayBuffer>,
): StoredTensor {
  return {
    shape: [...spec.shape],
    data: permute(data, reorder(spec.shape, spec.order), invert(spec.order)),
  };
}

/** Copies one parameter, or a running value of one, from its layout at rest to the backend. */
export function importTensor(spec: NamedSpec, stored: StoredTensor): Tensor {
  return ops.moveToTensor(
    permute(stored.data, spec.shape, spec.order),
    reorder(spec.shape, spec.order),
  );
}

/** A stored tensor and the parameter that it is for. */
export interface Match {
  readonly name: string;
  readonly spec: NamedSpec;
  readonly stored: StoredTensor;
}

/** What of stored tensors fits, and what doesn't. */
export interface Comparison extends Required<CheckpointErrorFacts> {
  /** The tensors that fit. */
  readonly matches: readonly Match[];
}

/** Compares stored tensors with the parameters that they are for, which begin with a prefix each. */
export function compareTensors(
  specs: readonly NamedSpec[],
  stored: Readonly<Record<string, StoredTensor>>,
  prefixes: readonly string[] = [""],
): Comparison {
  const matches: Match[] = [];
  const missing: string[] = [];
  const misshaped: Misshaped[] = [];
  const names = new Set<string>();
  for (const prefix of prefixes) {
    for (const spec of specs) {
      const name = prefix + spec.name;
      names.add(name);
      const tensor = Object.hasOwn(stored, name) ? stored[name] : undefined;
      if (!tensor) {
        missing.push(name);
        continue;
      }
      if (!(tensor.data instanceof Float32Array && Array.isArray(tensor.shape))) {
        throw new TypeError(`Cannot load ${name}: it must be a shape, and data in a Float32Array`);
      }
      const found = findMisshaped(name, spec.shape, tensor);
      if (found.length === 0) matches.push({ name, spec, stored: tensor });
      misshaped.push(...found);
    }
  }
  const extra = Object.keys(stored).filter((name) => !names.has(name));
  return { matches, missing, extra, misshaped };
}

/**
 * Matches stored tensors with the parameters that they are for. Otherwise gives an error with all that doesn't fit: every name
 * that is missing, that nothing wants, or whose shape is another.
 */
export function matchTensors(
  subject: string,
  specs: readonly NamedSpec[],
  stored: Readonly<Record<string, StoredTensor>>,
  prefixes?: readonly string[],
): Either<CheckpointError, readonly Match[]> {
  const { matches, ...facts } = compareTensors(specs, stored, prefixes);
  const { missing, extra, misshaped } = facts;
  return missing.length + extra.length + misshaped.length === 0
    ? right(matches)
    : left(createMismatchError(subject, facts));
}

/** Finds the error of a tensor that belongs to no parameter, if it has another shape than it should. */
export function findShapeError(
  subject: string,
  name: string,
  expected: readonly number[],
  stored: StoredTensor,
): CheckpointError | undefined {
  const misshaped = findMisshaped(name, expected, stored);
  return misshaped.length > 0 ? createMismatchError(subject, { misshaped }) : undefined;
}

type Misshaped = NonNullable<CheckpointErrorFacts["misshaped"]>[number];

/** Lists a tensor if it has another shape than it should. */
function findMisshaped(
  name: string,
  expected: readonly number[],
  stored: StoredTensor,
): Misshaped[] {
  const actual = shapeOf(stored);
  return isSameShape(expected, actual) ? [] : [{ name, expected: [...expected], actual }];
}

/** Gives the shape that a tensor says it has, unless it holds another number of elements: then that number. */
function shapeOf({ shape, data }: StoredTensor): number[] {
  return countElements(shape) === data.length ? [...shape] : [data.length];
}

/** Makes the error that names all that doesn't fit. */
export const createMismatchError = (
  subject: string,
  facts: CheckpointErrorFacts,
  found = "the tensors don't fit the model",
): CheckpointError =>
  new CheckpointError(`Cannot load the ${subject} as ${found}: ${describeMismatch(facts)}`, facts);

/** Describes in words all that doesn't fit. */
export function describeMismatch(facts: CheckpointErrorFacts): string {
  const { missing = [], extra = [], misshaped = [] } = facts;
  const shapes = misshaped.map(({ name, expected, actual }) =>
    `${name} (${formatShape(actual)} instead of ${formatShape(expected)})`
  );
  const parts = [
    missing.length ? `missing ${listNames(missing)}` : "",
    extra.length ? `not of this model ${listNames(extra)}` : "",
    shapes.length ? `of another shape ${listNames(shapes)}` : "",
    extra.length && extra.every((name) => name.startsWith("module."))
      ? "names begin with module. in a file of DataParallel: save model.module.state_dict()"
      : "",
  ];
  return parts.filter(Boolean).join("; ");
}

/** Lists names of files for a message; the error has all. */
export const listNames = (names: readonly string[]): string => listFirst(names.map(clip));

/** Copies all tensors to the backend. If one cannot be, those before it are released. */
export function importTensors(matches: readonly Match[]): Params {
  const made: Record<string, Tensor> = {};
  try {
    for (const { name, spec, stored } of matches) made[name] = importTensor(spec, stored);
  } catch (error) {
    disposeTensors(made);
    throw error;
  }
  return made;
}
