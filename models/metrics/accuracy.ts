/**
 * Accuracies: how often predictions are right.
 *
 * @module
 */

import { equal, greater, isNaN, less, lessEqual } from "../ops/comparisons.ts";
import { logicalAnd, logicalNot, logicalOr, where } from "../ops/conditions.ts";
import { cast } from "../ops/creation.ts";
import { sum } from "../ops/reductions.ts";
import { reshape } from "../ops/shapes.ts";
import { toTensor } from "../ops/to_tensor.ts";
import type { Tensor } from "../types/tensor.ts";
import { markByExample } from "../losses/_fused_loss.ts";
import {
  checkClassWeights,
  checkWeightForEach,
  joinMeans,
  measureAccuracy,
  readClassLabels,
  type RowClasses,
  weighRows,
} from "../losses/_class_labels.ts";
import { meanOfOutputs, readTargets } from "../losses/_targets.ts";
import type {
  ClassLabels,
  LabelMaps,
  Labels,
  Metric,
  MixedLabels,
  Targets,
} from "../losses/loss.ts";

export type { Tensor } from "../types/tensor.ts";
export type {
  ClassLabels,
  LabelMaps,
  Labels,
  Mean,
  Metric,
  MixedLabels,
  SoftLabels,
  TargetNumbers,
  Targets,
} from "../losses/loss.ts";

/** The options of accuracies. */
export interface AccuracyOptions {
  /**
   * A label that says nothing: what has it isn't counted.
   *
   * @default {none}
   */
  readonly ignoredLabel?: number;
  /**
   * How much each class counts, a number from 0. If that is one over the number of its examples, what comes out is the balanced
   * accuracy, the mean of the classes' recalls. Not for labels that are probabilities.
   *
   * @default {1 for each}
   */
  readonly classWeights?: ArrayLike<number>;
}

/**
 * Describes the accuracy: how often the largest of `[n, classes]` logits or probabilities is the label's, from 0 to 1. The
 * first counts where several are largest, and NaN is as large as Infinity. A prediction for labels that are mixed or soft is
 * right by the share of its class.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { accuracy, openBackend, toTensor } from "@rill/rill/models";
 *
 * await using _backend = await openBackend("wasm");
 * const logits = toTensor(Float32Array.of(1, 3, 2, 0), [2, 2]);
 * const { sum, weight } = accuracy()(logits, { labels: Int32Array.of(1, 1), size: 2 });
 * assertEquals([[...await sum.data()], weight], [[1], 2]);
 * ```
 *
 * @example The mean of the classes' recalls
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { accuracy, openBackend, toTensor } from "@rill/rill/models";
 *
 * await using _backend = await openBackend("wasm");
 * // Three of class 0 are right, one of class 1 is wrong.
 * const logits = toTensor(Float32Array.of(3, 1, 2, 0, 1, 0, 2, 0), [4, 2]);
 * const balanced = accuracy({ classWeights: [1 / 3, 1] });
 * const { sum, weight } = balanced(logits, { labels: Int32Array.of(0, 0, 0, 1), size: 4 });
 * assertAlmostEquals((await sum.data())[0]! / Number(weight), 1 / 2, 1e-6);
 * ```
 *
 * @param options A label to ignore, and how much each class counts.
 * @returns The metric. It throws a `RangeError` for labels that aren't for such outputs, and where there are not as many classes
 * as weights.
 * @throws {RangeError} If a weight is not a number from 0.
 */
export function accuracy(options: AccuracyOptions = {}): Metric<ClassLabels> {
  const { ignoredLabel, classWeights } = options;
  if (!classWeights) {
    return markByExample((output: Tensor, batch: ClassLabels) =>
      measureAccuracy(output, readClassLabels(batch, output.shape, ignoredLabel))
    );
  }
  checkClassWeights(classWeights);
  return markByExample((output: Tensor, batch: ClassLabels) => {
    const read = readHardLabels(batch, output, options, "a weighted accuracy");
    return measureAccuracy(output, read);
  });
}

/**
 * Describes the top-k accuracy: how often the label's is among the k largest logits, from 0 to 1. Of equal ones the first are
 * taken, and NaN for as large as Infinity.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import * as rill from "@rill/rill/models";
 *
 * await using _backend = await rill.openBackend("wasm");
 * const network = rill.getOrThrow(rill.build(rill.relu(), [3]));
 * const evaluate = rill.evalStep(network, {
 *   loss: rill.crossEntropy(),
 *   metrics: { top2: rill.topKAccuracy(2) },
 * });
 * const images = { data: Float32Array.of(1, 2, 3, 1, 2, 3), shape: [2, 3] };
 * const batch = { images, labels: Int32Array.of(1, 0), size: 2 };
 * const { means } = await evaluate(network.init(rill.randomKey(0)), batch);
 * assertEquals(means.top2, { sum: 1, weight: 2 });
 * ```
 *
 * @param k How many classes are tried, a positive integer.
 * @param options A label to ignore, and how much each class counts.
 * @returns The metric. It throws a `RangeError` for labels that aren't for such outputs, and for soft ones.
 * @throws {RangeError} If `k` is not a positive integer, or a weight not a number from 0.
 */
export function topKAccuracy(
  k: number,
  options: AccuracyOptions = {},
): Metric<Labels | LabelMaps | MixedLabels> {
  if (!Number.isSafeInteger(k) || k < 1) {
    throw new RangeError(`Cannot count the largest ${k}: it must be a positive integer`);
  }
  checkClassWeights(options.classWeights ?? []);
  return markByExample((output: Tensor, batch: Labels | LabelMaps | MixedLabels) => {
    const read = readHardLabels(batch, output, options, "top-k accuracy");
    const { rows, classes, labels } = read;
    const flat = reshape(output, [rows, classes]);
    const logits = where(isNaN(flat), Infinity, flat);
    return joinMeans(labels.map(({ labels, shares }) => {
      const isOwn = new Uint8Array(rows * classes);
      const isBefore = new Uint8Array(rows * classes);
      labels.forEach((label, row) => {
        isOwn[row * classes + label] = 1;
        isBefore.fill(1, row * classes, row * classes + label);
      });
      const own = where(toTensor(isOwn, [rows, classes]), logits, 0);
      const ownLogits = sum(own, { axis: 1, keepDims: true });
      const wins = logicalOr(
        greater(logits, ownLogits),
        logicalAnd(equal(logits, ownLogits), toTensor(isBefore, [rows, classes])),
      );
      const rank = sum(cast(wins, "float32"), { axis: 1 });
      return weighRows(cast(less(rank, k), "float32"), shares);
    }));
  });
}

/**
 * Describes a class's accuracy, its recall: how often the largest logit is the label's, among the examples of the class. Over
 * batches without any it is NaN.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import * as rill from "@rill/rill/models";
 *
 * await using _backend = await rill.openBackend("wasm");
 * const network = rill.getOrThrow(rill.build(rill.relu(), [2]));
 * const evaluate = rill.evalStep(network, {
 *   loss: rill.crossEntropy(),
 *   metrics: { cats: rill.classAccuracy(0), dogs: rill.classAccuracy(1) },
 * });
 * const images = { data: Float32Array.of(1, 2, 3, 1, 1, 2), shape: [3, 2] };
 * const batch = { images, labels: Int32Array.of(0, 0, 1), size: 3 };
 * const { means } = await evaluate(network.init(rill.randomKey(0)), batch);
 * assertEquals([means.cats, means.dogs], [{ sum: 1, weight: 2 }, { sum: 1, weight: 1 }]);
 * ```
 *
 * @param index The index of the class.
 * @returns The metric. It throws a `RangeError` for labels that aren't for such outputs, for soft ones, and where there is no
 * such class.
 * @throws {RangeError} If `index` is not an integer from 0.
 */
export function classAccuracy(index: number): Metric<Labels | LabelMaps | MixedLabels> {
  if (!Number.isSafeInteger(index) || index < 0) {
    throw new RangeError(`Cannot measure class ${index}: its index is an integer from 0`);
  }
  return markByExample((output: Tensor, batch: Labels | LabelMaps | MixedLabels) => {
    const read = readHardLabels(batch, output, {}, "the accuracy of a class");
    if (index >= read.classes) {
      throw new RangeError(
        `Cannot measure class ${index}: there are ${read.classes}, from 0`,
      );
    }
    const labels = read.labels.map(({ labels, shares }) => ({
      labels,
      shares: shares.map((share, row) => labels[row] === index ? share : 0),
    }));
    return measureAccuracy(output, { ...read, labels });
  });
}

/**
 * Describes the accuracy of labels that an example can have several of: how often a logit is above 0, which is a probability
 * above one half, where the label is there, and not above where it isn't.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { binaryAccuracy, openBackend, toTensor } from "@rill/rill/models";
 *
 * await using _backend = await openBackend("wasm");
 * const logits = toTensor(Float32Array.of(3, -1, 2), [1, 3]);
 * const targets = { data: Uint8Array.of(1, 0, 0), shape: [1, 3] };
 * const { sum, weight } = binaryAccuracy()(logits, { targets, size: 1 });
 * assertEquals([[...await sum.data()], weight], [[2], 3]);
 * ```
 *
 * @returns The metric, over all labels of all examples. A target is there from one half on. It throws a `RangeError` for
 * targets of another shape than the outputs.
 */
export function binaryAccuracy(): Metric<Targets> {
  return markByExample((output: Tensor, batch: Targets) => {
    const { shape } = output;
    const isThere = Uint8Array.from(readTargets(batch, shape), (t) => t >= 0.5 ? 1 : 0);
    const there = toTensor(isThere, shape);
    const right = logicalOr(
      logicalAnd(greater(output, 0), there),
      logicalAnd(lessEqual(output, 0), logicalNot(there)),
    );
    return meanOfOutputs(cast(right, "float32"), batch);
  });
}

function readHardLabels(
  batch: ClassLabels,
  { shape }: Tensor,
  { ignoredLabel, classWeights }: AccuracyOptions,
  what: string,
): RowClasses {
  const read = readClassLabels(batch, shape, ignoredLabel);
  if (!read.soft) return classWeights ? weighLabels(read, classWeights) : read;
  throw new RangeError(
    `Cannot measure ${what} with labels that are probabilities: it takes one class for each example`,
  );
}

function weighLabels(read: RowClasses, weights: ArrayLike<number>): RowClasses {
  checkWeightForEach(weights, read.classes);
  const labels = read.labels.map(({ labels, shares }) => ({
    labels,
    shares: shares.map((share, row) => share * weights[labels[row]!]!),
  }));
  return { ...read, labels };
}
