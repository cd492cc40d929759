// Broadcasting as an operation, which tfjs does by copies whose gradient takes a kernel for each.
import * as tf from "@tensorflow/tfjs-core";
import { run, sumTo, withGradient } from "./differentiable.ts";

/** Repeats a tensor along the dimensions in which it has length 1 or which it lacks: itself where there are none. */
export function broadcast(x: tf.Tensor, shape: readonly number[]): tf.Tensor {
  if (x.shape.length === shape.length && x.shape.every((length, d) => length === shape[d])) {
    return x;
  }
  const own = x.shape;
  return withGradient(
    { x },
    () => {
      const full = [...new Array(shape.length - own.length).fill(1), ...own];
      const reps = shape.map((length, d) => length / full[d]!);
      const reshaped = tf.reshape(x, full);
      return reps.every((count) => count === 1) ? reshaped : run("Tile", { x: reshaped }, { reps });
    },
    (dy) => ({ x: () => sumTo(dy, own) }),
  );
}
