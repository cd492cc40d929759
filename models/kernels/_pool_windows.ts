import * as tf from "@tensorflow/tfjs-core";
import type { Windows } from "./_host_kernels.ts";

/** What tfjs's pooling kernels take besides their tensors. */
export interface PoolAttrs {
  readonly filterSize: number | [number, number];
  readonly strides: number | [number, number];
  readonly pad: "valid" | "same" | number;
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
}

/** Where the windows of a pooling kernel lie. */
export function poolWindows(inputShape: readonly number[], attrs: PoolAttrs): Windows {
  const info = tf.backend_util.computePool2DInfo(
    inputShape as [number, number, number, number],
    attrs.filterSize,
    attrs.strides,
    1,
    attrs.pad,
    attrs.dimRoundingMode,
  );
  return {
    input: [info.batchSize, info.inHeight, info.inWidth, info.inChannels],
    output: [info.outHeight, info.outWidth],
    window: [info.filterHeight, info.filterWidth],
    strides: [info.strideHeight, info.strideWidth],
    padding: [info.padInfo.top, info.padInfo.left],
  };
}
