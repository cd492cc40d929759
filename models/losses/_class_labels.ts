// What a batch says of its examples' classes, in one form for all the ways in which it can be said.
import { argMax } from "../ops/arg_max.ts";
import { add, multiply } from "../ops/arithmetic.ts";
import { equal, isNaN } from "../ops/comparisons.ts";
import { where } from "../ops/conditions.ts";
import { cast } from "../ops/creation.ts";
import { sum } from "../ops/reductions.ts";
import { reshape } from "../ops/shapes.ts";
import { toTensor } from "../ops/to_tensor.ts";
import { formatShape, isSameShape } from "../types/_shape.ts";
import type { Tensor } from "../types/tensor.ts";
import { readWeights, spreadWeights } from "./_example_weights.ts";
import type { ClassLabels, Mean } from "./loss.ts";

/** A class for each row of logits, and how much it counts there. */
export interface RowLabels {
  readonly labels: Int32Array;
  /** 0 where the label is to be ignored. */
  readonly shares: Float32Array;
}

/** The classes of the rows of logits `[rows, classes]`. */
export interface RowClasses {
  readonly rows: number;
  readonly classes: number;
  /** The labels of each row: one, or several where examples are mixed; none where there are probabilities. */
  readonly labels: readonly RowLabels[];
  /** The probability of each class in each row, and how much each row counts. */
  readonly soft?: { readonly probabilities: ArrayLike<number>; readonly shares: Float32Array };
}

type Field = ArrayLike<number> | {
  readonly data: ArrayLike<number>;
  readonly shape: readonly number[];
};

/** The fields of all sorts of labels, as they can be in a batch that isn't held to types. */
interface Fields {
  readonly labels?: Field;
  readonly mixedLabels?: Field;
  readonly shares?: Field;
  readonly weights?: ArrayLike<number>;
}

/** Reads the labels of a batch for logits of a shape. Throws a RangeError where they aren't for such logits. */
export function readClassLabels(
  batch: ClassLabels,
  shape: readonly number[],
  ignoredLabel?: number,
): RowClasses {
  // Each field is read: a step takes one that isn't for one that nobody knows.
  const { labels, mixedLabels, shares: parts, weights } = batch as Fields;
  const classes = shape.at(-1) ?? 0;
  const places = shape.slice(0, -1);
  const rows = places.reduce((a, b) => a * b, 1);
  const [size = 0] = shape;
  const takeShape = (field: Field | undefined) =>
    field && ("shape" in field ? field.shape : [field.length]);
  if (mixedLabels || parts) {
    if (labels) return refuse(mixedLabels ? "mixedLabels" : "shares", mixedLabels ?? parts);
    const shares = readWeights(weights, size);
    return { rows, classes, labels: readMixed(mixedLabels, parts, shares) };
  }
  const found = takeShape(labels);
  if (places.length === 0 || rows === 0 || !labels || !found) return refuse("labels", labels);
  if (isSameShape(found, shape)) {
    const probabilities = takeNumbers(labels);
    checkProbabilities(probabilities, classes);
    const shares = spreadWeights(readWeights(weights, size), rows, size);
    return { rows, classes, labels: [], soft: { probabilities, shares } };
  }
  const takeRows = (field: Field, name: string, shares: Float32Array): RowLabels =>
    isSameShape(takeShape(field)!, places) && takeNumbers(field).length === rows
      ? takeLabels(takeNumbers(field), classes, shares, ignoredLabel)
      : refuse(name, field);
  const shares = spreadWeights(readWeights(weights, size), rows, size);
  return { rows, classes, labels: [takeRows(labels, "labels", shares)] };

  /** Reads the labels of blends, those of one part after those of another. */
  function readMixed(
    mixed: Field | undefined,
    parts: Field | undefined,
    weights: Float32Array,
  ): RowLabels[] {
    const [, count = 0] = takeShape(mixed) ?? [];
    for (const [name, field] of Object.entries({ mixedLabels: mixed, shares: parts })) {
      const isPairs = field && "shape" in field && isSameShape(field.shape, [size, count]);
      if (!isPairs || field.data.length !== size * count || places.length !== 1 || count === 0) {
        return refuse(name, field);
      }
    }
    const [labels, shares] = [takeNumbers(mixed!), takeNumbers(parts!)];
    checkShares(shares, size, count);
    return Array.from({ length: count }, (_, part) => {
      const take = (numbers: ArrayLike<number>) =>
        weights.map((_, i) => numbers[i * count + part]!);
      const own = take(shares).map((share, i) => share * weights[i]!);
      return takeLabels(take(labels), classes, own, ignoredLabel);
    });
  }

  function refuse(name: string, field: Field | undefined): never {
    const found = field && "shape" in field
      ? `${name} of ${formatShape(field.shape)}`
      : `${field?.length ?? "no"} ${name}`;
    throw new RangeError(
      `Cannot compare logits of ${formatShape(shape)} with ${found}: ` +
        "it takes [n, classes] and n labels, at least one, or probabilities of that shape, " +
        "or mixedLabels and shares of [n, parts]",
    );
  }
}

function takeNumbers(field: Field): ArrayLike<number> {
  return "shape" in field ? field.data : field;
}

/** Takes labels that are indices of classes, and gives ignored ones the share 0. */
function takeLabels(
  labels: ArrayLike<number>,
  classes: number,
  shares: Float32Array,
  ignoredLabel: number | undefined,
): RowLabels {
  const taken = new Int32Array(labels.length);
  const counting = shares.slice();
  for (let i = 0; i < taken.length; i++) {
    const label = labels[i]!;
    if (label === ignoredLabel) {
      counting[i] = 0;
    } else {
      checkLabel(label, i, classes);
      taken[i] = label;
    }
  }
  return { labels: taken, shares: counting };
}

/** Throws a RangeError unless every label is the index of a class: backends take others for no class at all. */
export function checkLabels(labels: ArrayLike<number>, classes: number): void {
  for (let i = 0; i < labels.length; i++) checkLabel(labels[i]!, i, classes);
}

function checkLabel(label: number, i: number, classes: number): void {
  // Whoever isn't held to types may give other numbers than integers, which would be rounded to some class.
  if (Number.isInteger(label) && label >= 0 && label < classes) return;
  throw new RangeError(
    `Cannot take label ${label} of example ${i} for a class: there are ${classes}, from 0`,
  );
}

/** Throws a RangeError unless each is a number from 0 that can be the weight of a class. */
export function checkClassWeights(weights: ArrayLike<number>): void {
  const at = Array.from(weights).findIndex((weight) => !(weight >= 0 && weight < Infinity));
  if (at < 0) return;
  throw new RangeError(`Cannot weigh class ${at} with ${weights[at]}: it must be a number from 0`);
}

/** Throws a RangeError unless there are as many weights as classes. */
export function checkWeightForEach(weights: ArrayLike<number>, classes: number): void {
  if (weights.length === classes) return;
  throw new RangeError(
    `Cannot weigh ${classes} classes with ${weights.length} classWeights: it takes one for each`,
  );
}

function checkShares(shares: ArrayLike<number>, size: number, count: number): void {
  for (let i = 0; i < size; i++) {
    const own = Array.from({ length: count }, (_, part) => shares[i * count + part]!);
    const total = own.reduce((a, b) => a + b);
    if (own.every((share) => share >= 0 && share <= 1) && Math.abs(total - 1) < 1e-3) continue;
    throw new RangeError(
      `Cannot mix the labels of example ${i} in shares of ${own.join(" and ")}: ` +
        "they must be numbers from 0 that add up to 1",
    );
  }
}

function checkProbabilities(probabilities: ArrayLike<number>, classes: number): void {
  for (let i = 0; i < probabilities.length; i++) {
    if (probabilities[i]! >= 0 && probabilities[i]! < Infinity) continue;
    throw new RangeError(
      `Cannot take ${probabilities[i]} for the probability of class ${i % classes} of example ${
        Math.floor(i / classes)
      }: it must be a number from 0`,
    );
  }
}

/**
 * Measures how often the largest logit is at the class: of the first where several are largest. Where examples are mixed or
 * labels soft, a prediction is right by the share of its class.
 */
export function measureAccuracy(output: Tensor, { rows, classes, labels, soft }: RowClasses): Mean {
  const logits = reshape(output, [rows, classes]);
  // Without NaN, which backends differ about.
  const predictions = argMax(where(isNaN(logits), Infinity, logits));
  if (soft) {
    const { probabilities, shares } = soft;
    const counting = Float32Array.from(
      probabilities,
      (p, i) => p * shares[Math.floor(i / classes)]!,
    );
    const isPredicted = equal(
      reshape(predictions, [rows, 1]),
      toTensor(Int32Array.from({ length: classes }, (_, c) => c), [classes]),
    );
    const right = multiply(cast(isPredicted, "float32"), toTensor(counting, [rows, classes]));
    return { sum: sum(right), weight: addUp(shares) };
  }
  return joinMeans(labels.map(({ labels, shares }) => {
    const right = cast(equal(predictions, toTensor(labels, [rows])), "float32");
    return weighRows(right, shares);
  }));
}

/** Makes a mean of one number for each row. */
export function weighRows(x: Tensor, shares: Float32Array): Mean {
  const isPlain = shares.every((share) => share === 1);
  return {
    sum: sum(isPlain ? x : multiply(x, toTensor(shares, x.shape))),
    weight: isPlain ? shares.length : addUp(shares),
  };
}

/** Joins means whose weights are numbers. */
export function joinMeans(means: readonly Mean[]): Mean {
  return means.reduce((a, b) => ({
    sum: add(a.sum, b.sum),
    weight: (a.weight as number) + (b.weight as number),
  }));
}

/** Adds up numbers in double precision. */
export function addUp(numbers: Float32Array): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}
