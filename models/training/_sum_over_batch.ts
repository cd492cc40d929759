import { checkExamples } from "../layers/_check.ts";
import { markSumOverBatch } from "../ops/_base/batch_sums.ts";
import { markWholeSum } from "../ops/_batch_norm.ts";
import * as ops from "../ops/_ops.ts";
import { sum } from "../ops/reductions.ts";
import { broadcastTo } from "../ops/shapes.ts";
import { computeBatchShare } from "../parallel/_share.ts";
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
      return markSumOverBatch(sum(x, { axis: 0 }));
    });
  }
  const places = Array.from(
    { length: communicator.size },
    (_, rank) => computeBatchShare(size, rank, communicator.size).examples,
  );
  return (x) => {
    checkExamples(x.shape, here);
    const total = ops.applyWithGradient(
      x,
      (x) => {
        const [, ...shape] = x.shape;
        const each = countElements(shape);
        const all = ops.createRoom([size, ...shape]);
        const numbers = ops.viewNumbers(all);
        const ofRanks = places.map(([first, end]) => [numbers.subarray(first * each, end * each)]);
        const own = ops.viewNumbers(x).subarray(0, count * each);
        numbers.set(own, first * each);
        communicator.allGather([own], ofRanks);
        const value = sum(all, { axis: 0 });
        all.dispose();
        return { value, saved: [] };
      },
      // Of a sum that all ranks have the gradient is the whole batch's already.
      (dy) => broadcastTo(dy, x.shape),
    );
    return markSumOverBatch(total);
  };
}
