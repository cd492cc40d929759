import { convInfo, type ConvolutionAttrs } from "../../definitions/_convolution_info.ts";
import type { Convolution } from "./_convolution.ts";

/** What a convolution is, unless it is of a kind that is left to tfjs. */
export function convolutionOf(
  inputShape: readonly number[],
  filterShape: readonly number[],
  attrs: ConvolutionAttrs,
): Convolution | undefined {
  const info = convInfo(inputShape, filterShape, attrs);
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
