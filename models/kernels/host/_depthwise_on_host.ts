// The gradients of depthwise convolutions over arrays in main memory.
import * as tf from "@tensorflow/tfjs-core";
import type { ConvolutionAttrs } from "../definitions/_convolution_info.ts";
import type { Shape4D } from "../definitions/_kernel_signatures.ts";

/** Describes a depthwise convolution of any strides and dilation. The filter is `[height, width, channels, multiplier]`. */
export function describeDepthwise(
  inputShape: Shape4D,
  filterShape: Shape4D,
  { strides, pad, dilations = 1, dimRoundingMode }: ConvolutionAttrs,
): tf.backend_util.Conv2DInfo {
  return tf.backend_util.computeConv2DInfo(
    inputShape,
    filterShape,
    strides,
    dilations,
    pad,
    dimRoundingMode,
    true,
  );
}

/** Convolves each channel with filters of its own, in double precision until it is written. */
export function convolveDepthwiseOnHost(
  x: Float32Array,
  filter: Float32Array,
  y: Float32Array,
  info: tf.backend_util.Conv2DInfo,
): void {
  const { inChannels: channels, outChannels: filters } = info;
  const multiplier = filters / channels;
  const sums = new Float64Array(y.length);
  visitTaps(info, (output, input, tap) => {
    for (let q = 0; q < filters; q++) {
      const value = x[input * channels + Math.floor(q / multiplier)]!;
      sums[output * filters + q]! += value * filter[tap * filters + q]!;
    }
  });
  y.set(sums);
}

/** Computes the input's gradient. `dx` starts as zeros. */
export function computeDepthwiseInputGradientOnHost(
  dy: Float32Array,
  filter: Float32Array,
  dx: Float32Array,
  info: tf.backend_util.Conv2DInfo,
): void {
  const { inChannels: channels, outChannels: filters } = info;
  const multiplier = filters / channels;
  visitTaps(info, (output, input, tap) => {
    for (let c = 0; c < channels; c++) {
      let sum = 0;
      for (let q = c * multiplier; q < (c + 1) * multiplier; q++) {
        sum += dy[output * filters + q]! * filter[tap * filters + q]!;
      }
      dx[input * channels + c]! += sum;
    }
  });
}

/** Computes the filter's gradient, in double precision until it is written. */
export function computeDepthwiseFilterGradientOnHost(
  x: Float32Array,
  dy: Float32Array,
  dFilter: Float32Array,
  info: tf.backend_util.Conv2DInfo,
): void {
  const { inChannels: channels, outChannels: filters } = info;
  const multiplier = filters / channels;
  const sums = new Float64Array(dFilter.length);
  visitTaps(info, (output, input, tap) => {
    for (let c = 0; c < channels; c++) {
      const value = x[input * channels + c]!;
      for (let q = c * multiplier; q < (c + 1) * multiplier; q++) {
        sums[tap * filters + q]! += value * dy[output * filters + q]!;
      }
    }
  });
  dFilter.set(sums);
}

/** Visits each weight of each window that lies in the image, by the places of the pixels of result and input. */
function visitTaps(
  info: tf.backend_util.Conv2DInfo,
  visit: (output: number, input: number, tap: number) => void,
): void {
  const { inHeight, inWidth, outHeight, outWidth, filterHeight, filterWidth, padInfo } = info;
  for (let image = 0; image < info.batchSize; image++) {
    for (let row = 0; row < outHeight; row++) {
      for (let column = 0; column < outWidth; column++) {
        const output = (image * outHeight + row) * outWidth + column;
        for (let i = 0; i < filterHeight; i++) {
          const y = row * info.strideHeight - padInfo.top + i * info.dilationHeight;
          if (y < 0 || y >= inHeight) continue;
          for (let j = 0; j < filterWidth; j++) {
            const x = column * info.strideWidth - padInfo.left + j * info.dilationWidth;
            if (x < 0 || x >= inWidth) continue;
            visit(output, (image * inHeight + y) * inWidth + x, i * filterWidth + j);
          }
        }
      }
    }
  }
}
