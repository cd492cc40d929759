import * as ops from "../ops/_ops.ts";
import { checkLabels } from "./_check_labels.ts";
import type { Tensor } from "../types/tensor.ts";

/**
 * The cross-entropy of softmax(logits) with the classes, averaged over the batch: `-mean(log softmax(logits)[label])`,
 * PyTorch's `CrossEntropyLoss`. Computed from shifted logits, so large ones don't overflow.
 *
 * @example Usage
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { openBackend, softmaxCrossEntropy, toTensor } from "@rill/rill/models";
 *
 * const backend = await openBackend("wasm");
 * const logits = toTensor(new Float32Array([0, 0, 1000, 0]), [2, 2]);
 * const loss = softmaxCrossEntropy(logits, Int32Array.of(1, 0));
 * assertAlmostEquals((await loss.data())[0], Math.log(2) / 2, 1e-6);
 * await backend.close();
 * ```
 *
 * @param logits `[n, classes]`.
 * @param labels The index of each row's class, `[n]`.
 * @returns A scalar.
 * @throws {RangeError} If there is not one label a row, or one is not the index of a class.
 */
export function softmaxCrossEntropy(logits: Tensor, labels: Int32Array): Tensor {
  if (logits.shape.length !== 2 || labels.length !== logits.shape[0]) {
    throw new RangeError(
      `Cannot compare logits of ${logits.shape.join(" x ")} with ${labels.length} labels`,
    );
  }
  checkLabels(labels, logits.shape[1]);
  return ops.tidy(() => ops.mean(ops.crossEntropies(logits, ops.indices(labels))));
}
