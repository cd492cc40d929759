// The gradients of kernels that move numbers and compute nothing.
import * as tf from "@tensorflow/tfjs-core";
import type { KernelGradients } from "./differentiable.ts";

/** The gradients of kernels that move numbers and compute nothing. */
export const shapeGradients: KernelGradients = {
  Identity: { gradFunc: (dy) => ({ x: () => tf.clone(dy) }) },
  PadV2: {
    inputsToSave: ["x"],
    gradFunc: (dy, [x], { paddings }) => ({
      x: () => tf.slice(dy, (paddings as [number, number][]).map(([before]) => before), x!.shape),
    }),
  },
  Reshape: {
    inputsToSave: ["x"],
    gradFunc: (dy, [x]) => ({ x: () => tf.reshape(dy, x!.shape) }),
  },
  Reverse: {
    gradFunc: (dy, _, { dims }) => ({ x: () => tf.reverse(dy, dims as number[]) }),
  },
  Slice: {
    inputsToSave: ["x"],
    gradFunc: (dy, [x], attrs) => {
      const begin = attrs.begin as number[];
      const paddings = x!.shape.map((length, d): [number, number] => {
        const before = begin[d] ?? 0;
        return [before, length - before - dy.shape[d]!];
      });
      return { x: () => tf.pad(dy, paddings) };
    },
  },
  SplitV: {
    gradFunc: (dy, _, { axis }) => ({
      x: () => tf.concat(dy as unknown as tf.Tensor[], axis as number),
    }),
  },
  Transpose: {
    gradFunc: (dy, _, attrs) => {
      const perm = attrs.perm as number[];
      return { x: () => tf.transpose(dy, perm.map((_, d) => perm.indexOf(d))) };
    },
  },
};
