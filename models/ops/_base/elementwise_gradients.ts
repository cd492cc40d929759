// The gradients of kernels that go over tensors element by element.
import * as tf from "@tensorflow/tfjs-core";
import {
  ACTIVATION_GRADIENT,
  LEAKY_RELU_GRADIENT,
  RELU6_GRADIENT,
  RELU_GRADIENT,
} from "../../kernels/definitions/_kernel_names.ts";
import {
  hasKernel,
  type KernelGradient,
  type KernelGradients,
  run,
  sumTo,
} from "./differentiable.ts";

/** Selects numbers where a condition holds, and 0 elsewhere, whatever the numbers there are. */
export const keepWhere = (condition: tf.Tensor, x: tf.Tensor): tf.Tensor =>
  tf.where(condition, x, tf.zerosLike(x));

/** Makes a gradient of the input. */
const ofInput = (compute: (dy: tf.Tensor, x: tf.Tensor) => tf.Tensor): KernelGradient => ({
  inputsToSave: ["x"],
  gradFunc: (dy, [x]) => ({ x: () => compute(dy, x!) }),
});

/** Makes a gradient of the result. */
const ofOutput = (compute: (dy: tf.Tensor, y: tf.Tensor) => tf.Tensor): KernelGradient => ({
  outputsToSave: [true],
  gradFunc: (dy, [y]) => ({ x: () => compute(dy, y!) }),
});

/** Makes a gradient of two operands, either of which may have been broadcast. */
const ofOperands = (
  left: (dy: tf.Tensor, a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
  right: (dy: tf.Tensor, a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
): KernelGradient => ({
  inputsToSave: ["a", "b"],
  gradFunc: (dy, [a, b]) => ({
    a: () => sumTo(left(dy, a!, b!), a!.shape),
    b: () => sumTo(right(dy, a!, b!), b!.shape),
  }),
});

/** Makes the gradient of a sum or a difference of two operands, which needs none of them. */
const ofTerms = (right: (dy: tf.Tensor) => tf.Tensor): KernelGradient => ({
  gradFunc: (dy, _saved, _attrs, { a, b }) => ({
    a: () => sumTo(dy, a!),
    b: () => sumTo(right(dy), b!),
  }),
});

/** Makes the gradient of the larger or smaller of two: equal operands get a half each. */
const ofExtremum = (loses: typeof tf.less): KernelGradient => {
  const pass = (dy: tf.Tensor, own: tf.Tensor, other: tf.Tensor) =>
    tf.where(
      loses(own, other),
      tf.zerosLike(dy),
      tf.where(tf.equal(own, other), tf.mul(dy, 0.5), dy),
    );
  return ofOperands((dy, a, b) => pass(dy, a, b), (dy, a, b) => pass(dy, b, a));
};

/** The gradients of functions of one number. */
const UNARY: KernelGradients = {
  Abs: ofInput((dy, x) => tf.mul(dy, tf.sign(x))),
  Cos: ofInput((dy, x) => tf.neg(tf.mul(dy, tf.sin(x)))),
  Erf: ofInput((dy, x) => tf.mul(dy, tf.mul(tf.exp(tf.neg(tf.square(x))), 2 / Math.sqrt(Math.PI)))),
  Exp: ofOutput((dy, y) => tf.mul(dy, y)),
  Expm1: ofOutput((dy, y) => tf.mul(dy, tf.add(y, 1))),
  Log: ofInput((dy, x) => tf.div(dy, x)),
  Log1p: ofInput((dy, x) => tf.div(dy, tf.add(x, 1))),
  Neg: { gradFunc: (dy) => ({ x: () => tf.neg(dy) }) },
  Reciprocal: ofOutput((dy, y) => tf.neg(tf.mul(dy, tf.square(y)))),
  Rsqrt: ofOutput((dy, y) => tf.mul(tf.mul(dy, -0.5), tf.mul(tf.square(y), y))),
  Sin: ofInput((dy, x) => tf.mul(dy, tf.cos(x))),
  Sqrt: ofOutput((dy, y) => tf.div(dy, tf.mul(y, 2))),
  Square: ofInput((dy, x) => tf.mul(dy, tf.mul(x, 2))),
};

/** The gradients of activations and of what limits numbers. */
const ACTIVATIONS: KernelGradients = {
  ClipByValue: {
    inputsToSave: ["x"],
    gradFunc: (dy, [x], { clipValueMin, clipValueMax }) => ({
      x: () => {
        const isLow = tf.less(x!, clipValueMin as number);
        const isHigh = tf.greater(x!, clipValueMax as number);
        return tf.where(tf.logicalOr(isLow, isHigh), tf.zerosLike(dy), dy);
      },
    }),
  },
  LeakyRelu: {
    inputsToSave: ["x"],
    gradFunc: (dy, [x], { alpha }) => ({
      x: () =>
        hasKernel(LEAKY_RELU_GRADIENT)
          ? run(LEAKY_RELU_GRADIENT, { x: x!, dy }, { alpha })
          : tf.where(tf.greater(x!, 0), dy, tf.mul(dy, alpha as number)),
    }),
  },
  // Of the result, which the next product keeps anyway: it tells as well where the input was above 0.
  Relu: ofOutput((dy, y) =>
    hasKernel(RELU_GRADIENT)
      ? run(RELU_GRADIENT, { x: y, dy })
      : tf.where(tf.lessEqual(y, 0), tf.zerosLike(dy), dy)
  ),
  Relu6: ofOutput((dy, y) =>
    hasKernel(RELU6_GRADIENT) ? run(RELU6_GRADIENT, { x: y, dy }) : tf.where(
      tf.logicalOr(tf.lessEqual(y, 0), tf.greaterEqual(y, 6)),
      tf.zerosLike(dy),
      dy,
    )
  ),
  Sigmoid: ofOutput((dy, y) =>
    hasKernel(ACTIVATION_GRADIENT)
      ? run(ACTIVATION_GRADIENT, { x: y, dy }, { kind: "sigmoid" })
      : tf.mul(dy, tf.mul(y, tf.sub(1, y)))
  ),
  Softplus: ofInput((dy, x) => tf.mul(dy, tf.sigmoid(x))),
  Tanh: {
    inputsToSave: ["x"],
    outputsToSave: [true],
    gradFunc: (dy, [x, y]) => ({
      x: () =>
        hasKernel(ACTIVATION_GRADIENT)
          ? run(ACTIVATION_GRADIENT, { x: x!, dy }, { kind: "tanh" })
          : tf.mul(dy, tf.sub(1, tf.square(y!))),
    }),
  },
};

/** The gradients of functions of two numbers, and of a choice between two. */
const BINARY: KernelGradients = {
  Add: ofTerms((dy) => dy),
  Maximum: ofExtremum(tf.less),
  Minimum: ofExtremum(tf.greater),
  Multiply: ofOperands((dy, _, b) => tf.mul(dy, b), (dy, a) => tf.mul(dy, a)),
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
  RealDiv: ofOperands(
    (dy, _, b) => tf.div(dy, b),
    // Not by the square, which overflows long before the quotient does.
    (dy, a, b) => tf.neg(tf.mul(dy, tf.div(tf.div(a, b), b))),
  ),
  Select: {
    inputsToSave: ["condition"],
    gradFunc: (dy, [condition]) => ({
      condition: () => tf.zeros(condition!.shape),
      t: () => keepWhere(condition!, dy),
      e: () => tf.where(condition!, tf.zerosLike(dy), dy),
    }),
  },
  Sub: ofTerms((dy) => tf.neg(dy)),
};

/** The gradients of kernels that go over tensors element by element. */
export const elementwiseGradients: KernelGradients = { ...UNARY, ...ACTIVATIONS, ...BINARY };
