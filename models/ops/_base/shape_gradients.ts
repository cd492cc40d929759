// The gradients of kernels that move numbers and compute nothing.
import * as tf from "@tensorflow/tfjs-core";
import type { KernelGradients } from "./differentiable.ts";

/** The gradients of kernels that move numbers and compute nothing. */
export const shapeGradients: KernelGradients = {
  Identity: { gradFunc: (dy) => ({ x: () => tf.clone(dy) }) },
  PadV2: {
    gradFunc: (dy, _, { paddings }, { x }) => ({
      x: () => tf.slice(dy, (paddings as [number, number][]).map(([before]) => before), x!),
    }),
  },
  Reshape: {
    gradFunc: (dy, _saved, _attrs, { x }) => ({ x: () => tf.reshape(dy, x!) }),
  },
  Reverse: {
    gradFunc: (dy, _, { dims }) => ({ x: () => tf.reverse(dy, dims as number[]) }),
  },
  Slice: {
    gradFunc: (dy, _, attrs, { x }) => {
      const begin = attrs.begin as number[];
      const paddings = x!.map((length, d): [number, number] => {
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
