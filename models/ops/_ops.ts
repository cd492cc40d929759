// The seam: the only module outside kernels/ that knows the tensor library. Layers, losses, optimisers and steps see
// these functions and the opaque Tensor; which backend runs them is none of their business.
import * as tf from "@tensorflow/tfjs-core";
// Registers the gradients of tfjs-core's operations, which Deno's module graph would leave out otherwise.
import "@tensorflow/tfjs-layers";
import { BackendError } from "../backend/backend_error.ts";
import type { Epilogue } from "./epilogue.ts";
import type { Key } from "../random/key.ts";
import * as host from "../kernels/wasm/_host_memory.ts";
import {
  ADAM_UPDATE,
  ADAM_UPDATES,
  type AdamAttrs,
  CROSS_ENTROPY,
  DROPOUT,
  type DropoutAttrs,
  FUSED_CONV2D,
  FUSED_LINEAR,
  type FusedAttrs,
  IMAGE_INPUT,
  type ImageInputAttrs,
  MAX_POOL,
  MAX_POOL_GRADIENT,
  SGD_UPDATES,
  type SgdAttrs,
} from "../kernels/definitions/_kernel_names.ts";
import type { PoolAttrs } from "../kernels/definitions/_pool_windows.ts";
import { isMixed } from "../kernels/webgpu/device/_gpu_backend.ts";
import type { GpuBackend } from "../kernels/webgpu/device/_gpu_backend.ts";
import { registerKernels } from "../kernels/_register_kernels.ts";
import { submitCommands } from "../kernels/webgpu/device/_dispatch.ts";
import type { Tensor } from "../types/tensor.ts";

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
  checkOpen();
  return out(tf.tensor(data, [...shape], "float32"));
}

/** Images of bytes, resized and normalised: see `imageInput`. */
export function imageInput(attrs: ImageInputAttrs): Tensor {
  checkOpen();
  return run(IMAGE_INPUT, {}, attrs) as unknown as Tensor;
}

function checkOpen(): void {
  if (tf.getBackend()) return;
  throw new BackendError("none", "Cannot make a tensor as no backend is open: see openBackend");
}

/** An int32 vector from numbers. */
export function indices(data: Int32Array): Tensor {
  return out(tf.tensor1d(data, "int32"));
}

/** Runs `fn` and releases every tensor that it made except what it returns. */
export function tidy<T>(fn: () => T): T {
  return tf.tidy(fn as () => tf.TensorContainer) as T;
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
    dropout: dropout && dropoutAttrs(dropout),
    strides,
    pad,
  };
}

/** What follows a product, where the backend can't do it in the same program. */
function finish(product: Tensor, epilogue: Epilogue): Tensor {
  const rectified = epilogue.relu ? relu(product) : product;
  if (!epilogue.dropout) return rectified;
  const { rate, key, offset } = epilogue.dropout;
  return dropout(rectified, rate, key, offset);
}

/** `conv2d` for channels and filters in groups of equal size: the filter is `[height, width, channels / groups, filters]`. */
export function groupedConv2d(
  x: Tensor,
  filter: Tensor,
  bias: Tensor,
  strides: number,
  padding: number,
  groups: number,
): Tensor {
  const images = tf.split(own(x), groups, 3) as tf.Tensor4D[];
  const products = (tf.split(own(filter), groups, 3) as tf.Tensor4D[])
    .map((part, group) => tf.conv2d(images[group], part, strides, padding));
  return out(tf.add(tf.concat(products, 3), own(bias)));
}

/** Maximum over windows of NHWC, without padding. */
export function maxPool2d(x: Tensor, poolSize: number, strides: number): Tensor {
  // Where a gradient is wanted, winners are kept for it.
  const keepsWinners = has(MAX_POOL) && tf.engine().state.gradientDepth > 0 && own(x).size > 0;
  if (!keepsWinners) return out(tf.maxPool(own(x) as tf.Tensor4D, poolSize, strides, "valid"));
  const attrs: PoolAttrs = { filterSize: poolSize, strides, pad: "valid" };
  const pool = tf.customGrad((x, save) => {
    const [y, winners] = run(MAX_POOL, { x: out(x as tf.Tensor) }, attrs) as unknown as tf.Tensor[];
    (save as tf.GradSaveFunc)([x as tf.Tensor, y, winners]);
    return {
      value: y,
      gradFunc: (dy, saved) => {
        const [x, y, winners] = (saved as tf.Tensor[]).map(out);
        const inputs = { dy: out(dy as tf.Tensor), x, y, winners };
        return run(MAX_POOL_GRADIENT, inputs, attrs) as unknown as tf.Tensor;
      },
    };
  });
  return out(pool(own(x)));
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

/**
 * Sets each element to 0 with probability `rate` and scales the others by 1 / (1 - rate). Where `x` is a part of something
 * larger, `offset` is the place of its first element there.
 */
export function dropout(x: Tensor, rate: number, key: Key, offset = 0): Tensor {
  const attrs = dropoutAttrs({ rate, key, offset });
  const drop = tf.customGrad((value, _save) => ({
    value: run(DROPOUT, { x: out(value as tf.Tensor) }, attrs) as unknown as tf.Tensor,
    gradFunc: (dy) => run(DROPOUT, { x: out(dy as tf.Tensor) }, attrs) as unknown as tf.Tensor,
  }));
  return out(drop(own(x)));
}

function dropoutAttrs(
  { rate, key: [key0, key1], offset }: NonNullable<Epilogue["dropout"]>,
): DropoutAttrs {
  return { rate, key0: key0 | 0, key1: key1 | 0, offset };
}

/** Cross-entropy of softmax(logits) with each example's class, one value an example: `[n]`. */
export function crossEntropies(logits: Tensor, labels: Tensor): Tensor {
  const target = oneHot(labels, logits.shape[1]);
  const loss = tf.customGrad((value, save) => {
    const logP = logSoftmax(value as tf.Tensor);
    (save as tf.GradSaveFunc)([logP, target]);
    return {
      value: tf.neg(tf.sum(tf.mul(target, logP), 1)),
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

/**
 * `[2]`: the mean cross-entropy of softmax(logits) with each example's class, and how many examples have their largest logit
 * there. The first has a gradient; with the state of loss scaling it is that of the first times the scale.
 */
export function crossEntropyAndCorrect(
  logits: Tensor,
  labels: Tensor,
  scaling?: Tensor,
): Tensor {
  const measure = tf.customGrad((value, save) => {
    const logits = out(value as tf.Tensor);
    const [measured, gradient] = has(CROSS_ENTROPY)
      ? run(CROSS_ENTROPY, { logits, labels, ...scaling && { scaling } }) as unknown as tf.Tensor[]
      : measuredByParts(logits, labels);
    (save as tf.GradSaveFunc)([gradient]);
    return {
      value: measured,
      gradFunc: (dy, saved) => {
        const [gradient] = saved as tf.Tensor[];
        return seeds.has((dy as tf.Tensor).dataId)
          ? tf.clone(gradient)
          : tf.mul(gradient, tf.slice(dy as tf.Tensor, 0, 1));
      },
    };
  });
  return out(measure(own(logits)));
}

/** What was measured, and the gradient of the cross-entropy, in separate operations. */
function measuredByParts(logits: Tensor, labels: Tensor): [tf.Tensor, tf.Tensor] {
  const [size, classes] = logits.shape;
  const target = oneHot(labels, classes);
  const logP = logSoftmax(own(logits));
  const loss = tf.mean(tf.neg(tf.sum(tf.mul(target, logP), 1)));
  const hits = tf.equal(tf.argMax(own(logits), 1), own(labels));
  const correct = tf.sum(tf.cast(hits, "float32"));
  const gradient = tf.mul(1 / size, tf.sub(tf.exp(logP), target));
  return [tf.stack([loss, correct]), gradient];
}

/** A 1 in each row where its class is. Cast, since tfjs's WASM backend fills in integers whichever type is asked for. */
function oneHot(labels: Tensor, classes: number): tf.Tensor {
  return tf.cast(tf.oneHot(own(labels) as tf.Tensor1D, classes), "float32");
}

/** The logarithms of softmax, of shifted logits, so that large ones don't overflow. */
function logSoftmax(logits: tf.Tensor): tf.Tensor {
  const shifted = tf.sub(logits, tf.max(logits, 1, true));
  return tf.sub(shifted, tf.log(tf.sum(tf.exp(shifted), 1, true)));
}

/** Vectors one behind the other. */
export function concat(vectors: readonly Tensor[]): Tensor {
  return out(tf.concat(vectors.map(own)));
}

/** Gradients of results for themselves, which needn't be multiplied by: 1, and 0 for what has no gradient. */
const seeds = new WeakSet<object>();

/**
 * The value of a scalar function of the parameters and its gradient for each of them; of a vector its first number's. What
 * else `fn` makes is released.
 */
export function valueAndGradients(
  params: Readonly<Record<string, Tensor>>,
  fn: (params: Readonly<Record<string, Tensor>>) => Tensor,
  /** How many numbers the value has, where it is no scalar. */
  length?: number,
): { readonly value: Tensor; readonly gradients: Readonly<Record<string, Tensor>> } {
  const names = Object.keys(params);
  const seed = length === undefined
    ? tf.scalar(1)
    : tf.tensor1d(Array.from({ length }, (_, i) => i === 0 ? 1 : 0));
  seeds.add(seed.dataId);
  const { value, grads } = tf.valueAndGrads((...tensors: tf.Tensor[]) =>
    own(fn(Object.fromEntries(names.map((name, i) => [name, out(tensors[i])])))) as tf.Scalar
  )(names.map((name) => own(params[name])), seed as tf.Scalar);
  seed.dispose();
  return {
    value: out(value),
    gradients: Object.fromEntries(names.map((name, i) => [name, out(grads[i])])),
  };
}

/** `a * scale + b`, the update of a momentum. */
function scaleAdd(a: Tensor, scale: number, b: Tensor): Tensor {
  return tidy(() => out(tf.add(tf.mul(own(a), scale), own(b))));
}

/** Zeros of another tensor's shape. */
export function zerosLike(x: Tensor): Tensor {
  return out(tf.zerosLike(own(x)));
}

/** A parameter and its running values, by their names. */
export type Updated<Slot extends string> = Readonly<Record<"parameter" | Slot, Tensor>>;

/** The same with the parameter's gradient. */
export type Update<Slot extends string> = Updated<Slot> & { readonly gradient: Tensor };

/**
 * The state of loss scaling where the backend computes in mixed precision: PyTorch's before the first step, or one that was
 * stored. Updates write to it.
 */
export function lossScaling(
  stored: ArrayLike<number> = [65536, 2000, 0, 0],
): Tensor | undefined {
  return tf.getBackend() === "webgpu" && isMixed(tf.backend() as unknown as GpuBackend)
    ? tensor(Float32Array.from(stored), [stored.length])
    : undefined;
}

/** One Adam update. Consumes its tensors except the gradients: their buffers may be the result's. */
export function adamUpdates(
  updates: readonly Update<"m" | "v">[],
  settings: AdamAttrs,
  scaling?: Tensor,
): Updated<"m" | "v">[] {
  return updateAll(ADAM_UPDATES, ["m", "v"], updates, settings, scaling, (update) => {
    const [parameter, m, v] = run(ADAM_UPDATE, update, settings) as unknown as Tensor[];
    return { parameter, m, v };
  });
}

/** One step of gradient descent. Consumes its tensors except the gradients: their buffers may be the result's. */
export function sgdUpdates(
  updates: readonly Update<never>[],
  learningRate: number,
  scaling?: Tensor,
): Updated<never>[] {
  const settings: SgdAttrs = { learningRate, momentum: 0 };
  return updateAll(SGD_UPDATES, [], updates, settings, scaling, ({ parameter, gradient }) => ({
    parameter: scaleAdd(gradient, -learningRate, parameter),
  }));
}

/** The same with momentum. */
export function momentumUpdates(
  updates: readonly Update<"momentum">[],
  settings: SgdAttrs,
  scaling?: Tensor,
): Updated<"momentum">[] {
  return updateAll(SGD_UPDATES, ["momentum"], updates, settings, scaling, (update) => {
    const momentum = scaleAdd(update.momentum, settings.momentum, update.gradient);
    return { parameter: scaleAdd(momentum, -settings.learningRate, update.parameter), momentum };
  });
}

/** Updates by a kernel for several parameters, or one by one where the backend has none. */
function updateAll<Slot extends string>(
  kernel: string,
  slots: readonly Slot[],
  updates: readonly Update<Slot>[],
  settings: object,
  /** The state of loss scaling, where the gradients are scaled. */
  scaling: Tensor | undefined,
  updateOne: (update: Update<Slot>) => Updated<Slot>,
): Updated<Slot>[] {
  const names = ["parameter", ...slots] as const;
  const release = (update: Update<Slot>) => {
    for (const name of names) update[name].dispose();
  };
  if (!has(kernel) || updates.length === 0) {
    return updates.map((update) => {
      const updated = updateOne(update);
      release(update);
      return updated;
    });
  }
  const inputs = Object.fromEntries(
    updates.flatMap((update, i) =>
      [...names, "gradient" as const].map((name) => [`${name}${i}`, update[name]])
    ),
  );
  const results = run(
    kernel,
    { ...inputs, ...scaling && { scaling } },
    settings,
  ) as unknown as Tensor[];
  updates.forEach(release);
  return updates.map((_, i) =>
    Object.fromEntries(
      names.map((name, j) => [name, results[i * names.length + j]]),
    ) as unknown as Updated<Slot>
  );
}

/** Hands the device what was recorded for it, if the backend records: called at the end of a step. */
export function submit(): void {
  submitCommands();
}

/** A vector, each number times its own factor. */
export function weigh(x: Tensor, factors: Float32Array): Tensor {
  return out(tf.mul(own(x), tf.tensor1d(factors)));
}

/**
 * A tensor's own numbers, to be read and written, until the next tensor is made. Like the three functions after it, it
 * throws a `BackendError` on a backend that has them elsewhere.
 */
export function numbersOf(x: Tensor): Float32Array {
  return host.numbersOf(own(x));
}

/** Some of a tensor's numbers as a tensor, without a copy. It must be released before the whole. */
export function partOf(x: Tensor, start: number, count: number): Tensor {
  return out(host.partOf(own(x), start, count));
}

/** A tensor that may be written to: the one given, or a copy where others have its numbers. Consumes the one given. */
export function unshared(x: Tensor): Tensor {
  return out(host.unshared(own(x)));
}

/** Says that a tensor's numbers were written to. */
export function changed(x: Tensor): void {
  host.changed(own(x));
}
