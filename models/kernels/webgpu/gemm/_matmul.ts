import type * as tf from "@tensorflow/tfjs-core";
import { computeProductShape } from "../../definitions/_product_shape.ts";
import { makeOutput } from "../device/_dispatch.ts";
import type { GpuBackend } from "../device/_gpu_backend.ts";
import type { Epilogue } from "./_epilogue.ts";
import { multiplyInto } from "./_gemm.ts";

/** Multiplies matrices, with outer dimensions that are equal or missing. Gives nothing where only some are broadcast. */
export function matmul(
  backend: GpuBackend,
  a: tf.TensorInfo,
  b: tf.TensorInfo,
  transposeA: boolean,
  transposeB: boolean,
  epilogue?: Epilogue,
  makeResult: typeof makeOutput = makeOutput,
): tf.TensorInfo | undefined {
  const shape = computeProductShape(a.shape, b.shape, { transposeA, transposeB });
  if (!shape) return undefined;
  const { rows, inner, columns, batch, leftBatch, rightBatch } = shape;
  const result = makeResult(backend, shape.result);
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
        leftBatch,
        rightBatch,
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
