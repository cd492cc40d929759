// The seam: the only module outside kernels/ that knows the tensor library. Layers, losses, optimisers and steps see
// these functions and the opaque Tensor; which backend runs them is none of their business.
import * as tf from "@tensorflow/tfjs-core";
// Registers the gradients of tfjs-core's operations, which Deno's module graph would leave out otherwise.
import "@tensorflow/tfjs-layers";
import { BackendError } from "./backend_error.ts";
import type { Epilogue } from "./epilogue.ts";
import type { Key } from "./key.ts";
import {
  ADAM_UPDATE,
  type AdamAttrs,
  DROPOUT,
  type DropoutAttrs,
  FUSED_CONV2D,
  FUSED_LINEAR,
  type FusedAttrs,
} from "./kernels/_names.ts";
import { registerKernels } from "./kernels/register_kernels.ts";
import type { Tensor } from "./tensor.ts";

registerKernels();

const own = (tensor: Tensor): tf.Tensor => tensor as unknown as tf.Tensor;
const out = (tensor: tf.Tensor): Tensor => tensor as unknown as Tensor;
const run = (kernel: string, inputs: Record<string, Tensor>, attrs: object = {}) =>
  tf.engine().runKernel(
    kernel,
    inputs as unknown as tf.NamedTensorMap,
    attrs as unknown as tf.NamedAttrMap,
  );

/** Whether the backend has a kernel that others lack. */
const has = (kernel: string) => tf.getKernel(kernel, tf.getBackend()) !== undefined;

/** A float32 tensor from numbers, which must stay as they are until its first use: a backend may copy them only then. */
export function tensor(data: Float32Array, shape: readonly number[]): Tensor {
  if (!tf.getBackend()) {
    throw new BackendError("none", "Cannot make a tensor as no backend is open: see openBackend");
  }
  return out(tf.tensor(data, [...shape], "float32"));
}

/** An int32 vector from numbers. */
export function indices(data: Int32Array): Tensor {
  return out(tf.tensor1d(data, "int32"));
}

/** Runs `fn` and releases every tensor that it made except what it returns. */
export function tidy<T>(fn: () => T): T {
  return tf.tidy(fn as () => tf.TensorContainer) as T;
}

/** Keeps a tensor beyond the end of the surrounding `tidy`. */
export function keep(x: Tensor): Tensor {
  return out(tf.keep(own(x)));
}

/** The number of tensors that are alive. */
export function tensorCount(): number {
  return tf.engine().state.numTensors;
}

/** Convolution of NHWC with HWIO, the same stride and padding in both directions, a bias, and what follows it. */
export function conv2d(
  x: Tensor,
  filter: Tensor,
  bias: Tensor,
  strides: number,
  padding: number,
  epilogue: Epilogue = {},
): Tensor {
  if (has(FUSED_CONV2D) && own(x).size > 0) {
    const attrs = fusedAttrs(epilogue, strides, padding);
    return run(FUSED_CONV2D, { x, filter, bias }, attrs) as unknown as Tensor;
  }
  const product = tf.conv2d(own(x) as tf.Tensor4D, own(filter) as tf.Tensor4D, strides, padding);
  return finish(out(tf.add(product, own(bias))), epilogue);
}

function fusedAttrs({ relu = false, dropout }: Epilogue, strides = 1, pad = 0): FusedAttrs {
  return {
    relu,
    dropout: dropout && dropoutAttrs(dropout.rate, dropout.key),
    strides,
    pad,
  };
}

/** What follows a product, where the backend can't do it in the same program. */
function finish(product: Tensor, epilogue: Epilogue): Tensor {
  const rectified = epilogue.relu ? relu(product) : product;
  return epilogue.dropout
    ? dropout(rectified, epilogue.dropout.rate, epilogue.dropout.key)
    : rectified;
}

/** Maximum over windows of NHWC, without padding. */
export function maxPool2d(x: Tensor, poolSize: number, strides: number): Tensor {
  return out(tf.maxPool(own(x) as tf.Tensor4D, poolSize, strides, "valid"));
}

/** `max(x, 0)`. */
export function relu(x: Tensor): Tensor {
  return out(tf.relu(own(x)));
}

/** `x · weight + bias` for `[n, in]`, `[in, out]` and `[out]`, and what follows it. */
export function linear(
  x: Tensor,
  weight: Tensor,
  bias: Tensor,
  epilogue: Epilogue = {},
): Tensor {
  if (has(FUSED_LINEAR) && own(x).size > 0) {
    const inputs = { x, filter: weight, bias };
    return run(FUSED_LINEAR, inputs, fusedAttrs(epilogue)) as unknown as Tensor;
  }
  return finish(out(tf.add(tf.matMul(own(x), own(weight)), own(bias))), epilogue);
}

/** `[n, h, w, c]` as `[n, c * h * w]`, in PyTorch's C-H-W order. */
export function flatten(x: Tensor): Tensor {
  const [size, ...rest] = x.shape;
  const ordered = rest.length === 3 && rest[2] > 1 && rest[0] * rest[1] > 1
    ? tf.transpose(own(x), [0, 3, 1, 2])
    : own(x);
  return out(tf.reshape(ordered, [size, rest.reduce((a, b) => a * b, 1)]));
}

/** Sets each element to 0 with probability `rate` and scales the others by 1 / (1 - rate). */
export function dropout(x: Tensor, rate: number, key: Key): Tensor {
  const attrs = dropoutAttrs(rate, key);
  const drop = tf.customGrad((value, _save) => ({
    value: run(DROPOUT, { x: out(value as tf.Tensor) }, attrs) as unknown as tf.Tensor,
    gradFunc: (dy) => run(DROPOUT, { x: out(dy as tf.Tensor) }, attrs) as unknown as tf.Tensor,
  }));
  return out(drop(own(x)));
}

function dropoutAttrs(rate: number, [key0, key1]: Key): DropoutAttrs {
  return { rate, key0: key0 | 0, key1: key1 | 0 };
}

/** Cross-entropy of softmax(logits) with each example's class, one value an example: `[n]`. */
export function crossEntropies(logits: Tensor, labels: Tensor): Tensor {
  const classes = logits.shape[1];
  // Cast, since tfjs's WASM backend fills in whole numbers whichever type is asked for.
  const oneHot = tf.cast(tf.oneHot(own(labels) as tf.Tensor1D, classes), "float32");
  const loss = tf.customGrad((value, save) => {
    const shifted = tf.sub(value as tf.Tensor, tf.max(value as tf.Tensor, 1, true));
    const logSum = tf.log(tf.sum(tf.exp(shifted), 1, true));
    const logProbabilities = tf.sub(shifted, logSum);
    (save as tf.GradSaveFunc)([logProbabilities, oneHot]);
    return {
      value: tf.neg(tf.sum(tf.mul(oneHot, logProbabilities), 1)),
      gradFunc: (dy, saved) => {
        const [logP, target] = saved as tf.Tensor[];
        return tf.mul(tf.expandDims(dy as tf.Tensor, 1), tf.sub(tf.exp(logP), target));
      },
    };
  });
  return out(loss(own(logits)));
}

/** Mean of all elements. */
export function mean(x: Tensor): Tensor {
  return out(tf.mean(own(x)));
}

/** For each row the index of its largest element, int32. */
export function argMax(x: Tensor): Tensor {
  return out(tf.argMax(own(x), 1));
}

/** How many elements of two int32 vectors are equal, as a float32 scalar. */
export function countEqual(a: Tensor, b: Tensor): Tensor {
  return out(tf.sum(tf.cast(tf.equal(own(a), own(b)), "float32")));
}

/** Scalars as one vector. */
export function stack(scalars: readonly Tensor[]): Tensor {
  return out(tf.stack(scalars.map(own)));
}

/**
 * The value of a scalar function of the parameters and its gradient for each of them. What else `fn` makes is released,
 * unless it is kept with `keep`.
 */
export function valueAndGradients(
  params: Readonly<Record<string, Tensor>>,
  fn: (params: Readonly<Record<string, Tensor>>) => Tensor,
): { readonly value: Tensor; readonly gradients: Readonly<Record<string, Tensor>> } {
  const names = Object.keys(params);
  const { value, grads } = tf.valueAndGrads((...tensors: tf.Tensor[]) =>
    own(fn(Object.fromEntries(names.map((name, i) => [name, out(tensors[i])])))) as tf.Scalar
  )(names.map((name) => own(params[name])));
  return {
    value: out(value),
    gradients: Object.fromEntries(names.map((name, i) => [name, out(grads[i])])),
  };
}

/** `a * scale + b`, the update of a momentum. */
export function scaleAdd(a: Tensor, scale: number, b: Tensor): Tensor {
  return tidy(() => out(tf.add(tf.mul(own(a), scale), own(b))));
}

/** Zeros of another tensor's shape. */
export function zerosLike(x: Tensor): Tensor {
  return out(tf.zerosLike(own(x)));
}

/** One Adam update. Consumes its tensors except the gradient: their buffers may be the result's. */
export function adamUpdate(
  parameter: Tensor,
  gradient: Tensor,
  m: Tensor,
  v: Tensor,
  settings: AdamAttrs,
): { readonly parameter: Tensor; readonly m: Tensor; readonly v: Tensor } {
  const result = run(ADAM_UPDATE, { parameter, gradient, m, v }, settings) as unknown as Tensor[];
  return { parameter: result[0], m: result[1], v: result[2] };
}
