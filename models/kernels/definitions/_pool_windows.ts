import * as tf from "@tensorflow/tfjs-core";

/** The attributes of tfjs's pooling kernels. */
export interface PoolAttrs {
  readonly filterSize: number | [number, number];
  readonly strides: number | [number, number];
  readonly pad: Parameters<typeof tf.backend_util.computePool2DInfo>[4];
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
}

/** The windows of a pooling layer over `[batch, height, width, channels]`, rows before columns in every pair. */
export interface Windows {
  readonly input: readonly [batch: number, height: number, width: number, channels: number];
  readonly output: readonly [height: number, width: number];
  readonly window: readonly [height: number, width: number];
  readonly strides: readonly [height: number, width: number];
  readonly padding: readonly [top: number, left: number];
}

/** Computes where the windows of a pooling kernel lie. */
export function computeWindows(inputShape: readonly number[], attrs: PoolAttrs): Windows {
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
