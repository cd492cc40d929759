import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-webgpu";
import { DROPOUT } from "../definitions/_kernel_names.ts";
import { computeWindows } from "../definitions/_pool_windows.ts";
import { accelerate } from "./_accelerate.ts";
import { drop } from "./_dropout.ts";
import { computeMaxPoolGradient } from "./_max_pool.ts";
import { registerAdamUpdate } from "./_register_updates.ts";
import { withFloats } from "./device/_floats.ts";

/** Registers what tfjs's WebGPU backend lacks or gets wrong: programs that are needed beside its own kernels too. */
export function registerRequired(): void {
  accelerate(
    DROPOUT,
    (backend, { inputs: { x }, attrs }) =>
      x.shape.includes(0)
        ? tf.zeros(x.shape)
        : withFloats(backend, { x }, ({ x }) => drop(backend, x, attrs)),
  );

  registerAdamUpdate();

  // tfjs's own gives a window's gradient to the last of equal maxima.
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
}
