import * as tf from "@tensorflow/tfjs-core";
import { computeConvolutionInfo, type ConvolutionAttrs } from "../definitions/_convolution_info.ts";
import { computeProductShape } from "../definitions/_product_shape.ts";
import type { BoundModule } from "./_bound_module.ts";
import { accelerate, areFloats, makeOutput } from "./_accelerate.ts";
import {
  type Convolution,
  convolve,
  convolveFilterGradient,
  convolveInputGradient,
} from "./_convolution.ts";
import { multiplyMatrices } from "./_matmul.ts";
import {
  convolveTiles,
  convolveTilesFilterGradient,
  convolveTilesInputGradient,
  isForTiles,
} from "./_winograd.ts";

/** Registers matrix products and convolutions, and the gradients of convolutions. */
export function registerProducts(): void {
  accelerate("BatchMatMul", (module, { inputs: { a, b }, attrs, backend }) => {
    const shape = areFloats(a, b) ? computeProductShape(a.shape, b.shape, attrs) : undefined;
    if (!shape) return undefined;
    const { rows, inner, columns, batch, leftBatch, rightBatch } = shape;
    return makeOutput(backend, shape.result, (result) => {
      for (let i = 0; i < batch; i++) {
        multiplyMatrices(
          module,
          { address: module.address(a) + i * leftBatch * 4, transposed: attrs.transposeA },
          { address: module.address(b) + i * rightBatch * 4, transposed: attrs.transposeB },
          result + i * rows * columns * 4,
          [rows, inner, columns],
        );
      }
    });
  });

  accelerate("Conv2D", (module, { inputs: { x, filter }, attrs, backend }) => {
    const found = describeConvolution(x.shape, filter.shape, attrs);
    if (!found || !areFloats(x, filter) || found.outputShape.includes(0)) return undefined;
    return makeOutput(backend, found.outputShape, (y) => {
      const compute = chooseTiles(module, found.convolution, [x, filter])
        ? convolveTiles
        : convolve;
      compute(module, found.convolution, module.address(x), module.address(filter), y);
    });
  });

  accelerate("Conv2DBackpropInput", (module, { inputs: { dy, filter }, attrs, backend }) => {
    const { inputShape } = attrs;
    const found = describeConvolution(inputShape, filter.shape, attrs);
    if (!found || !areFloats(dy, filter)) return undefined;
    return makeOutput(backend, inputShape, (dx) => {
      const compute = chooseTiles(module, found.convolution, [dy, filter])
        ? convolveTilesInputGradient
        : convolveInputGradient;
      compute(
        module,
        found.convolution,
        module.address(dy),
        module.address(filter),
        dx,
      );
    });
  });

  accelerate("Conv2DBackpropFilter", (module, { inputs: { x, dy }, attrs, backend }) => {
    const { filterShape } = attrs;
    const found = describeConvolution(x.shape, filterShape, attrs);
    if (!found || !areFloats(x, dy)) return undefined;
    return makeOutput(backend, filterShape, (dFilter) => {
      const compute = chooseTiles(module, found.convolution, [x, dy])
        ? convolveTilesFilterGradient
        : convolveFilterGradient;
      compute(
        module,
        found.convolution,
        module.address(x),
        module.address(dy),
        dFilter,
      );
    });
  });
}

/** Tells whether a convolution goes by tiles, all of whose outputs what isn't finite would spread to. */
function chooseTiles(
  module: BoundModule,
  convolution: Convolution,
  operands: readonly tf.TensorInfo[],
): boolean {
  return isForTiles(convolution) &&
    operands.every((operand) =>
      module.functions.areFinite(module.address(operand), tf.util.sizeFromShape(operand.shape)) ===
        1
    );
}

/** Describes a convolution, unless it is of a kind that is left to tfjs. */
function describeConvolution(
  inputShape: readonly number[],
  filterShape: readonly number[],
  attrs: ConvolutionAttrs,
): { readonly convolution: Convolution; readonly outputShape: readonly number[] } | undefined {
  const info = computeConvolutionInfo(inputShape, filterShape, attrs);
  if (!info) return undefined;
  return {
    convolution: {
      batch: info.batchSize,
      inputChannels: info.inChannels,
      outputChannels: info.outChannels,
      rows: {
        input: info.inHeight,
        kernel: info.filterHeight,
        output: info.outHeight,
        stride: info.strideHeight,
        padding: info.padInfo.top,
      },
      columns: {
        input: info.inWidth,
        kernel: info.filterWidth,
        output: info.outWidth,
        stride: info.strideWidth,
        padding: info.padInfo.left,
      },
    },
    outputShape: info.outShape,
  };
}
