import * as tf from "@tensorflow/tfjs-core";
import { run, withGradient } from "./differentiable.ts";

/** Puts tensors behind each other along an axis. Nothing is kept for the gradient, which is cut into their lengths. */
export function concatenate(tensors: readonly tf.Tensor[], axis: number): tf.Tensor {
  const inputs = Object.fromEntries(tensors.entries());
  const shapes = tensors.map(({ shape }) => shape);
  return withGradient(
    inputs,
    () => run("Concat", tensors as unknown as Record<string, tf.Tensor>, { axis }),
    (dy) => {
      let at = 0;
      return Object.fromEntries(shapes.map((shape, i) => {
        const begin = shape.map((_, d) => d === axis ? at : 0);
        at += shape[axis]!;
        return [i, () => tf.slice(dy, begin, shape)];
      }));
    },
  );
}
