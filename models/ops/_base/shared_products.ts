// Products of a batch's rows and a parameter that ranks share by the parameter, in the place of the rows: each computes some of the
// outputs for the whole batch, so that it reads these columns of the parameter alone, and going back these rows. Of a large filter
// each computes the gradient's rows that it owns.
import * as tf from "@tensorflow/tfjs-core";
import { FILTER_GRADIENT_ROWS, MULTIPLY_COLUMNS } from "../../kernels/definitions/_kernel_names.ts";
import * as host from "../../kernels/wasm/_host_memory.ts";
import {
  type BatchSums,
  type ComputeGradient,
  isFilterOfWhole,
  isProductOfWhole,
  ofOwnPart,
  ofWholeBatch,
  type ProductSharing,
} from "./batch_sums.ts";
import { run, withGradient } from "./differentiable.ts";
import type { Standings } from "./shared_tape.ts";
import type { Run } from "./sum_tree.ts";
import { getRecord } from "./tape.ts";
import { fromTfjs, toTfjs } from "./tfjs.ts";

/** What is recorded of a batch that ranks share. */
interface Shared {
  readonly sums: BatchSums;
  /** The numbers of the parameters. */
  readonly leaves: ReadonlySet<number>;
  readonly standings: Standings;
}

let current: Shared | undefined;

/** Runs what is recorded of a batch, so that products are shared. */
export function withSharedProducts<T>(shared: Shared, fn: () => T): T {
  const before = current;
  current = shared;
  try {
    return fn();
  } finally {
    current = before;
  }
}

/**
 * Multiplies the rows of a matrix by another one: shared by the ranks where that is a parameter that has more numbers than the rows
 * of the whole batch. The numbers are the same.
 */
export function multiplyRows(x: tf.Tensor, weight: tf.Tensor): tf.Tensor {
  const sharing = findSharing(x, weight);
  return sharing
    ? multiplyShared(x, weight, sharing)
    : run("BatchMatMul", { a: x, b: weight }, { transposeA: false, transposeB: false });
}

/** Finds how a product is shared, if it is: in all ranks, or in none. */
function findSharing(x: tf.Tensor, weight: tf.Tensor): ProductSharing | undefined {
  if (!current?.sums.sharing || !isProductOfWhole(x, weight, current.sums)) return undefined;
  return isOfExamples(x, weight, current) ? current.sums.sharing : undefined;
}

/** Tells whether a batch's examples meet a parameter. */
function isOfExamples(
  x: tf.Tensor,
  weight: tf.Tensor,
  { leaves, standings }: Shared,
): boolean {
  const tape = getRecord();
  return tape !== undefined && leaves.has(weight.id) &&
    standings.follow(tape).get(x.id) === "examples";
}

function multiplyShared(
  x: tf.Tensor,
  weight: tf.Tensor,
  { rank, gather, regroup, shareRows, shareColumns }: ProductSharing,
): tf.Tensor {
  const [inner, width] = weight.shape as [number, number];
  const [ofRows, ofColumns] = [shareRows(inner), shareColumns(width)];
  const gatherAll = (x: tf.Tensor) => toTfjs(gather(fromTfjs(x)));
  /** Gives this rank's examples all columns of a product, of which each rank computes some. */
  const complete = (x: tf.Tensor, shares: readonly Run[], compute: (own: Run) => tf.Tensor) => {
    const own = shares[rank]!;
    const part = own[0] < own[1] ? fromTfjs(compute(own)) : undefined;
    return toTfjs(regroup(part, x.shape[0]!, shares));
  };
  return withGradient(
    { x, weight },
    (save) => {
      const all = gatherAll(x);
      save([all, weight]);
      return complete(
        x,
        ofColumns,
        ([start, end]) =>
          host.withParts(weight, () => run(MULTIPLY_COLUMNS, { x: all, weight }, { start, end })),
      );
    },
    (dy, [all, weight]) => {
      const allDy = gatherAll(dy);
      return {
        x: () =>
          complete(dy, ofRows, ([start, end]) => {
            const part = host.withParts(
              weight!,
              () => host.viewPart(weight!, start * width, (end - start) * width),
            );
            const rows = tf.reshape(part, [end - start, width]);
            return run("BatchMatMul", { a: allDy, b: rows }, {
              transposeA: false,
              transposeB: true,
            });
          }),
        weight: ofOwnPart(() => {
          const [start, end] = ofRows[rank]!;
          if (start === end) return tf.zeros([0]);
          const own = tf.slice(all!, [0, start], [-1, end - start]);
          const product = tf.matMul(own, allDy, true);
          return tf.reshape(product, [(end - start) * width]);
        }, "part"),
      };
    },
  );
}

/** Gives what computes the gradient of a convolution's filter, of the whole batch, if it is so large that it is shared. */
export type ShareFilterGradient = (
  x: tf.Tensor,
  dy: tf.Tensor,
  attrs: object,
) => ComputeGradient | undefined;

/**
 * Finds out whether the gradient of a convolution's filter may be shared: each rank then computes the rows that it owns, for the
 * whole batch. Sums of blocks would be as large as the filter, each of them.
 */
export function findSharedFilter(
  x: tf.Tensor,
  filter: tf.Tensor,
): ShareFilterGradient | undefined {
  if (!current || !isOfExamples(x, filter, current)) return undefined;
  const { sums } = current;
  const filterShape = filter.shape as [number, number, number, number];
  const inner = filter.size / filterShape[3];
  return (x, dy, attrs) => {
    if (!isFilterOfWhole(x, dy, filter, sums)) return undefined;
    const compute = (x: tf.Tensor, dy: tf.Tensor, [start, end]: Run, shape: number[]) =>
      tf.reshape(
        run(FILTER_GRADIENT_ROWS, { x, dy }, { ...attrs, filterShape, start, end }),
        shape,
      );
    const { sharing } = sums;
    if (!sharing) return ofWholeBatch(() => compute(x, dy, [0, inner], filterShape));
    return ofOwnPart(() => {
      const [allX, allDy] = [x, dy].map((part) => toTfjs(sharing.gather(fromTfjs(part))));
      return compute(allX!, allDy!, sharing.shareRows(inner)[sharing.rank]!, [-1]);
    }, "whole");
  };
}
