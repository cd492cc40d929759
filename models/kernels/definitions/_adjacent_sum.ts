import * as tf from "@tensorflow/tfjs-core";

/** A sum over neighboring dimensions of a tensor, as one over the rows of each of some matrices. */
export interface AdjacentSum {
  readonly batch: number;
  readonly rows: number;
  readonly columns: number;
  /** The shape of the result. */
  readonly shape: readonly number[];
}

/**
 * Computes what a sum over dimensions is as one over rows, or nothing where they are no neighbors, or the last or all of them.
 */
export function computeAdjacentSum(
  shape: readonly number[],
  { axis, keepDims }: { readonly axis: number | number[]; readonly keepDims: boolean },
): AdjacentSum | undefined {
  const axes = tf.util.parseAxisParam(axis, [...shape]).toSorted((a, b) => a - b);
  const [first = 0] = axes;
  const end = first + axes.length;
  if (axes.length === 0 || end >= shape.length || axes.some((axis, i) => axis !== first + i)) {
    return undefined;
  }
  const [before, after] = [shape.slice(0, first), shape.slice(end)];
  return {
    batch: tf.util.sizeFromShape(before),
    rows: tf.util.sizeFromShape(shape.slice(first, end)),
    columns: tf.util.sizeFromShape(after),
    shape: [...before, ...keepDims ? axes.map(() => 1) : [], ...after],
  };
}
