// The gradients of kernels that make one number of several.
import * as tf from "@tensorflow/tfjs-core";
import { broadcast } from "./broadcast.ts";
import { REPEAT } from "../../kernels/definitions/_kernel_names.ts";
import { toFloats } from "./casts.ts";
import { hasKernel, type KernelGradient, type KernelGradients, run } from "./differentiable.ts";
import { keepWhere } from "./elementwise_gradients.ts";

/** Gives the axes of a kernel's call. */
const takeAxes = (attrs: Readonly<Record<string, unknown>>, shape: number[]): number[] =>
  tf.util.parseAxisParam((attrs.reductionIndices ?? attrs.axis) as number | number[], shape);

/** Repeats the gradient of a result along the axes that it has no more. */
function repeatAlong(dy: tf.Tensor, axes: number[], shape: number[]): tf.Tensor {
  const [first = 0] = axes;
  const end = first + axes.length;
  if (hasKernel(REPEAT) && axes.every((axis, i) => axis === first + i) && !shape.includes(0)) {
    const count = (lengths: number[]) => lengths.reduce((a, b) => a * b, 1);
    const x = tf.reshape(dy, [count(shape.slice(0, first)), 1, count(shape.slice(end))]);
    return tf.reshape(run(REPEAT, { x }, { rows: count(shape.slice(first, end)) }), shape);
  }
  const kept = shape.map((length, d) => axes.includes(d) ? 1 : length);
  return broadcast(tf.reshape(dy, kept), shape);
}

/** Makes the gradient of a sum, or of one divided by the number of its terms. */
const ofSum = (isMean: boolean): KernelGradient => ({
  gradFunc: (dy, _, attrs, { x: shape = [] }) => {
    const axes = takeAxes(attrs, shape);
    const count = isMean ? axes.reduce((count, axis) => count * shape[axis]!, 1) : 1;
    return { x: () => repeatAlong(isMean ? tf.div(dy, count) : dy, axes, shape) };
  },
});

/** The gradient of the extreme over axes: equal ones share it. */
const EXTREME: KernelGradient = {
  inputsToSave: ["x"],
  outputsToSave: [true],
  gradFunc: (dy, [x, y], attrs) => {
    const { shape } = x!;
    const axes = takeAxes(attrs, shape);
    const kept = shape.map((length, d) => axes.includes(d) ? 1 : length);
    return {
      x: () => {
        const winners = tf.equal(x!, tf.reshape(y!, kept));
        const count = tf.sum(toFloats(winners), axes, true);
        return keepWhere(winners, repeatAlong(tf.div(tf.reshape(dy, kept), count), axes, shape));
      },
    };
  },
};

/** The gradients of kernels that make one number of several. */
export const reductionGradients: KernelGradients = {
  Max: EXTREME,
  Mean: ofSum(true),
  Min: EXTREME,
  Sum: ofSum(false),
  MaxPool: {
    inputsToSave: ["x"],
    outputsToSave: [true],
    gradFunc: (dy, [input, output], attrs) => ({
      x: () => run("MaxPoolGrad", { dy, input: input!, output: output! }, attrs),
    }),
  },
};
