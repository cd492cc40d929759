import type { Tensor } from "@rill/rill/models";
import * as ops from "@rill/rill/models/ops";
import { type Array64, compareTest, type Draws } from "../_float64.ts";
import { erf, map } from "./_reference.ts";

/** An operation on one tensor, its reference, and the range in which it is tried. */
const UNARY: Readonly<
  Record<string, readonly [(x: Tensor) => Tensor, (x: number) => number, number?, number?]>
> = {
  negate: [ops.negate, (x) => -x],
  absolute: [ops.absolute, Math.abs],
  square: [ops.square, (x) => x * x],
  sqrt: [ops.sqrt, Math.sqrt, 0.1, 4],
  rsqrt: [ops.rsqrt, (x) => 1 / Math.sqrt(x), 0.1, 4],
  reciprocal: [ops.reciprocal, (x) => 1 / x, 0.2, 3],
  "reciprocal of negative numbers": [ops.reciprocal, (x) => 1 / x, -3, -0.2],
  exp: [ops.exp, Math.exp],
  expm1: [ops.expm1, Math.expm1],
  log: [ops.log, Math.log, 0.1, 5],
  log1p: [ops.log1p, Math.log1p, -0.7, 4],
  sin: [ops.sin, Math.sin, -6, 6],
  cos: [ops.cos, Math.cos, -6, 6],
  erf: [ops.erf, erf, -4, 4],
  sign: [ops.sign, Math.sign],
  floor: [ops.floor, Math.floor, -5, 5],
  ceil: [ops.ceil, Math.ceil, -5, 5],
  round: [ops.round, Math.round, -5, 5],
  clip: [(x) => ops.clip(x, -1, 0.5), (x) => Math.min(Math.max(x, -1), 0.5)],
  relu: [ops.relu, (x) => Math.max(x, 0)],
  relu6: [ops.relu6, (x) => Math.min(Math.max(x, 0), 6), -8, 12],
  leakyRelu: [(x) => ops.leakyRelu(x, { slope: 0.3 }), (x) => x > 0 ? x : 0.3 * x],
  elu: [(x) => ops.elu(x), (x) => x > 0 ? x : Math.expm1(x)],
  "elu with alpha": [
    (x) => ops.elu(x, { alpha: 0.7 }),
    (x) => x > 0 ? x : 0.7 * Math.expm1(x),
    -5,
    5,
  ],
  sigmoid: [ops.sigmoid, (x) => 1 / (1 + Math.exp(-x)), -8, 8],
  softplus: [ops.softplus, (x) => Math.log1p(Math.exp(x)), -8, 8],
  tanh: [ops.tanh, Math.tanh, -5, 5],
  silu: [ops.silu, (x) => x / (1 + Math.exp(-x)), -8, 8],
  gelu: [(x) => ops.gelu(x), (x) => x / 2 * (1 + erf(x / Math.SQRT2)), -5, 5],
  "gelu, approximately": [
    (x) => ops.gelu(x, { approximate: true }),
    (x) => x / 2 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
    -5,
    5,
  ],
  "power of 2": [(x) => ops.power(x, 2), (x) => x ** 2],
  "power of 3": [(x) => ops.power(x, 3), (x) => x ** 3],
  "power of a fraction": [(x) => ops.power(x, -0.7), (x) => x ** -0.7, 0.2, 3],
  "power of a number": [(x) => ops.power(1.7, x), (x) => 1.7 ** x],
  "add of a number": [(x) => ops.add(x, 0.3), (x) => x + 0.3],
  "subtract from a number": [(x) => ops.subtract(0.3, x), (x) => 0.3 - x],
  "multiply by a number": [(x) => ops.multiply(-3, x), (x) => -3 * x],
  "divide of a number": [(x) => ops.divide(2, x), (x) => 2 / x, 0.3, 3],
  "maximum with a number": [(x) => ops.maximum(x, 0.5), (x) => Math.max(x, 0.5)],
  "minimum with a number": [(x) => ops.minimum(0.5, x), (x) => Math.min(x, 0.5)],
  "where of numbers": [
    (x) => ops.where(ops.logicalNot(ops.less(x, 0)), 2, ops.multiply(x, x)),
    (x) => x < 0 ? x * x : 2,
  ],
  "a chain of casts": [
    (x) => ops.multiply(x, ops.cast(ops.cast(ops.multiply(x, 3), "int32"), "float32")),
    (x) => x * Math.trunc(3 * x),
    -5,
    5,
  ],
};

for (const [name, [compute, refer, low, high]] of Object.entries(UNARY)) {
  // Central differences see no corner, but casts cut off at thirds.
  const differentiable = !name.includes("casts");
  compareTest({
    name,
    differentiable,
    draw: (draws) => ({
      inputs: { x: draws.values(draws.shape(), low, high) },
      compute: ({ x }) => compute(x!),
      refer: ({ x }) => map(refer, x!),
    }),
  });
}

/** Draws two shapes that can be broadcast to one. */
function drawTwo(draws: Draws, low?: number, high?: number): { a: Array64; b: Array64 } {
  const shape = draws.shape();
  const own = () =>
    shape.map((length) => draws.integer(0, 3) === 0 ? 1 : length)
      .slice(draws.integer(0, 3) === 0 ? draws.integer(0, shape.length) : 0);
  return { a: draws.values(own(), low, high), b: draws.values(own(), low, high) };
}

const BINARY: Readonly<
  Record<
    string,
    readonly [(a: Tensor, b: Tensor) => Tensor, (a: number, b: number) => number, number?, number?]
  >
> = {
  add: [ops.add, (a, b) => a + b],
  subtract: [ops.subtract, (a, b) => a - b],
  multiply: [ops.multiply, (a, b) => a * b],
  divide: [ops.divide, (a, b) => a / b, 0.4, 3],
  power: [ops.power, (a, b) => a ** b, 0.3, 2.5],
};

for (const [name, [compute, refer, low, high]] of Object.entries(BINARY)) {
  compareTest({
    name,
    draw: (draws) => ({
      inputs: drawTwo(draws, low, high),
      compute: ({ a, b }) => compute(a!, b!),
      refer: ({ a, b }) => map(refer, a!, b!),
    }),
  });
}

// Numbers of the second operand lie between those of the first, so that none are nearly equal.
const apart = (draws: Draws) => {
  const { a, b } = drawTwo(draws);
  return {
    a: map((x) => Math.fround(Math.round(x * 100) / 100), a),
    b: map((x) => Math.fround(Math.round(x * 100) / 100 + 0.005), b),
  };
};

for (
  const [name, compute, refer] of [
    ["maximum", ops.maximum, Math.max],
    ["minimum", ops.minimum, Math.min],
  ] as const
) {
  compareTest({
    name,
    draw: (draws) => ({
      inputs: apart(draws),
      compute: ({ a, b }) => compute(a!, b!),
      refer: ({ a, b }) => map(refer, a!, b!),
    }),
  });
}

const integers = (draws: Draws) => {
  const { a, b } = drawTwo(draws);
  return { a: map(Math.round, a), b: map(Math.round, b) };
};

const COMPARISONS = {
  equal: [ops.equal, (a: number, b: number) => a === b],
  notEqual: [ops.notEqual, (a: number, b: number) => a !== b],
  less: [ops.less, (a: number, b: number) => a < b],
  lessEqual: [ops.lessEqual, (a: number, b: number) => a <= b],
  greater: [ops.greater, (a: number, b: number) => a > b],
  greaterEqual: [ops.greaterEqual, (a: number, b: number) => a >= b],
} as const;

for (const [name, [compute, refer]] of Object.entries(COMPARISONS)) {
  compareTest({
    name,
    differentiable: false,
    draw: (draws) => ({
      inputs: integers(draws),
      compute: ({ a, b }) => compute(a!, b!),
      refer: ({ a, b }) => map((a, b) => refer(a, b) ? 1 : 0, a!, b!),
    }),
  });
  compareTest({
    name: `${name} of integers`,
    differentiable: false,
    draw: (draws) => ({
      inputs: integers(draws),
      compute: ({ a, b }) => compute(ops.cast(a!, "int32"), ops.cast(b!, "int32")),
      refer: ({ a, b }) => map((a, b) => refer(a, b) ? 1 : 0, a!, b!),
    }),
  });
}

for (
  const [name, compute, refer] of [
    ["logicalAnd", ops.logicalAnd, (a: number, b: number) => a > 0 && b > 0],
    ["logicalOr", ops.logicalOr, (a: number, b: number) => a > 0 || b > 0],
  ] as const
) {
  compareTest({
    name,
    differentiable: false,
    draw: (draws) => ({
      inputs: drawTwo(draws),
      compute: ({ a, b }) => compute(ops.greater(a!, 0), ops.greater(b!, 0)),
      refer: ({ a, b }) => map((a, b) => refer(a, b) ? 1 : 0, a!, b!),
    }),
  });
}

compareTest({
  name: "where",
  draw: (draws) => {
    const { a, b } = drawTwo(draws);
    return {
      inputs: { a, b },
      compute: ({ a, b }) => ops.where(ops.less(a!, 0.5), a!, b!),
      refer: ({ a, b }) => map((a, b) => a < 0.5 ? a : b, a!, b!),
    };
  },
});
