import * as tf from "@tensorflow/tfjs-core";
import { convInfo, type ConvolutionAttrs } from "../definitions/_convolution_info.ts";
import { accelerate, areFloats, output } from "./_accelerate.ts";
import {
  type Convolution,
  convolve,
  convolveFilterGradient,
  convolveInputGradient,
} from "./_convolution.ts";
import { multiplyMatrices } from "./_matmul.ts";

type Shape4D = [number, number, number, number];

/** Registers matrix products and convolutions, and the gradients of convolutions. */
export function registerProducts(): void {
  accelerate("BatchMatMul", (module, { inputs, attrs, backend }) => {
    const { a, b } = inputs;
    const { transposeA, transposeB } = attrs as { transposeA: boolean; transposeB: boolean };
    const [rows, depth] = lastTwo(a.shape, transposeA);
    const [depthB, columns] = lastTwo(b.shape, transposeB);
    const batches = [a, b].map(({ shape }) => tf.util.sizeFromShape(shape.slice(0, -2)));
    const [batchA, batchB] = batches;
    // Where only some of the outer dimensions are broadcast, tfjs's own kernel is asked.
    if (depth !== depthB || !areFloats(a, b)) return undefined;
    if (batchA !== batchB && batchA !== 1 && batchB !== 1) return undefined;
    const outer = tf.broadcast_util.assertAndGetBroadcastShape(
      a.shape.slice(0, -2),
      b.shape.slice(0, -2),
    );
    const batch = Math.max(batchA, batchB);
    if (tf.util.sizeFromShape(outer) !== batch) return undefined;
    return output(backend, [...outer, rows, columns], (result) => {
      for (let i = 0; i < batch; i++) {
        multiplyMatrices(
          module,
          {
            address: module.address(a) + (batchA > 1 ? i * rows * depth * 4 : 0),
            transposed: transposeA,
          },
          {
            address: module.address(b) + (batchB > 1 ? i * depth * columns * 4 : 0),
            transposed: transposeB,
          },
          result + i * rows * columns * 4,
          [rows, depth, columns],
        );
      }
    });
  });

  accelerate("Conv2D", (module, { inputs, attrs, backend }) => {
    const { x, filter } = inputs;
    const found = convolutionOf(x.shape, filter.shape, attrs as unknown as ConvolutionAttrs);
    if (!found || !areFloats(x, filter) || found.outputShape.includes(0)) return undefined;
    const { convolution, outputShape } = found;
    return output(backend, outputShape, (y) => {
      convolve(module, convolution, module.address(x), module.address(filter), y);
    });
  });

  accelerate("Conv2DBackpropInput", (module, { inputs, attrs, backend }) => {
    const { dy, filter } = inputs;
    const { inputShape } = attrs as { inputShape: Shape4D };
    const found = convolutionOf(inputShape, filter.shape, attrs as unknown as ConvolutionAttrs);
    if (!found || !areFloats(dy, filter)) return undefined;
    return output(backend, inputShape, (dx) => {
      convolveInputGradient(
        module,
        found.convolution,
        module.address(dy),
        module.address(filter),
        dx,
      );
    });
  });

  accelerate("Conv2DBackpropFilter", (module, { inputs, attrs, backend }) => {
    const { x, dy } = inputs;
    const { filterShape } = attrs as { filterShape: Shape4D };
    const found = convolutionOf(x.shape, filterShape, attrs as unknown as ConvolutionAttrs);
    if (!found || !areFloats(x, dy)) return undefined;
    return output(backend, filterShape, (dFilter) => {
      convolveFilterGradient(
        module,
        found.convolution,
        module.address(x),
        module.address(dy),
        dFilter,
      );
    });
  });
}

/** Rows and columns of a matrix, or of a stack of them. */
function lastTwo(shape: readonly number[], transposed: boolean): [number, number] {
  const [rows, columns] = shape.slice(-2);
  return transposed ? [columns, rows] : [rows, columns];
}

/** What a convolution is, unless it is of a kind that is left to tfjs. */
function convolutionOf(
  inputShape: readonly number[],
  filterShape: readonly number[],
  attrs: ConvolutionAttrs,
): { readonly convolution: Convolution; readonly outputShape: Shape4D } | undefined {
  const info = convInfo(inputShape, filterShape, attrs);
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
    outputShape: info.outShape as Shape4D,
  };
}
