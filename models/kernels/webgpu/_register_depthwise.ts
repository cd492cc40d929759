import type * as tf from "@tensorflow/tfjs-core";
import type { Shape4D } from "../definitions/_kernel_signatures.ts";
import { describeDepthwise } from "../host/_depthwise_on_host.ts";
import { accelerate } from "./_accelerate.ts";
import {
  computeDepthwiseFilterGradient,
  computeDepthwiseInputGradient,
  convolveDepthwise,
} from "./_depthwise.ts";
import { areFloats } from "./device/_floats.ts";

/** Registers depthwise convolutions. */
export function registerDepthwise(): void {
  accelerate("DepthwiseConv2dNative", (backend, { inputs: { x, filter }, attrs }) => {
    if (!areFloats(backend, x, filter)) return undefined;
    const info = describeDepthwise(x.shape as Shape4D, filter.shape as Shape4D, attrs);
    return convolveDepthwise(backend, x, filter, info);
  });
}

/** Registers the gradients of depthwise convolutions, of all or of some. */
export function registerDepthwiseGradients(
  takes: (info: tf.backend_util.Conv2DInfo) => boolean = () => true,
): void {
  accelerate(
    "DepthwiseConv2dNativeBackpropInput",
    (backend, { inputs: { dy, filter }, attrs }) => {
      const info = describeDepthwise(attrs.inputShape, filter.shape as Shape4D, attrs);
      return takes(info) && areFloats(backend, dy, filter)
        ? computeDepthwiseInputGradient(backend, dy, filter, info)
        : undefined;
    },
  );
  accelerate("DepthwiseConv2dNativeBackpropFilter", (backend, { inputs: { x, dy }, attrs }) => {
    const info = describeDepthwise(x.shape as Shape4D, attrs.filterShape, attrs);
    return takes(info) && areFloats(backend, x, dy)
      ? computeDepthwiseFilterGradient(backend, x, dy, info)
      : undefined;
  });
}
