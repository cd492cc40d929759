import * as tf from "@tensorflow/tfjs-core";
import type { Rectifier } from "../definitions/_kernel_names.ts";
import {
  dispatch,
  EACH_THREAD,
  makeOutput,
  type Program,
  spreadGroups,
} from "./device/_dispatch.ts";
import { getTypes, writeIsAtMostZero, writeIsNaN } from "./device/_float_bits.ts";
import type { GpuBackend } from "./device/_gpu_backend.ts";

/** The functions that there are programs for, and those of the gradients. */
export type FunctionName = "relu" | "relu6" | "leakyRelu" | "silu" | "gelu";
export type GradientName = "relu" | "relu6" | "leakyRelu" | "sigmoid" | "tanh" | "silu" | "gelu";

/** Functions that the code of others calls, in which FLOAT stands for the type of the numbers. */
const SIGMOID = `fn computeSigmoid(x : FLOAT) -> FLOAT {
  // No exponential that could be infinite, which compilers may take for impossible.
  let power = exp(-abs(x));
  return select(FLOAT(1), power, x < FLOAT(0)) / (1.0 + power);
}`;

// What lies beyond `z` of the normal distribution's function, which is `e^(-z²/2)` times a function that falls slowly, is a
// polynomial of `t = 1 / (1 + 0.44 z / √2)` times that: of all its digits, however small it is. The same as on WASM.
const NORMAL = `fn computeBell(x : FLOAT) -> FLOAT {
  // Beyond 16 it is 0, and no square is infinite.
  let z = min(abs(x), FLOAT(16));
  return exp(z * z * -0.5);
}
fn computeNormal(x : FLOAT) -> FLOAT {
  let t = 1.0 / (abs(x) * 0.3111269837220809 + 1.0);
  var sum = 0.07122317975 * t + -0.2779468007;
  sum = sum * t + 0.2966853704;
  sum = sum * t + -0.020178728;
  sum = sum * t + 0.2158112164;
  sum = sum * t + 0.2173138534;
  sum = sum * t + 0.2488711338;
  sum = sum * t + 0.2482209565;
  let tail = sum * t * (computeBell(x) * 0.5);
  return select(1.0 - tail, tail, x < FLOAT(0));
}`;

/** The code of a function of `value`, and what of `s.slope` and the functions above it needs. */
interface Code {
  readonly before?: string;
  readonly value: (width: 1 | 4) => string;
}

/** Writes the WGSL of a rectified number. By comparisons, so that NaN stays: `clamp` may take either bound for it. */
export function writeRectified(rectifier: Rectifier, value: string, width: 1 | 4): string {
  const { float } = getTypes(width);
  const limited = rectifier === "relu" ? value : `min(${value}, ${float}(6))`;
  const above = `select(${limited}, ${float}(0), ${writeIsAtMostZero(value, width)})`;
  return rectifier === "relu" ? above : `select(${above}, ${value}, ${writeIsNaN(value, width)})`;
}

const FUNCTIONS: Readonly<Record<FunctionName, Code>> = {
  relu: { value: (width) => writeRectified("relu", "value", width) },
  relu6: { value: (width) => writeRectified("relu6", "value", width) },
  leakyRelu: {
    value: (width) => `select(value, value * s.slope, ${writeIsAtMostZero("value", width)})`,
  },
  silu: { before: SIGMOID, value: () => "value * computeSigmoid(value)" },
  gelu: { before: NORMAL, value: () => "value * computeNormal(value)" },
};

const SLOPES: Readonly<Record<GradientName, Code>> = {
  relu: {
    // NaN passes its gradient on, as in PyTorch.
    value: (width) => `select(dy[at], FLOAT(0), ${writeIsAtMostZero("value", width)})`,
  },
  relu6: {
    value: (width) =>
      `select(dy[at], FLOAT(0), ${writeIsAtMostZero("value", width)} | ((value >= FLOAT(6)) & !${
        writeIsNaN("value", width)
      }))`,
  },
  leakyRelu: {
    // Of NaN too, as in PyTorch.
    value: (width) =>
      `select(dy[at], dy[at] * s.slope, ${writeIsAtMostZero("value", width)} | ${
        writeIsNaN("value", width)
      })`,
  },
  // Of what the function gave.
  sigmoid: { value: () => "dy[at] * (value * (1.0 - value))" },
  tanh: {
    // Not 1 less a square, which has few digits far from 0.
    before: `fn computeSlope(x : FLOAT) -> FLOAT {
  let power = exp(abs(x) * -2.0);
  let sum = 1.0 + power;
  return 4.0 * power / (sum * sum);
}`,
    value: () => "dy[at] * computeSlope(value)",
  },
  silu: {
    before: `${SIGMOID}
fn computeSlope(x : FLOAT) -> FLOAT {
  let gate = computeSigmoid(x);
  return gate * (1.0 + x * (1.0 - gate));
}`,
    value: () => "dy[at] * computeSlope(value)",
  },
  gelu: {
    before: NORMAL,
    value: () =>
      "dy[at] * (computeNormal(value) + value * (computeBell(value) * 0.3989422804014327))",
  },
};

/** Writes the program of a function or of its gradient, for numbers that come one by one or four at a time. */
const getProgram = (
  name: string,
  { before = "", value }: Code,
  hasGradient: boolean,
  width: 1 | 4,
): Program => {
  const { float } = getTypes(width);
  return {
    key: `rill-${name}${hasGradient ? "-gradient" : ""}-${width}`,
    code: () =>
      `struct Settings { size : i32, slope : f32 }
@group(0) @binding(0) var<storage, read_write> y : array<FLOAT>;
@group(0) @binding(1) var<storage, read> x : array<FLOAT>;
${hasGradient ? "@group(0) @binding(2) var<storage, read> dy : array<FLOAT>;" : ""}
@group(0) @binding(${hasGradient ? 3 : 2}) var<uniform> s : Settings;
${before}
${EACH_THREAD}
  if (at >= s.size) { return; }
  let value = x[at];
  y[at] = ${value(width)};
}
`.replaceAll("FLOAT", float),
  };
};

function run(
  backend: GpuBackend,
  [x, ...others]: readonly [x: tf.TensorInfo, ...dy: tf.TensorInfo[]],
  name: string,
  code: Code,
  slope: number,
): tf.TensorInfo {
  const y = makeOutput(backend, x.shape);
  const numbers = tf.util.sizeFromShape(x.shape);
  const width = numbers % 4 === 0 ? 4 : 1;
  const size = numbers / width;
  dispatch(
    backend,
    getProgram(name, code, others.length > 0, width),
    [y, x, ...others],
    [size, { float: slope }],
    spreadGroups(backend, Math.ceil(size / 64)),
  );
  return y;
}

/** Computes an activation function. */
export function activate(
  backend: GpuBackend,
  x: tf.TensorInfo,
  name: FunctionName,
  slope = 0,
): tf.TensorInfo {
  return run(backend, [x], name, FUNCTIONS[name], slope);
}

/** Computes the gradient of an activation function. */
export function computeActivationGradient(
  backend: GpuBackend,
  x: tf.TensorInfo,
  dy: tf.TensorInfo,
  name: GradientName,
  slope = 0,
): tf.TensorInfo {
  return run(backend, [x, dy], name, SLOPES[name], slope);
}
