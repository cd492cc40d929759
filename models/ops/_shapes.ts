import * as tf from "@tensorflow/tfjs-core";
import { countElements, isImageShape } from "../types/_shape.ts";
import type { Tensor } from "../types/tensor.ts";
import { fromTfjs, toTfjs } from "./_base/tfjs.ts";

/** Flattens `[n, h, w, c]` to `[n, c * h * w]`, in PyTorch's C-H-W order. */
export function flatten(x: Tensor): Tensor {
  const [size = 0, ...shape] = x.shape;
  return fromTfjs(
    tf.reshape(
      isOrdered(shape) ? toTfjs(x) : tf.transpose(toTfjs(x), [0, 3, 1, 2]),
      [size, countElements(shape)],
    ),
  );
}

/** Tells whether an example's numbers lie in C-H-W order. */
function isOrdered(shape: readonly number[]): boolean {
  if (!isImageShape(shape)) return true;
  const [height, width, channels] = shape;
  return channels <= 1 || height * width <= 1;
}
