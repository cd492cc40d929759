/**
 * The cross-entropy of classification.
 *
 * @module
 */

import * as ops from "../ops/_ops.ts";
import { formatShape } from "../types/_shape.ts";
import type { Tensor } from "../types/tensor.ts";

export type { Tensor } from "../types/tensor.ts";

/**
 * Computes the cross-entropy of softmax(logits) with the classes, averaged over the batch:
 * `-mean(log softmax(logits)[label])`, PyTorch's `CrossEntropyLoss`. Computed from shifted logits, so large ones don't overflow.
 * A logit of -Infinity is a class of probability 0; one that is Infinity or NaN makes the loss NaN.
 *
 * @example Usage
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { openBackend, softmaxCrossEntropy, toTensor } from "@rill/rill/models";
 *
 * const backend = await openBackend("wasm");
 * const logits = toTensor(new Float32Array([0, 0, 1000, 0]), [2, 2]);
 * const loss = softmaxCrossEntropy(logits, Int32Array.of(1, 0));
 * assertAlmostEquals((await loss.data())[0]!, Math.log(2) / 2, 1e-6);
 * await backend.close();
 * ```
 *
 * @param logits `[n, classes]`.
 * @param labels The index of the class for each row, `[n]`.
 * @returns A scalar.
 * @throws {RangeError} If there are no rows or there isn't one label for each, or one is not the index of a class.
 */
export function softmaxCrossEntropy(logits: Tensor, labels: Int32Array): Tensor {
  const [size, classes, ...more] = logits.shape;
  if (classes === undefined || more.length > 0 || size === 0 || labels.length !== size) {
    throw new RangeError(
      `Cannot compare logits of ${formatShape(logits.shape)} with ${labels.length} labels: ` +
        "it takes [n, classes] and n labels, at least one",
    );
  }
  ops.checkLabels(labels, classes);
  return ops.tidy(() => ops.crossEntropy(logits, ops.createIndices(labels)));
}
