import * as tf from "@tensorflow/tfjs-core";

/** The attributes of tfjs's kernels for convolutions. */
export interface ConvolutionAttrs {
  readonly strides: number | [number, number];
  readonly pad: Parameters<typeof tf.backend_util.computeConv2DInfo>[4];
  readonly dataFormat?: "NHWC" | "NCHW";
  readonly dilations?: number | [number, number];
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
}

/** Computes the shapes and the padding of a convolution, or nothing where it is of a kind that is left to tfjs. */
export function computeConvolutionInfo(
  inputShape: readonly number[],
  filterShape: readonly number[],
  { strides, pad, dataFormat = "NHWC", dilations = 1, dimRoundingMode }: ConvolutionAttrs,
): tf.backend_util.Conv2DInfo | undefined {
  if (dataFormat !== "NHWC") return undefined;
  const info = tf.backend_util.computeConv2DInfo(
    inputShape as [number, number, number, number],
    filterShape as [number, number, number, number],
    strides,
    dilations,
    // One number tfjs takes for the padding of square windows only.
    typeof pad === "number" ? [[0, 0], [pad, pad], [pad, pad], [0, 0]] : pad,
    dimRoundingMode,
  );
  return info.dilationHeight === 1 && info.dilationWidth === 1 ? info : undefined;
}
