import { checkExamples } from "../layers/_check.ts";
import { markWholeSum } from "../ops/_batch_norm.ts";
import * as ops from "../ops/_ops.ts";
import { sum } from "../ops/reductions.ts";
import type { Communicator } from "../parallel/communicator.ts";
import { countElements } from "../types/_shape.ts";
import type { Tensor } from "../types/tensor.ts";

/** A rank's place in a batch. */
export interface BatchPlace {
  /** The number of the whole batch's examples before this rank's. */
  readonly first: number;
  /** The number of this rank's examples; what it computes with where it has none doesn't count. */
  readonly count: number;
  /** The number of the whole batch's examples. */
  readonly size: number;
}

/**
 * Makes the function that sums over the examples of the whole batch, `[n, …]` to `[…]`. The ranks exchange each example's
 * numbers, and each adds them up in the same order, so that the result doesn't depend on how many ranks there are.
 */
export function createSumOverBatch(
  communicator: Communicator,
  { first, count, size }: BatchPlace,
): (x: Tensor) => Tensor {
  // A rank without an example computes with one that doesn't count.
  const here = Math.max(count, 1);
  if (communicator.size === 1) {
    return markWholeSum((x) => {
      checkExamples(x.shape, here);
      return sum(x, { axis: 0 });
    });
  }
  return (x) => {
    checkExamples(x.shape, here);
    return ops.applyWithGradient(
      x,
      (x) => {
        const [, ...shape] = x.shape;
        const each = countElements(shape);
        const all = new Float32Array(size * each);
        all.set(ops.viewNumbers(x).subarray(0, count * each), first * each);
        communicator.allReduce([all]);
        const value = ops.tidy(() => sum(ops.createTensor(all, [size, ...shape]), { axis: 0 }));
        return { value, saved: [] };
      },
      (dy) => {
        // What each rank's outputs owe to the sum.
        const total = count === 0
          ? new Float32Array(countElements(dy.shape))
          : ops.viewNumbers(dy).slice();
        communicator.allReduce([total]);
        const gradient = new Float32Array(here * total.length);
        for (let i = 0; i < count; i++) gradient.set(total, i * total.length);
        return ops.createTensor(gradient, x.shape);
      },
    );
  };
}
