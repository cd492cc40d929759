/**
 * Activation functions of each element.
 *
 * @module
 */

import * as tf from "@tensorflow/tfjs-core";
import { ACTIVATION, ACTIVATION_GRADIENT } from "../kernels/definitions/_kernel_names.ts";
import type { Tensor } from "../types/tensor.ts";
import { hasKernel, run, withGradient } from "./_base/differentiable.ts";
import { runUnary } from "./_base/elementwise.ts";
import { isEmpty, makeConstant, openFloats } from "./_base/operands.ts";
import { fromTfjs } from "./_base/tfjs.ts";

export type { DataOf, DataType, Tensor } from "../types/tensor.ts";

/**
 * Rectifies: `max(x, 0)`. Its gradient at 0 is 0.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(-1, 2), [2]);
 * assertEquals([...await ops.relu(x).data()], [0, 2]);
 * await backend.close();
 * ```
 *
 * @param x The tensor, of any shape.
 * @returns `x` where it is above 0, else 0.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function relu(x: Tensor): Tensor {
  return runUnary("relu", "Relu", x);
}

/**
 * Rectifies up to 6: `min(max(x, 0), 6)`. Its gradient at 0 and at 6 is 0.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(-1, 2, 8), [3]);
 * assertEquals([...await ops.relu6(x).data()], [0, 2, 6]);
 * await backend.close();
 * ```
 *
 * @param x The tensor, of any shape.
 * @returns The limited numbers.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function relu6(x: Tensor): Tensor {
  return runUnary("relu6", "Relu6", x);
}

/**
 * Rectifies with a slope below 0 (Maas et al., 2013).
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(-1, 2), [2]);
 * assertEquals([...await ops.leakyRelu(x, { slope: 0.5 }).data()], [-0.5, 2]);
 * await backend.close();
 * ```
 *
 * @param x The tensor, of any shape.
 * @param options The slope below 0; 0.01 by default.
 * @returns `x` where it is above 0, else `slope * x`.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function leakyRelu(x: Tensor, { slope = 0.01 }: { readonly slope?: number } = {}): Tensor {
  return runUnary("leakyRelu", "LeakyRelu", x, { alpha: slope });
}

/**
 * Computes the exponential linear unit (Clevert et al., 2016).
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(0, 2), [2]);
 * assertEquals([...await ops.elu(x).data()], [0, 2]);
 * await backend.close();
 * ```
 *
 * @param x The tensor, of any shape.
 * @param options What the result tends to far below 0, negated; 1 by default.
 * @returns `x` where it is above 0, else `alpha * (e^x - 1)`.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function elu(x: Tensor, { alpha = 1 }: { readonly alpha?: number } = {}): Tensor {
  const input = openFloats("elu", x);
  if (isEmpty(input)) return fromTfjs(makeConstant({ input }, input.shape));
  return fromTfjs(withGradient(
    { input },
    (save) => {
      const below = tf.mul(run("Expm1", { x: tf.minimum(input, 0) }), alpha);
      const isAbove = tf.greater(input, 0);
      const y = tf.where(isAbove, input, below);
      save([isAbove, below]);
      return y;
    },
    // Below 0 the slope is alpha · e^x, which is the value plus alpha.
    (dy, [isAbove, below]) => ({
      input: () => tf.where(isAbove!, dy, tf.mul(dy, tf.add(below!, alpha))),
    }),
  ));
}

/**
 * Computes the logistic function.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(0), [1]);
 * assertEquals([...await ops.sigmoid(x).data()], [0.5]);
 * await backend.close();
 * ```
 *
 * @param x The tensor, of any shape.
 * @returns `1 / (1 + e^-x)`, from 0 to 1.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function sigmoid(x: Tensor): Tensor {
  return runUnary("sigmoid", "Sigmoid", x);
}

/**
 * Computes a smooth rectifier.
 *
 * @example Usage
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(0), [1]);
 * const [y] = await ops.softplus(x).data();
 * assertAlmostEquals(y!, Math.LN2, 1e-6);
 * await backend.close();
 * ```
 *
 * @param x The tensor, of any shape.
 * @returns `ln(1 + e^x)`.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function softplus(x: Tensor): Tensor {
  return runUnary("softplus", "Softplus", x);
}

/**
 * Computes the hyperbolic tangent.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(0), [1]);
 * assertEquals([...await ops.tanh(x).data()], [0]);
 * await backend.close();
 * ```
 *
 * @param x The tensor, of any shape.
 * @returns `tanh(x)`, from -1 to 1.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function tanh(x: Tensor): Tensor {
  return runUnary("tanh", "Tanh", x);
}

/**
 * Computes the sigmoid linear unit, or swish (Elfwing et al., 2018).
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(0), [1]);
 * assertEquals([...await ops.silu(x).data()], [0]);
 * await backend.close();
 * ```
 *
 * @param x The tensor, of any shape.
 * @returns `x * sigmoid(x)`.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function silu(x: Tensor): Tensor {
  const input = openFloats("silu", x);
  if (isEmpty(input)) return fromTfjs(makeConstant({ input }, input.shape));
  if (hasKernel(ACTIVATION)) return fromTfjs(runActivation(input, "silu"));
  return fromTfjs(withGradient(
    { input },
    (save) => {
      const gate = run("Sigmoid", { x: input });
      save([input, gate]);
      return tf.mul(input, gate);
    },
    (dy, [x, gate]) => ({
      input: () => tf.mul(dy, tf.mul(gate!, tf.add(tf.mul(x!, tf.sub(1, gate!)), 1))),
    }),
  ));
}

/**
 * Computes the Gaussian error linear unit (Hendrycks and Gimpel, 2016).
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(0, 10), [2]);
 * assertEquals([...await ops.gelu(x).data()], [0, 10]);
 * await backend.close();
 * ```
 *
 * @param x The tensor, of any shape.
 * @param options Whether it is computed with a hyperbolic tangent, as in GPT-2; by default it is exact.
 * @returns `x * Φ(x)`, where `Φ` is the normal distribution's function.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function gelu(
  x: Tensor,
  { approximate = false }: { readonly approximate?: boolean } = {},
): Tensor {
  const input = openFloats("gelu", x);
  if (isEmpty(input)) return fromTfjs(makeConstant({ input }, input.shape));
  if (approximate) return fromTfjs(computeTanhGelu(input));
  return fromTfjs(hasKernel(ACTIVATION) ? runActivation(input, "gelu") : computeErfGelu(input));
}

/** Runs a function in one kernel, and its gradient in another. */
function runActivation(input: tf.Tensor, kind: "silu" | "gelu"): tf.Tensor {
  return withGradient(
    { input },
    (save) => {
      save([input]);
      return run(ACTIVATION, { x: input }, { kind });
    },
    (dy, [x]) => ({ input: () => run(ACTIVATION_GRADIENT, { x: x!, dy }, { kind }) }),
  );
}

/** `x / 2 · (1 + erf(x / √2))`. */
function computeErfGelu(input: tf.Tensor): tf.Tensor {
  return withGradient(
    { input },
    (save) => {
      const share = tf.mul(tf.add(run("Erf", { x: tf.mul(input, Math.SQRT1_2) }), 1), 0.5);
      save([input, share]);
      return tf.mul(input, share);
    },
    (dy, [x, share]) => ({
      input: () => {
        const density = tf.mul(tf.exp(tf.mul(tf.square(x!), -0.5)), 1 / Math.sqrt(2 * Math.PI));
        return tf.mul(dy, tf.add(share!, tf.mul(x!, density)));
      },
    }),
  );
}

/** `x / 2 · (1 + tanh(√(2/π) · (x + 0.044715 · x³)))`. */
function computeTanhGelu(input: tf.Tensor): tf.Tensor {
  const [scale, cubic] = [Math.sqrt(2 / Math.PI), 0.044715];
  return withGradient(
    { input },
    (save) => {
      const inner = tf.mul(tf.mul(input, scale), tf.add(tf.mul(tf.square(input), cubic), 1));
      const t = tf.tanh(inner);
      save([input, t]);
      return tf.mul(tf.mul(input, 0.5), tf.add(t, 1));
    },
    (dy, [x, t]) => ({
      input: () => {
        const slope = tf.mul(tf.add(tf.mul(tf.square(x!), 3 * cubic), 1), scale);
        const bent = tf.mul(tf.mul(x!, tf.sub(1, tf.square(t!))), slope);
        return tf.mul(dy, tf.mul(tf.add(tf.add(t!, 1), bent), 0.5));
      },
    }),
  );
}
