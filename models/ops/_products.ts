// Products of inputs and weights, with a bias and an epilogue: convolutions and linear layers.
import * as tf from "@tensorflow/tfjs-core";
import {
  FUSED_CONV2D,
  FUSED_LINEAR,
  type FusedAttrs,
} from "../kernels/definitions/_kernel_names.ts";
import type { Tensor } from "../types/tensor.ts";
import { relu } from "./activations.ts";
import { convolve } from "./_convolutions.ts";
import { dropout, toDropoutAttrs } from "./_dropout.ts";
import { addBias } from "./_base/bias.ts";
import { hasKernel } from "./_base/differentiable.ts";
import { multiplyRows } from "./_base/shared_products.ts";
import { fromTfjs, runKernel, toTfjs } from "./_base/tfjs.ts";
import type { Epilogue } from "./_epilogue.ts";

/** Convolves NHWC with HWIO, the same stride and padding in both directions, and adds a bias and an epilogue. */
export function conv2d(
  x: Tensor,
  filter: Tensor,
  bias: Tensor | undefined,
  strides: number,
  padding: number,
  epilogue: Epilogue = {},
): Tensor {
  const images = toTfjs(x);
  if (hasKernel(FUSED_CONV2D) && images.size > 0) {
    return runKernel(
      FUSED_CONV2D,
      { x, filter, bias: bias ?? zeroBias(filter) },
      toFusedAttrs(epilogue, strides, padding),
    );
  }
  const product = convolve(images, toTfjs(filter), {
    strides: [strides, strides],
    dilation: [1, 1],
    padding: [padding, padding, padding, padding],
    groups: 1,
  });
  return finish(product, bias, epilogue);
}

/** Computes `x · weight + bias` for `[n, in]`, `[in, out]` and `[out]`, and an epilogue. */
export function linear(
  x: Tensor,
  weight: Tensor,
  bias: Tensor | undefined,
  epilogue: Epilogue = {},
): Tensor {
  const features = toTfjs(x);
  if (hasKernel(FUSED_LINEAR) && features.size > 0) {
    return runKernel(
      FUSED_LINEAR,
      { x, filter: weight, bias: bias ?? zeroBias(weight) },
      toFusedAttrs(epilogue),
    );
  }
  const product = multiplyRows(features, toTfjs(weight));
  return finish(product, bias, epilogue);
}

/** The fused programs take a bias. */
function zeroBias({ shape }: Tensor): Tensor {
  return fromTfjs(tf.zeros([shape.at(-1) ?? 0]));
}

/** Adds the bias to a product, and applies the rest of what follows it. */
function finish(product: tf.Tensor, bias: Tensor | undefined, epilogue: Epilogue): Tensor {
  if (!bias) return applyEpilogue(fromTfjs(product), epilogue);
  const { relu = false, ...rest } = epilogue;
  return applyEpilogue(fromTfjs(addBias(product, toTfjs(bias), relu)), rest);
}

function toFusedAttrs({ relu = false, dropout }: Epilogue, strides = 1, pad = 0): FusedAttrs {
  return { relu, ...dropout && { dropout: toDropoutAttrs(dropout) }, strides, pad };
}

/** Applies what follows a product by itself. Normalization isn't part of that: it is folded into the product. */
export function applyEpilogue(product: Tensor, epilogue: Epilogue): Tensor {
  const rectified = epilogue.relu ? relu(product) : product;
  return epilogue.dropout ? dropout(rectified, epilogue.dropout) : rectified;
}
