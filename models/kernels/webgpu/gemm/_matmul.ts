import * as tf from "@tensorflow/tfjs-core";
import { output } from "../device/_dispatch.ts";
import type { Epilogue } from "./_epilogue.ts";
import { multiplyInto } from "./_gemm.ts";
import type { GpuBackend } from "../device/_gpu_backend.ts";

/** Multiplies matrices, with outer dimensions that are equal or missing. Nothing where only some of these are broadcast. */
export function matmul(
  backend: GpuBackend,
  a: tf.TensorInfo,
  b: tf.TensorInfo,
  transposeA: boolean,
  transposeB: boolean,
  epilogue?: Epilogue,
): tf.TensorInfo | undefined {
  const [rows, inner] = lastTwo(a.shape, transposeA);
  const [innerB, columns] = lastTwo(b.shape, transposeB);
  const [batchA, batchB] = [a, b].map(({ shape }) => tf.util.sizeFromShape(shape.slice(0, -2)));
  if (inner !== innerB || (batchA !== batchB && batchA !== 1 && batchB !== 1)) return undefined;
  const outer = tf.broadcast_util.assertAndGetBroadcastShape(
    a.shape.slice(0, -2),
    b.shape.slice(0, -2),
  );
  const batch = Math.max(batchA, batchB);
  if (tf.util.sizeFromShape(outer) !== batch) return undefined;
  const result = output(backend, [...outer, rows, columns]);
  // The left operand is an image of one line: a row is an image, or, where it is transposed, an element of each pixel.
  multiplyInto(
    backend,
    {
      layout: { left: transposeA ? "rows" : "inner", right: transposeB ? "inner" : "columns" },
      batch,
      settings: {
        rows,
        columns,
        segments: 1,
        inner,
        plane: transposeA ? rows : 1,
        line: transposeA ? rows : 1,
        lineStep: 0,
        lineStart: 0,
        elementStep: 1,
        elementStart: 0,
        segmentPlane: 1,
        segmentStep: 0,
        innerStep: transposeA ? rows : 1,
        lines: 1,
        elements: transposeA ? rows * inner : inner,
        rightStart: 0,
        rightSegment: 0,
        rightInner: transposeB ? 1 : columns,
        rightColumn: transposeB ? inner : 1,
        resultStart: 0,
        resultPlane: transposeA ? 0 : columns,
        resultLine: 0,
        resultPixel: columns,
        leftBatch: batchA > 1 ? rows * inner : 0,
        rightBatch: batchB > 1 ? inner * columns : 0,
        resultBatch: rows * columns,
      },
    },
    a,
    b,
    result,
    true,
    epilogue,
  );
  return result;
}

function lastTwo(shape: readonly number[], transposed: boolean): [number, number] {
  const [rows, columns] = shape.slice(-2);
  return transposed ? [columns, rows] : [rows, columns];
}
