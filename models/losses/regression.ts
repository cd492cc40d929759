/**
 * The losses of regression: how far outputs are from their targets.
 *
 * @module
 */

import { multiply, subtract } from "../ops/arithmetic.ts";
import { clip, sign, square } from "../ops/elementwise.ts";
import { stopGradient } from "../ops/gradients.ts";
import type { Tensor } from "../types/tensor.ts";
import { markByExample } from "./_fused_loss.ts";
import { meanOfOutputs, readTargets, toNumbers } from "./_targets.ts";
import type { Loss, Targets } from "./loss.ts";

export type { Tensor } from "../types/tensor.ts";
export type { Loss, Mean, TargetNumbers, Targets } from "./loss.ts";

/**
 * Describes the mean squared error, `(output - target)²`: PyTorch's `MSELoss`. The mean is over all outputs of all examples.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import * as rill from "@rill/rill/models";
 *
 * await using _backend = await rill.openBackend("wasm");
 * const network = rill.getOrThrow(rill.build(rill.relu(), [1]));
 * const evaluate = rill.evalStep(network, { loss: rill.meanSquaredError() });
 * const images = { data: Float32Array.of(1, 4), shape: [2, 1] };
 * const batch = { images, targets: Float32Array.of(1, 1), size: 2 };
 * const { means } = await evaluate(network.init(rill.randomKey(0)), batch);
 * assertEquals(means.loss, { sum: 9, weight: 2 });
 * ```
 *
 * @returns The loss, of outputs and `targets` of one shape; an example counts as much as `weights` says, if the batch has
 * those. It throws a `RangeError` for other shapes.
 */
export function meanSquaredError(): Loss<Targets> {
  return compare(square);
}

/**
 * Describes the mean absolute error, `|output - target|`: PyTorch's `L1Loss`. The mean is over all outputs of all examples. An
 * output that is its target has the gradient 0.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { meanAbsoluteError, openBackend, toTensor } from "@rill/rill/models";
 *
 * await using _backend = await openBackend("wasm");
 * const outputs = toTensor(Float32Array.of(1, 5), [2, 1]);
 * const { sum, weight } = meanAbsoluteError()(outputs, { targets: Float32Array.of(2, 2), size: 2 });
 * assertEquals([[...await sum.data()], weight], [[4], 2]);
 * ```
 *
 * @returns The loss, of outputs and `targets` of one shape; an example counts as much as `weights` says, if the batch has
 * those. It throws a `RangeError` for other shapes.
 */
export function meanAbsoluteError(): Loss<Targets> {
  return compare((difference) => multiply(difference, stopGradient(sign(difference))));
}

/** The options of `huber`. */
export interface HuberOptions {
  /**
   * The error from which on the loss grows linearly, a number above 0.
   *
   * @default {1}
   */
  readonly delta?: number;
}

/**
 * Describes Huber's loss, which far outliers pull at no more than near ones: `error² / 2` up to `delta`, and from there on
 * `delta * (|error| - delta / 2)`; PyTorch's `HuberLoss`. The mean is over all outputs of all examples.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { huber, openBackend, toTensor } from "@rill/rill/models";
 *
 * await using _backend = await openBackend("wasm");
 * const outputs = toTensor(Float32Array.of(1, 9), [2, 1]);
 * const { sum } = huber({ delta: 2 })(outputs, { targets: Float32Array.of(0, 0), size: 2 });
 * assertEquals([...await sum.data()], [0.5 + 2 * (9 - 1)]);
 * ```
 *
 * @param options Where it becomes linear.
 * @returns The loss, of outputs and `targets` of one shape; an example counts as much as `weights` says, if the batch has
 * those. It throws a `RangeError` for other shapes.
 * @throws {RangeError} If `delta` is not a number above 0.
 */
export function huber({ delta = 1 }: HuberOptions = {}): Loss<Targets> {
  if (!(delta > 0 && delta < Infinity)) {
    throw new RangeError(`Cannot make huber with delta ${delta}: it must be a number above 0`);
  }
  return compare((difference) => {
    // As c * (d - c / 2): its derivative is c, on either side and for infinite errors too.
    const clipped = stopGradient(clip(difference, -delta, delta));
    return multiply(clipped, subtract(difference, multiply(clipped, 0.5)));
  });
}

/** Makes the loss that measures each difference. */
function compare(measure: (difference: Tensor) => Tensor): Loss<Targets> {
  return markByExample((output: Tensor, batch: Targets) => {
    const targets = toNumbers(readTargets(batch, output.shape), output.shape);
    return meanOfOutputs(measure(subtract(output, targets)), batch);
  });
}
