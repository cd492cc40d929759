import {
  computeConvolutionInfo,
  type ConvolutionAttrs,
} from "../../definitions/_convolution_info.ts";

/** A convolution of images `[batch, height, width, channels]` with a filter `[height, width, channels, filters]`. */
export interface Convolution {
  readonly batch: number;
  readonly input: readonly [height: number, width: number];
  readonly channels: number;
  readonly kernel: readonly [height: number, width: number];
  readonly strides: readonly [height: number, width: number];
  readonly padding: readonly [top: number, left: number];
  readonly filters: number;
  readonly output: readonly [height: number, width: number];
}

/** Describes a convolution, unless it is of a kind that is left to tfjs. */
export function describeConvolution(
  inputShape: readonly number[],
  filterShape: readonly number[],
  attrs: ConvolutionAttrs,
): Convolution | undefined {
  const info = computeConvolutionInfo(inputShape, filterShape, attrs);
  if (!info) return undefined;
  return {
    batch: info.batchSize,
    input: [info.inHeight, info.inWidth],
    channels: info.inChannels,
    kernel: [info.filterHeight, info.filterWidth],
    strides: [info.strideHeight, info.strideWidth],
    padding: [info.padInfo.top, info.padInfo.left],
    filters: info.outChannels,
    output: [info.outHeight, info.outWidth],
  };
}
