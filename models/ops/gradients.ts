/**
 * Gradients of functions of tensors, and functions with gradients of their own.
 *
 * @module
 */

import * as tf from "@tensorflow/tfjs-core";
import { isSameShape } from "../types/_shape.ts";
import type { DataType, Params, Tensor } from "../types/tensor.ts";
import { run, withGradient, withoutGradient } from "./_base/differentiable.ts";
import { isInGradient, runInGradient } from "./_base/gradients.ts";
import { computeGradients } from "./_base/tape.ts";
import { tidy as runTidy } from "./_base/tensors.ts";
import { describeShape, open, openFloats } from "./_base/operands.ts";
import { fromTfjs, toTfjs } from "./_base/tfjs.ts";

export type { DataOf, DataType, Params, Tensor } from "../types/tensor.ts";

/** A value and its gradients. */
export interface ValueAndGrad<Name extends string> {
  /** The value, a scalar. */
  readonly value: Tensor;
  /** The gradient for each of the tensors, of its shape. */
  readonly gradients: Readonly<Record<Name, Tensor>>;
}

/**
 * Computes a function of tensors and its gradient for each of them. All else that the function makes is released.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const w = toTensor(Float32Array.of(1, 2), [2]);
 * const { value, gradients } = ops.valueAndGrad({ w }, ({ w }) => ops.sum(ops.square(w)));
 * assertEquals([...await value.data()], [5]);
 * assertEquals([...await gradients.w.data()], [2, 4]);
 * await backend.close();
 * ```
 *
 * @param params The tensors, by name.
 * @param fn The function. It is called once, at once, and computes with operations; it gives a scalar.
 * @returns The value and the gradients, owned by the caller. The gradient for a tensor that the value doesn't depend on is
 * 0.
 * @throws {RangeError} If there is no tensor, or the function doesn't give a scalar of shape `[]`.
 * @throws {Error} If it is called within a function that is being differentiated: gradients are of the first order.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function valueAndGrad<Name extends string>(
  params: Readonly<Record<Name, Tensor>>,
  fn: (params: Readonly<Record<Name, Tensor>>) => Tensor,
): ValueAndGrad<Name> {
  const names = Object.keys(params) as Name[];
  if (names.length === 0) {
    throw new RangeError("Cannot differentiate for no tensors: it takes a record of at least one");
  }
  if (isInGradient()) {
    throw new Error(
      "Cannot differentiate within a function that is being differentiated: gradients are of the first order",
    );
  }
  // Other names for the same numbers, so that a tensor that is given twice has two gradients.
  const given = names.map((name) => openFloats("valueAndGrad", params[name]));
  const inputs = given.map((x) => withoutGradient(() => run("Identity", { x })));
  try {
    return runInGradient(() => {
      const { value, gradients } = computeGradients(
        () => {
          const named = Object.fromEntries(names.map((name, i) => [name, fromTfjs(inputs[i]!)]));
          const result = fn(named as Record<Name, Tensor>);
          checkScalar(result);
          // Whoever releases the value must not release a parameter.
          return run("Identity", { x: toTfjs(result) });
        },
        inputs,
      );
      const named = names.map((name, i) => [
        name,
        fromTfjs(gradients[i] ?? tf.zeros(inputs[i]!.shape)),
      ]);
      return { value: fromTfjs(value), gradients: Object.fromEntries(named) };
    });
  } finally {
    for (const input of inputs) input.dispose();
  }
}

/**
 * Computes the gradient of a function for each of its tensors: see `valueAndGrad`.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(3), [1]);
 * const gradients = ops.grad({ x }, ({ x }) => ops.sum(ops.power(x, 3)));
 * assertEquals([...await gradients.x.data()], [27]);
 * await backend.close();
 * ```
 *
 * @param params The tensors, by name.
 * @param fn The function, which gives a scalar.
 * @returns The gradients by name, owned by the caller.
 * @throws {RangeError} If there is no tensor, or the function doesn't give a scalar of shape `[]`.
 * @throws {Error} If it is called within a function that is being differentiated.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function grad<Name extends string>(
  params: Readonly<Record<Name, Tensor>>,
  fn: (params: Readonly<Record<Name, Tensor>>) => Tensor,
): Readonly<Record<Name, Tensor>> {
  const { value, gradients } = valueAndGrad(params, fn);
  value.dispose();
  return gradients;
}

function checkScalar(result: Tensor): void {
  if (!(result as unknown instanceof tf.Tensor)) {
    throw new TypeError(`Cannot differentiate ${result}: the function must give a tensor`);
  }
  openFloats("valueAndGrad", result);
  if (result.shape.length === 0) return;
  throw new RangeError(
    `Cannot differentiate a tensor of ${describeShape(result.shape)}: ` +
      "the function must give a scalar, see sum and mean",
  );
}

/**
 * Gives a tensor that is a constant to every gradient.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(3), [1]);
 * const gradients = ops.grad({ x }, ({ x }) => ops.sum(ops.multiply(x, ops.stopGradient(x))));
 * assertEquals([...await gradients.x.data()], [3]);
 * await backend.close();
 * ```
 *
 * @param x The tensor.
 * @returns Another tensor of the same numbers, without a copy.
 * @throws {TypeError} If the tensor was disposed, or is one of another backend.
 */
export function stopGradient<D extends DataType>(x: Tensor<D>): Tensor<D> {
  const input = open("stopGradient", x);
  return fromTfjs<D>(withoutGradient(() => run("Identity", { x: input })));
}

/**
 * Computes with a gradient of one's own.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, type Tensor, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * // A rounding that lets gradients pass.
 * const round = (x: Tensor) =>
 *   ops.customGradient({ x }, ({ x }) => ({ value: ops.round(x), saved: {} }), (dy) => ({ x: dy }));
 * const x = toTensor(Float32Array.of(0.4, 1.6), [2]);
 * const { value, gradients } = ops.valueAndGrad({ x }, ({ x }) => ops.sum(round(x)));
 * assertEquals([...await value.data()], [2]);
 * assertEquals([...await gradients.x.data()], [1, 1]);
 * await backend.close();
 * ```
 *
 * @param inputs The tensors that it is a function of, by name.
 * @param forward Computes the value, and names the tensors that the gradient needs. What else it makes is released.
 * @param backward Computes the gradient for each input, of its shape, from the value's and from what was saved.
 * @returns The value.
 * @throws {RangeError} If a gradient is missing or has another shape than its input; this is thrown where the gradient is
 * computed.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function customGradient<Name extends string, const Saved extends Params>(
  inputs: Readonly<Record<Name, Tensor>>,
  forward: (
    inputs: Readonly<Record<Name, Tensor>>,
  ) => { readonly value: Tensor; readonly saved: Saved },
  backward: (dy: Tensor, saved: Saved) => Readonly<Record<Name, Tensor>>,
): Tensor {
  const names = Object.keys(inputs) as Name[];
  const opened = Object.fromEntries(
    names.map((name) => [name, openFloats("customGradient", inputs[name])]),
  ) as Record<Name, tf.Tensor>;
  let savedNames: string[] = [];
  const shapes = names.map((name) => inputs[name].shape);
  const result = withGradient(
    opened,
    (save) => {
      const { value, saved } = forward(inputs);
      savedNames = Object.keys(saved);
      save(Object.values(saved).map((x) => toTfjs(x)));
      return run("Identity", { x: openFloats("customGradient", value) });
    },
    (dy, tensors) => {
      const saved = Object.fromEntries(savedNames.map((name, i) => [name, fromTfjs(tensors[i]!)]));
      const gradients: Params = runTidy(() => backward(fromTfjs(dy), saved as Saved));
      const check = (name: Name, i: number): tf.Tensor => {
        const gradient = gradients[name];
        if (gradient && isSameShape(gradient.shape, shapes[i]!)) return toTfjs(gradient);
        throw new RangeError(
          `Cannot take ${
            gradient ? `a tensor of ${describeShape(gradient.shape)}` : "nothing"
          } for the gradient of ${name}: it takes one of ${describeShape(shapes[i]!)}`,
        );
      };
      return Object.fromEntries(
        names.map((name, i) => [name, () => tf.clone(check(name, i))]),
      ) as Record<Name, () => tf.Tensor>;
    },
  );
  return fromTfjs(result);
}

/**
 * Runs a function and releases every tensor that it makes, except those that it returns.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(3, 4), [2]);
 * const length = ops.tidy(() => ops.sqrt(ops.sum(ops.square(x))));
 * assertEquals([...await length.data()], [5]);
 * await backend.close();
 * ```
 *
 * @param fn The function. It must not be asynchronous; it returns a tensor, or an array or a plain record of tensors, in
 * any depth.
 * @returns What the function returns.
 * @throws {Error} If the function returns a promise.
 */
export function tidy<T>(fn: () => T): T {
  return runTidy(fn);
}
