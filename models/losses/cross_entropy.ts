/**
 * The cross-entropy of classification.
 *
 * @module
 */

import * as ops from "../ops/_ops.ts";
import { multiply, subtract } from "../ops/arithmetic.ts";
import { notEqual } from "../ops/comparisons.ts";
import { where } from "../ops/conditions.ts";
import { negate } from "../ops/elementwise.ts";
import { customGradient } from "../ops/gradients.ts";
import { sum } from "../ops/reductions.ts";
import { reshape } from "../ops/shapes.ts";
import { logSoftmax } from "../ops/softmax.ts";
import { toTensor } from "../ops/to_tensor.ts";
import { exp } from "../ops/transcendental.ts";
import type { Tensor } from "../types/tensor.ts";
import {
  checkClassWeights,
  checkLabels,
  checkWeightForEach,
  measureAccuracy,
  readClassLabels,
  type RowClasses,
} from "./_class_labels.ts";
import { markByExample, withFusedLoss } from "./_fused_loss.ts";
import type { ClassLabels, Labels, Loss } from "./loss.ts";

export type { Tensor } from "../types/tensor.ts";
export type {
  ClassLabels,
  LabelMaps,
  Labels,
  Loss,
  Mean,
  MixedLabels,
  SoftLabels,
} from "./loss.ts";

/** The options of `crossEntropy`. */
export interface CrossEntropyOptions {
  /**
   * The share of a label that is spread evenly over all classes, from 0 to below 1.
   *
   * @default {0}
   */
  readonly labelSmoothing?: number;
  /**
   * How much each class counts, one number from 0 for each.
   *
   * @default {all alike}
   */
  readonly classWeights?: ArrayLike<number>;
  /**
   * A label that says nothing, such as -100: what has it gives neither loss nor weight nor accuracy.
   *
   * @default {none}
   */
  readonly ignoredLabel?: number;
}

/**
 * Describes the cross-entropy of softmax(logits) with the classes, `-log softmax(logits)[label]`, and the accuracy beside it:
 * PyTorch's `CrossEntropyLoss`. Computed from shifted logits, so large ones don't overflow. A logit of -Infinity is a class of
 * probability 0; one that is Infinity or NaN makes the loss NaN.
 *
 * It takes a batch by what it has:
 *
 * - `labels`, an index of a class for each example, or for each pixel or other place;
 * - `labels` of the logits' shape: the probability of each class;
 * - `mixedLabels` and `shares` of `[n, parts]`, examples that were mixed: the losses of their labels, in these shares;
 * - beside each of these `weights`, if there are any: how much each example counts, in the loss and in the accuracy.
 *
 * The mean is over the examples' weights times those of their classes; with soft labels over the examples, whatever the weights
 * of the classes. Where nothing counts, as all labels are to be ignored, it is NaN. With labels that are mixed or soft a
 * prediction is right by the share of its class.
 *
 * @example Usage
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { crossEntropy, openBackend, toTensor } from "@rill/rill/models";
 *
 * await using _backend = await openBackend("wasm");
 * const logits = toTensor(new Float32Array([0, 0, 1000, 0]), [2, 2]);
 * const { sum } = crossEntropy()(logits, { labels: Int32Array.of(1, 0), size: 2 });
 * assertAlmostEquals((await sum.data())[0]!, Math.log(2), 1e-6);
 * ```
 *
 * @example Label smoothing, weights of classes, a label to ignore
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { crossEntropy, openBackend, toTensor } from "@rill/rill/models";
 *
 * await using _backend = await openBackend("wasm");
 * const loss = crossEntropy({ labelSmoothing: 0.1, classWeights: [1, 3], ignoredLabel: -1 });
 * const logits = toTensor(new Float32Array(6), [3, 2]);
 * const { sum, weight } = loss(logits, { labels: Int32Array.of(0, 1, -1), size: 3 });
 * assertAlmostEquals((await sum.data())[0]! / Number(weight), Math.log(2), 1e-6);
 * ```
 *
 * @param options Label smoothing, weights of classes, a label to ignore.
 * @returns The loss, of logits `[n, classes]`. It throws a `RangeError` if there are no rows, there isn't one label for each,
 * or one is not the index of a class.
 * @throws {RangeError} If an option is out of its range.
 */
export function crossEntropy(options: CrossEntropyOptions = {}): Loss<ClassLabels, "accuracy"> {
  const { labelSmoothing = 0, classWeights, ignoredLabel } = options;
  checkOptions(options);
  const loss: Loss<ClassLabels, "accuracy"> = (output, batch) => {
    const rows = readClassLabels(batch, output.shape, ignoredLabel);
    const { coefficients, weight } = weighClasses(rows, labelSmoothing, classWeights);
    return {
      sum: sumCrossEntropies(output, rows, coefficients),
      weight,
      metrics: { accuracy: measureAccuracy(output, rows) },
    };
  };
  const isPlain = labelSmoothing === 0 && !classWeights && ignoredLabel === undefined;
  return markByExample(isPlain ? withProgram(loss) : loss);
}

/** Gives the loss the program that measures labels which are one class for each example. */
function withProgram(loss: Loss<ClassLabels, "accuracy">): Loss<ClassLabels, "accuracy"> {
  const takes = (batch: ClassLabels): batch is Labels =>
    "labels" in batch && batch.labels !== undefined && !("shape" in batch.labels) &&
    !("mixedLabels" in batch) && batch.weights === undefined;
  const measure = (output: Tensor, { labels }: Labels, options?: ops.CrossEntropyOptions) =>
    ops.crossEntropyAndCorrect(output, ops.createIndices(labels), options);
  const check = (batch: Labels, shape: readonly number[]) => {
    const [size, classes, ...more] = shape;
    const fits = size !== undefined && size > 0 && classes !== undefined && more.length === 0 &&
      batch.labels.length === size;
    if (fits) checkLabels(batch.labels, classes);
    else readClassLabels(batch, shape);
  };
  const fused: Loss<ClassLabels, "accuracy"> = (output, batch) => {
    if (!takes(batch) || output.shape.length !== 2) return loss(output, batch);
    check(batch, output.shape);
    const measured = measure(output, batch);
    const [size = 0] = output.shape;
    return {
      sum: multiply(ops.takeNumber(measured, 0), size),
      weight: size,
      metrics: { accuracy: { sum: ops.takeNumber(measured, 1), weight: size } },
    };
  };
  return withFusedLoss(fused, {
    takes,
    check: (batch, outputShape) => check(batch, [batch.size, ...outputShape]),
    measure: (output, batch, options) => {
      check(batch, output.shape);
      return measure(output, batch, options);
    },
  });
}

/**
 * Computes what each logarithm of a probability counts in the sum, and the sum's weight, as PyTorch does: the loss of a label is
 * `(1 - smoothing) * w[label] * -log p[label] + smoothing / classes * sum(w * -log p)` and weighs `w[label]`.
 */
function weighClasses(
  { rows, classes, labels, soft }: RowClasses,
  smoothing: number,
  weights: ArrayLike<number> = new Float32Array(classes).fill(1),
): { readonly coefficients: Float32Array; readonly weight: number } {
  checkWeightForEach(weights, classes);
  const coefficients = new Float32Array(rows * classes);
  let weight = 0;
  const spread = (row: number, share: number) => {
    if (smoothing === 0 || share === 0) return;
    for (let c = 0; c < classes; c++) {
      coefficients[row * classes + c]! += share * smoothing / classes * weights[c]!;
    }
  };
  for (const { labels: own, shares } of labels) {
    for (let row = 0; row < rows; row++) {
      const [label, share] = [own[row]!, shares[row]!];
      coefficients[row * classes + label]! += share * (1 - smoothing) * weights[label]!;
      spread(row, share);
      weight += share * weights[label]!;
    }
  }
  for (let row = 0; soft && row < rows; row++) {
    const share = soft.shares[row]!;
    for (let c = 0; c < classes; c++) {
      const i = row * classes + c;
      coefficients[i] = share * (1 - smoothing) * weights[c]! * soft.probabilities[i]!;
    }
    spread(row, share);
    weight += share;
  }
  return { coefficients, weight };
}

/** Computes `-sum(coefficients * logSoftmax(logits))`. */
function sumCrossEntropies(
  output: Tensor,
  { rows, classes }: RowClasses,
  numbers: Float32Array,
): Tensor {
  const coefficients = toTensor(numbers, [rows, classes]);
  return customGradient(
    { logits: reshape(output, [rows, classes]) },
    ({ logits }) => {
      const logs = logSoftmax(logits);
      // A class of probability 0 that doesn't count is no NaN.
      const losses = where(notEqual(coefficients, 0), multiply(coefficients, logs), 0);
      return { value: negate(sum(sum(losses, { axis: 1 }))), saved: { logs, coefficients } };
    },
    (dy, { logs, coefficients }) => {
      const total = sum(coefficients, { axis: 1, keepDims: true });
      return { logits: multiply(dy, subtract(multiply(exp(logs), total), coefficients)) };
    },
  );
}

function checkOptions(
  { labelSmoothing = 0, classWeights = [], ignoredLabel = 0 }: CrossEntropyOptions,
): void {
  if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
    throw new RangeError(
      `Cannot smooth labels with labelSmoothing ${labelSmoothing}: it must be from 0 to below 1`,
    );
  }
  checkClassWeights(classWeights);
  if (!Number.isInteger(ignoredLabel)) {
    throw new RangeError(`Cannot ignore label ${ignoredLabel}: it must be an integer`);
  }
}
