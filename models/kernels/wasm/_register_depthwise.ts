import * as tf from "@tensorflow/tfjs-core";
import type { Shape4D } from "../definitions/_kernel_signatures.ts";
import { describeDepthwise } from "../host/_depthwise_on_host.ts";
import { accelerate, areFloats, makeOutput } from "./_accelerate.ts";
import type { PlacedTaps } from "./_functions.ts";

/** Registers the gradients of depthwise convolutions with one filter for each channel. */
export function registerDepthwise(): void {
  accelerate(
    "DepthwiseConv2dNativeBackpropInput",
    ({ functions, address }, { inputs: { dy, filter }, attrs, backend }) => {
      const info = describeDepthwise(attrs.inputShape, filter.shape as Shape4D, attrs);
      if (info.outChannels !== info.inChannels || !areFloats(dy, filter)) return undefined;
      return makeOutput(backend, attrs.inputShape, (dx) => {
        functions.depthwiseInputGradient(address(dy), address(filter), dx, ...list(info));
      });
    },
  );

  accelerate(
    "DepthwiseConv2dNativeBackpropFilter",
    ({ functions, address, workspace }, { inputs: { x, dy }, attrs, backend }) => {
      const { filterShape } = attrs;
      const info = describeDepthwise(x.shape as Shape4D, filterShape, attrs);
      if (info.outChannels !== info.inChannels || !areFloats(x, dy)) return undefined;
      return makeOutput(backend, filterShape, (dFilter) => {
        const sums = workspace(tf.util.sizeFromShape(filterShape) * 4);
        functions.depthwiseFilterGradient(
          address(x),
          address(dy),
          dFilter,
          sums,
          ...list(info),
        );
      });
    },
  );
}

const list = (info: tf.backend_util.Conv2DInfo): PlacedTaps => [
  info.batchSize,
  info.inHeight,
  info.inWidth,
  info.inChannels,
  info.outHeight,
  info.outWidth,
  info.filterHeight,
  info.filterWidth,
  info.strideHeight,
  info.strideWidth,
  info.dilationHeight,
  info.dilationWidth,
  info.padInfo.top,
  info.padInfo.left,
];
