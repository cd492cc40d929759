// The gradients of the library's kernels that it lacks or gets wrong: at ties and edges, where operands are broadcast, or where
// a number is lost that isn't finite. They are PyTorch's.
import * as tf from "@tensorflow/tfjs-core";
import { toFloats } from "./casts.ts";
import { sumTo } from "./differentiable.ts";

type Gradient = Omit<tf.GradConfig, "kernelName" | "gradFunc"> & {
  readonly gradFunc: (
    dy: tf.Tensor,
    saved: tf.Tensor[],
    attrs: Readonly<Record<string, unknown>>,
  ) => Record<string, () => tf.Tensor>;
};

/** Selects numbers where a condition holds, and 0 elsewhere, whatever the numbers there are. */
const keepWhere = (condition: tf.Tensor, x: tf.Tensor): tf.Tensor =>
  tf.where(condition, x, tf.zerosLike(x));

/** Makes the gradient of the larger or smaller of two: equal operands get a half each. */
const getExtremumGradient = (loses: typeof tf.less): Gradient => {
  const pass = (dy: tf.Tensor, own: tf.Tensor, other: tf.Tensor) => () =>
    sumTo(
      tf.where(
        loses(own, other),
        tf.zerosLike(dy),
        tf.where(tf.equal(own, other), tf.mul(dy, 0.5), dy),
      ),
      own.shape,
    );
  return {
    inputsToSave: ["a", "b"],
    gradFunc: (dy, [a, b]) => ({ a: pass(dy, a!, b!), b: pass(dy, b!, a!) }),
  };
};

/** Makes the gradient of the extreme over axes: equal ones share it. */
const EXTREME: Gradient = {
  inputsToSave: ["x"],
  outputsToSave: [true],
  gradFunc: (dy, [x, y], attrs) => {
    const axes = tf.util.parseAxisParam(
      (attrs.reductionIndices ?? attrs.axis) as number | number[],
      x!.shape,
    );
    const shape = tf.backend_util.expandShapeToKeepDim(y!.shape, axes);
    return {
      x: () => {
        const full = y!.shape.length === x!.shape.length ? y!.shape : shape;
        const winners = tf.equal(x!, tf.reshape(y!, full));
        const count = tf.sum(toFloats(winners), axes, true);
        return keepWhere(
          winners,
          tf.mul(tf.reshape(tf.div(tf.reshape(dy, full), count), full), tf.ones(x!.shape)),
        );
      },
    };
  },
};

const GRADIENTS: Readonly<Record<string, Gradient>> = {
  Abs: {
    inputsToSave: ["x"],
    gradFunc: (dy, [x]) => ({ x: () => tf.mul(dy, tf.sign(x!)) }),
  },
  Maximum: getExtremumGradient(tf.less),
  Minimum: getExtremumGradient(tf.greater),
  RealDiv: {
    inputsToSave: ["a", "b"],
    gradFunc: (dy, [a, b]) => ({
      a: () => sumTo(tf.div(dy, b!), a!.shape),
      // Not by the square, which overflows long before the quotient does.
      b: () => sumTo(tf.neg(tf.mul(dy, tf.div(tf.div(a!, b!), b!))), b!.shape),
    }),
  },
  Pow: {
    inputsToSave: ["a", "b"],
    outputsToSave: [true],
    gradFunc: (dy, [a, b, y]) => ({
      a: () => {
        const slope = tf.mul(b!, tf.pow(a!, tf.sub(b!, 1)));
        const isConstant = tf.logicalAnd(tf.equal(b!, 0), tf.equal(y!, y!));
        return sumTo(tf.where(isConstant, tf.zerosLike(dy), tf.mul(dy, slope)), a!.shape);
      },
      b: () => {
        const isZero = tf.logicalAnd(tf.equal(a!, 0), tf.greaterEqual(b!, 0));
        return sumTo(
          tf.where(isZero, tf.zerosLike(dy), tf.mul(dy, tf.mul(y!, tf.log(a!)))),
          b!.shape,
        );
      },
    }),
  },
  Sqrt: {
    outputsToSave: [true],
    gradFunc: (dy, [y]) => ({ x: () => tf.div(dy, tf.mul(y!, 2)) }),
  },
  Rsqrt: {
    outputsToSave: [true],
    gradFunc: (dy, [y]) => ({
      x: () => tf.mul(tf.mul(dy, -0.5), tf.mul(tf.square(y!), y!)),
    }),
  },
  Reciprocal: {
    outputsToSave: [true],
    gradFunc: (dy, [y]) => ({ x: () => tf.neg(tf.mul(dy, tf.square(y!))) }),
  },
  Relu6: {
    inputsToSave: ["x"],
    gradFunc: (dy, [x]) => ({
      x: () =>
        tf.where(
          tf.logicalOr(tf.lessEqual(x!, 0), tf.greaterEqual(x!, 6)),
          tf.zerosLike(dy),
          dy,
        ),
    }),
  },
  Select: {
    inputsToSave: ["condition"],
    gradFunc: (dy, [condition]) => ({
      condition: () => tf.zeros(condition!.shape),
      t: () => keepWhere(condition!, dy),
      e: () => tf.where(condition!, tf.zerosLike(dy), dy),
    }),
  },
  Max: EXTREME,
  Min: EXTREME,
};

let registered = false;

/** Registers gradients in the place of the library's, once. */
export function registerGradients(): void {
  if (registered) return;
  registered = true;
  for (const [kernelName, gradient] of Object.entries(GRADIENTS)) {
    if (tf.getGradient(kernelName)) tf.unregisterGradient(kernelName);
    tf.registerGradient(
      { kernelName, ...gradient } as unknown as tf.GradConfig,
    );
  }
}
