import * as tf from "@tensorflow/tfjs-core";

/** The sizes of a product of matrices, or of a batch of products. */
export interface ProductShape {
  readonly rows: number;
  /** The dimension that is summed over. */
  readonly inner: number;
  readonly columns: number;
  readonly batch: number;
  /** The distance between the products of a batch in each operand: 0 for the same matrix each time. */
  readonly leftBatch: number;
  readonly rightBatch: number;
  /** The shape of the result. */
  readonly result: readonly number[];
}

/**
 * Computes the sizes of a product whose operands have outer dimensions that are equal or missing, or nothing where only some
 * of these are broadcast: that is left to tfjs.
 */
export function computeProductShape(
  a: readonly number[],
  b: readonly number[],
  { transposeA, transposeB }: { readonly transposeA: boolean; readonly transposeB: boolean },
): ProductShape | undefined {
  const [rows, inner] = getMatrix(a, transposeA);
  const [innerB, columns] = getMatrix(b, transposeB);
  const outerA = a.slice(0, -2);
  const outerB = b.slice(0, -2);
  const batchA = tf.util.sizeFromShape(outerA);
  const batchB = tf.util.sizeFromShape(outerB);
  if (inner !== innerB || (batchA !== batchB && batchA !== 1 && batchB !== 1)) return undefined;
  const outer = tf.broadcast_util.assertAndGetBroadcastShape(outerA, outerB);
  const batch = Math.max(batchA, batchB);
  if (tf.util.sizeFromShape(outer) !== batch) return undefined;
  return {
    rows,
    inner,
    columns,
    batch,
    leftBatch: batchA > 1 ? rows * inner : 0,
    rightBatch: batchB > 1 ? inner * columns : 0,
    result: [...outer, rows, columns],
  };
}

/** Gives the rows and the columns of a matrix, or of a stack of them. */
function getMatrix(
  shape: readonly number[],
  transposed: boolean,
): readonly [rows: number, columns: number] {
  const [rows, columns] = shape.slice(-2);
  if (rows === undefined || columns === undefined) {
    throw new RangeError(
      `Cannot multiply a tensor of the shape [${shape.join(", ")}]: it is no matrix`,
    );
  }
  return transposed ? [columns, rows] : [rows, columns];
}
