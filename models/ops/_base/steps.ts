// What training steps compute with besides layers and losses: a few numbers at a time.
import * as tf from "@tensorflow/tfjs-core";
import * as host from "../../kernels/wasm/_host_memory.ts";
import type { Tensor } from "../../types/tensor.ts";
import { addTo as addTensorTo, withGradient } from "./differentiable.ts";
import { fromTfjs, toTfjs } from "./tfjs.ts";

/** Divides by a number, or by a scalar that no gradient flows through. */
export function divideBy(x: Tensor, divisor: number | Tensor): Tensor {
  if (typeof divisor === "number") return fromTfjs(tf.div(toTfjs(x), divisor));
  return fromTfjs(withGradient(
    { x: toTfjs(x) },
    (save) => {
      save([toTfjs(divisor)]);
      return tf.div(toTfjs(x), toTfjs(divisor));
    },
    (dy, [fixed]) => ({ x: () => tf.div(dy, fixed!) }),
  ));
}

/** Takes one number of a vector, as a scalar. */
export function takeNumber(x: Tensor, index: number): Tensor {
  return fromTfjs(tf.reshape(tf.slice(toTfjs(x), index, 1), []));
}

/** Makes a vector of numbers and scalars, each times a factor. No gradient flows through it. */
export function stackNumbers(numbers: readonly (Tensor | number)[], factor = 1): Tensor {
  const scalars = numbers.map((x) => typeof x === "number" ? tf.scalar(x) : toTfjs(x));
  const stacked = tf.stack(scalars);
  return fromTfjs(factor === 1 ? stacked : tf.mul(stacked, factor));
}

/**
 * Keeps a tensor's numbers beyond the `tidy` that it was made in, as a tensor of its own, which whoever keeps it releases: the
 * one given may be another's.
 */
export function keep(x: Tensor): Tensor {
  return fromTfjs(tf.keep(tf.clone(toTfjs(x))));
}

/** Whether the open backend has its tensors in main memory. */
export function isInHostMemory(): boolean {
  return host.isInHostMemory();
}

/** Gives what stands for the open backend, from its opening to its closing. */
export function getSession(): object | undefined {
  return tf.getBackend() ? tf.backend() : undefined;
}

/** Adds a tensor to another, in place where nothing else has its numbers. Consumes both. */
export function addTo(sum: Tensor, x: Tensor): Tensor {
  return fromTfjs(addTensorTo(toTfjs(sum), toTfjs(x)));
}
