/**
 * The cross-entropy of classification.
 *
 * @module
 */

import * as ops from "../ops/_ops.ts";
import { formatShape } from "../types/_shape.ts";
import type { Tensor } from "../types/tensor.ts";
import { withFusedLoss } from "./_fused_loss.ts";
import type { Labels, Loss } from "./loss.ts";

export type { Tensor } from "../types/tensor.ts";
export type { Labels, Loss, Mean } from "./loss.ts";

/**
 * Describes the cross-entropy of softmax(logits) with the classes: `-log softmax(logits)[label]`, PyTorch's `CrossEntropyLoss`,
 * and the accuracy beside it. Computed from shifted logits, so large ones don't overflow. A logit of -Infinity is a class of
 * probability 0; one that is Infinity or NaN makes the loss NaN.
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
 * @returns The loss, of logits `[n, classes]`. It throws a `RangeError` if there are no rows, there isn't one label for each,
 * or one is not the index of a class.
 */
export function crossEntropy(): Loss<Labels, "accuracy"> {
  const measure = (output: Tensor, { labels }: Labels, scaling?: Tensor) => {
    checkLogits(output.shape, labels);
    return ops.crossEntropyAndCorrect(output, ops.createIndices(labels), scaling);
  };
  const loss: Loss<Labels, "accuracy"> = (output, batch) => {
    const measured = measure(output, batch);
    const [size = 0] = output.shape;
    return {
      sum: ops.multiplyBy(ops.takeNumber(measured, 0), size),
      weight: size,
      metrics: { accuracy: { sum: ops.takeNumber(measured, 1), weight: size } },
    };
  };
  return withFusedLoss(loss, {
    check: ({ labels, size }, outputShape) => checkLogits([size, ...outputShape], labels),
    measure,
  });
}

function checkLogits(shape: readonly number[], labels: Int32Array): void {
  const [size, classes, ...more] = shape;
  if (classes === undefined || more.length > 0 || size === 0 || labels?.length !== size) {
    throw new RangeError(
      `Cannot compare logits of ${formatShape(shape)} with ${labels?.length ?? "no"} labels: ` +
        "it takes [n, classes] and n labels, at least one",
    );
  }
  ops.checkLabels(labels, classes);
}
