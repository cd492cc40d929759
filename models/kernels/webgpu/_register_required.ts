import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-webgpu";
import { CROSS_ENTROPY, DROPOUT, RELU_GRADIENT } from "../definitions/_kernel_names.ts";
import { computeWindows } from "../definitions/_pool_windows.ts";
import { accelerate } from "./_accelerate.ts";
import { measureCrossEntropy } from "./_cross_entropy.ts";
import { drop } from "./_dropout.ts";
import { computeMaxPoolGradient, takeMaxima } from "./_max_pool.ts";
import { computeActivationGradient } from "./_activations.ts";
import { registerDepthwiseGradients } from "./_register_depthwise.ts";
import { registerUpdates } from "./_register_updates.ts";
import { permute } from "./_transpose.ts";
import { areFloats, withFloats } from "./device/_floats.ts";

/** Registers what tfjs's WebGPU backend lacks or gets wrong: programs that are needed beside its own kernels too. */
export function registerRequired(): void {
  accelerate(
    DROPOUT,
    (backend, { inputs: { x }, attrs }) =>
      x.shape.includes(0)
        ? tf.zeros(x.shape)
        : withFloats(backend, { x }, ({ x }) => drop(backend, x, attrs)),
  );

  registerUpdates();

  accelerate(
    CROSS_ENTROPY,
    (backend, { inputs: { logits, labels, scaling } }) =>
      withFloats(
        backend,
        { logits },
        ({ logits }) => measureCrossEntropy(backend, logits, labels, scaling),
      ),
  );

  // tfjs's own is the gradient times a step, of which NaN and what is infinite make NaN.
  accelerate(
    RELU_GRADIENT,
    (backend, { inputs: { x, dy } }) =>
      areFloats(backend, x, dy)
        ? computeActivationGradient(backend, x, dy, "relu")
        : tf.tidy(() => tf.mul(dy as tf.Tensor, tf.step(x as tf.Tensor))),
  );

  // tfjs's own leaves NaN out, and finds no maximum below -1e20.
  accelerate(
    "MaxPool",
    (backend, { inputs: { x }, attrs }) =>
      areFloats(backend, x) ? takeMaxima(backend, x, computeWindows(x.shape, attrs)) : undefined,
  );

  // And it gives a window's gradient to the last of equal maxima.
  accelerate(
    "MaxPoolGrad",
    (backend, { inputs: { input, dy }, attrs }) =>
      input.shape.includes(0) || dy.shape.includes(0) ? tf.zeros(input.shape) : withFloats(
        backend,
        { input, dy },
        ({ input, dy }) =>
          computeMaxPoolGradient(backend, input, dy, computeWindows(input.shape, attrs)),
      ),
  );

  // tfjs's own take no dilation.
  registerDepthwiseGradients(({ dilationHeight, dilationWidth }) =>
    Math.max(dilationHeight, dilationWidth) > 1
  );

  // tfjs's own takes one program for all types, and fails where a dimension has length 1.
  accelerate(
    "Transpose",
    (backend, { inputs: { x }, attrs: { perm } }) =>
      x.shape.includes(0) ? undefined : permute(backend, x, perm),
  );
}
