// How operations are recorded for gradients, or left out of the record.
import * as tf from "@tensorflow/tfjs-core";
import { ADD_TO } from "../../kernels/definitions/_kernel_names.ts";

/** The gradient of a kernel: what is kept of its call, and how each input's gradient is computed from that of its result. */
export type KernelGradient = Omit<tf.GradConfig, "kernelName" | "gradFunc"> & {
  readonly gradFunc: (
    dy: tf.Tensor,
    saved: tf.Tensor[],
    attrs: Readonly<Record<string, unknown>>,
    /** The shapes of the inputs, so that none is kept for its shape alone. */
    shapes: Readonly<Record<string, number[]>>,
  ) => Readonly<Record<string, () => tf.Tensor>>;
};

/** Gradients by the names of their kernels. They are PyTorch's, also at ties and edges and for what isn't finite. */
export type KernelGradients = Readonly<Record<string, KernelGradient>>;

/** Keeps tensors for the gradient, where one is wanted. */
export type Save = (tensors: tf.Tensor[]) => void;

/** The parts of the library's engine that are used here and that its types don't show. */
interface Engine {
  runKernelFunc(call: {
    readonly forwardFunc: (backend: unknown, save: Save) => tf.Tensor;
    readonly backwardsFunc: (
      dy: tf.Tensor,
      saved: readonly tf.Tensor[],
    ) => Readonly<Record<string, () => tf.Tensor>>;
    readonly inputs: Readonly<Record<string, tf.Tensor>>;
  }): tf.Tensor;
}

/**
 * Computes with a gradient of its own: `forward` gives a new tensor, `backward` for each input a function that computes its
 * gradient, which is called only where that is wanted. What `backward` uses has to be saved.
 */
export function withGradient<Name extends string>(
  inputs: Readonly<Record<Name, tf.Tensor>>,
  forward: (save: Save) => tf.Tensor,
  backward: (
    dy: tf.Tensor,
    saved: readonly tf.Tensor[],
  ) => Readonly<Record<Name, () => tf.Tensor>>,
): tf.Tensor {
  return (tf.engine() as unknown as Engine).runKernelFunc({
    forwardFunc: (_, save) => forward(save),
    backwardsFunc: backward,
    inputs,
  });
}

/** Runs `fn` without recording it: its results are constants to every gradient. */
export function withoutGradient<T>(fn: () => T): T {
  const { state } = tf.engine();
  state.kernelDepth++;
  try {
    return fn();
  } finally {
    state.kernelDepth--;
  }
}

/** Runs a kernel of one result. */
export function run(
  kernel: string,
  inputs: Readonly<Record<string, tf.Tensor>>,
  attrs: object = {},
): tf.Tensor {
  return tf.engine().runKernel(kernel, inputs, attrs as unknown as tf.NamedAttrMap) as tf.Tensor;
}

/** Runs a kernel of several results. */
export function runAll(
  kernel: string,
  inputs: Readonly<Record<string, tf.Tensor>>,
  attrs: object = {},
): tf.Tensor[] {
  const results: unknown = run(kernel, inputs, attrs);
  return results as tf.Tensor[];
}

/** Tells whether the backend in use has a kernel that others lack. */
export function hasKernel(kernel: string): boolean {
  return tf.getKernel(kernel, tf.getBackend()) !== undefined;
}

/** Sums a gradient over the dimensions along which its operand was broadcast. */
export function sumTo(gradient: tf.Tensor, shape: number[]): tf.Tensor {
  const axes = tf.broadcast_util.getReductionAxes(shape, gradient.shape);
  return tf.reshape(axes.length > 0 ? tf.sum(gradient, axes) : gradient, shape);
}

/** Adds up two gradients of one tensor, in place where that can be. Consumes both. */
export function addTo(sum: tf.Tensor, dx: tf.Tensor): tf.Tensor {
  const both = hasKernel(ADD_TO) ? run(ADD_TO, { sum, x: dx }) : tf.add(sum, dx);
  sum.dispose();
  dx.dispose();
  return both;
}
