// The bridge to the tensor library. Everything else sees the opaque Tensor; which backend computes is its own affair.
import * as tf from "@tensorflow/tfjs-core";
import type { DataType, Tensor } from "../../types/tensor.ts";
import { registerGradients } from "./register_gradients.ts";

registerGradients();

// `using` releases a tensor at the end of its scope.
Object.defineProperty(tf.Tensor.prototype, Symbol.dispose, {
  value(this: tf.Tensor) {
    this.dispose();
  },
  configurable: true,
  writable: true,
});

/** Converts a tensor to the library's type. */
export function toTfjs<R extends tf.Rank = tf.Rank>(tensor: Tensor<DataType>): tf.Tensor<R> {
  return tensor as unknown as tf.Tensor<R>;
}

/** Converts one of the library's tensors, whose elements are of the type that is said. */
export function fromTfjs<D extends DataType = "float32">(tensor: tf.Tensor): Tensor<D> {
  return tensor as unknown as Tensor<D>;
}

/** Runs a kernel by its name. `Outputs` is the type of its result: a tensor, or a tuple of them. */
export function runKernel<Outputs extends Tensor | readonly Tensor[] = Tensor>(
  kernel: string,
  inputs: Readonly<Record<string, Tensor<DataType>>>,
  attrs: object = {},
): Outputs {
  return tf.engine().runKernel(
    kernel,
    inputs as unknown as tf.NamedTensorMap,
    attrs as unknown as tf.NamedAttrMap,
  ) as unknown as Outputs;
}
