import * as tf from "@tensorflow/tfjs-core";

/** A sum over a tensor's first dimensions, as one of a matrix over its rows. */
export interface FirstSum {
  readonly rows: number;
  readonly columns: number;
  /** The shape of the result. */
  readonly shape: readonly number[];
}

/** Computes what a sum over first dimensions is as one over rows, or nothing where it is over others too or over all. */
export function computeFirstSum(
  shape: readonly number[],
  { axis, keepDims }: { readonly axis: number | number[]; readonly keepDims: boolean },
): FirstSum | undefined {
  const axes = tf.util.parseAxisParam(axis, [...shape]);
  const isFirst = axes.length < shape.length && axes.every((axis, i) => axis === i);
  if (!isFirst) return undefined;
  const rest = shape.slice(axes.length);
  const columns = tf.util.sizeFromShape(rest);
  return {
    rows: tf.util.sizeFromShape([...shape]) / columns,
    columns,
    shape: [...keepDims ? axes.map(() => 1) : [], ...rest],
  };
}
