/**
 * The cross-entropy of labels that an example can have several of, or none.
 *
 * @module
 */

import { add, multiply } from "../ops/arithmetic.ts";
import { softplus } from "../ops/activations.ts";
import { negate } from "../ops/elementwise.ts";
import { markByExample } from "./_fused_loss.ts";
import { meanOfOutputs, readTargets, toNumbers } from "./_targets.ts";
import type { Tensor } from "../types/tensor.ts";
import type { Loss, Targets } from "./loss.ts";

export type { Tensor } from "../types/tensor.ts";
export type { Loss, Mean, TargetNumbers, Targets } from "./loss.ts";

/** The options of `binaryCrossEntropy`. */
export interface BinaryCrossEntropyOptions {
  /**
   * How much an example that has a label counts against one that hasn't: a number above 0, or one for each label, the last
   * dimension. For labels that few examples have it is above 1.
   *
   * @default {1}
   */
  readonly posWeight?: number | ArrayLike<number>;
}

/**
 * Describes the cross-entropy of sigmoid(logits) with labels that are there or not, each for itself:
 * `-posWeight * t * log sigmoid(x) - (1 - t) * log(1 - sigmoid(x))` for a target t from 0 to 1; PyTorch's `BCEWithLogitsLoss`.
 * Computed without overflow. The mean is over all labels of all examples; `posWeight` isn't divided by.
 *
 * @example Usage
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { binaryCrossEntropy, openBackend, toTensor } from "@rill/rill/models";
 *
 * await using _backend = await openBackend("wasm");
 * const logits = toTensor(Float32Array.of(100, -100, 0), [1, 3]);
 * const targets = { data: Uint8Array.of(1, 0, 1), shape: [1, 3] };
 * const { sum } = binaryCrossEntropy()(logits, { targets, size: 1 });
 * assertAlmostEquals((await sum.data())[0]!, Math.log(2), 1e-6);
 * ```
 *
 * @param options The weight of labels that are there.
 * @returns The loss, of logits and `targets` of one shape; an example counts as much as `weights` says, if the batch has
 * those. It throws a `RangeError` for other shapes, and for targets that aren't from 0 to 1.
 * @throws {RangeError} If a weight is not a number above 0.
 */
export function binaryCrossEntropy(
  { posWeight = 1 }: BinaryCrossEntropyOptions = {},
): Loss<Targets> {
  const weights = typeof posWeight === "number" ? [posWeight] : Array.from(posWeight);
  const wrong = weights.find((weight) => !(weight > 0 && weight < Infinity));
  if (wrong !== undefined || weights.length === 0) {
    throw new RangeError(
      `Cannot weigh labels with posWeight ${wrong ?? "of no numbers"}: each must be above 0`,
    );
  }
  return markByExample((output: Tensor, batch: Targets) => {
    const { shape } = output;
    const targets = readTargets(batch, shape);
    checkShares(targets);
    if (typeof posWeight !== "number" && weights.length !== shape.at(-1)) {
      throw new RangeError(
        `Cannot weigh ${shape.at(-1)} labels with ${weights.length} numbers of posWeight: ` +
          "it takes one for each",
      );
    }
    const absent = Float32Array.from(targets, (t) => 1 - t);
    const slopes = Float32Array.from(targets, (t, i) => 1 + (weights[i % weights.length]! - 1) * t);
    const losses = add(
      multiply(toNumbers(absent, shape), output),
      multiply(toNumbers(slopes, shape), softplus(negate(output))),
    );
    return meanOfOutputs(losses, batch);
  });
}

function checkShares(targets: ArrayLike<number>): void {
  for (let i = 0; i < targets.length; i++) {
    if (targets[i]! >= 0 && targets[i]! <= 1) continue;
    throw new RangeError(`Cannot take target ${targets[i]} at ${i} for a label: it is from 0 to 1`);
  }
}
