// Numbers that aren't finite go through operations as in PyTorch on WASM. WebGPU's language promises nothing there: what was
// seen to differ is listed.
import { assertEquals } from "@std/assert";
import { type DataType, type Tensor, toTensor } from "@rill/rill/models";
import * as ops from "@rill/rill/models/ops";
import { backendTest } from "../_helpers.ts";
import { erf } from "./_reference.ts";

const X = [NaN, Infinity, -Infinity, 0, -0, 1, -1.5, 3e38, -3e38, 1e-30] as const;

/** Operations on one tensor with what they give, as PyTorch does. */
const UNARY: Readonly<
  Record<string, readonly [(x: Tensor) => Tensor<DataType>, (x: number) => number]>
> = {
  negate: [ops.negate, (x) => -x],
  absolute: [ops.absolute, Math.abs],
  square: [ops.square, (x) => x * x],
  sqrt: [ops.sqrt, Math.sqrt],
  rsqrt: [ops.rsqrt, (x) => 1 / Math.sqrt(x)],
  reciprocal: [ops.reciprocal, (x) => 1 / x],
  exp: [ops.exp, Math.exp],
  expm1: [ops.expm1, Math.expm1],
  log: [ops.log, Math.log],
  log1p: [ops.log1p, Math.log1p],
  sin: [(x) => ops.sin(ops.clip(x, -9, 9)), (x) => Math.sin(Math.min(Math.max(x, -9), 9))],
  cos: [(x) => ops.cos(ops.clip(x, -9, 9)), (x) => Math.cos(Math.min(Math.max(x, -9), 9))],
  erf: [ops.erf, erf],
  floor: [ops.floor, Math.floor],
  ceil: [ops.ceil, Math.ceil],
  round: [ops.round, (x) => x === -1.5 ? -2 : Math.round(x)],
  sign: [ops.sign, (x) => Number.isNaN(x) ? 0 : Math.sign(x)],
  clip: [(x) => ops.clip(x, -1, 2), (x) => Math.min(Math.max(x, -1), 2)],
  "clip without limits": [(x) => ops.clip(x, -Infinity, Infinity), (x) => x],
  relu: [ops.relu, (x) => x <= 0 ? 0 : x],
  relu6: [ops.relu6, (x) => Math.min(Math.max(x, 0), 6)],
  leakyRelu: [(x) => ops.leakyRelu(x, { slope: 0.5 }), (x) => x > 0 ? x : 0.5 * x],
  elu: [(x) => ops.elu(x), (x) => x > 0 ? x : Math.expm1(x)],
  sigmoid: [ops.sigmoid, (x) => 1 / (1 + Math.exp(-x))],
  softplus: [ops.softplus, (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))],
  tanh: [ops.tanh, Math.tanh],
  "power of 2": [(x) => ops.power(x, 2), (x) => x ** 2],
  "power of 3": [(x) => ops.power(x, 3), (x) => x ** 3],
  "power of 0": [(x) => ops.power(x, 0), () => 1],
  "power of -1": [(x) => ops.power(x, -1), (x) => x ** -1],
  "add of Infinity": [(x) => ops.add(x, Infinity), (x) => x + Infinity],
  "multiply by 0": [(x) => ops.multiply(x, 0), (x) => x * 0],
  "divide by 0": [(x) => ops.divide(x, 0), (x) => x / 0],
  "maximum with 1": [(x) => ops.maximum(x, 1), (x) => Math.max(x, 1)],
  "maximum of 1 with it": [(x) => ops.maximum(1, x), (x) => Math.max(x, 1)],
  "minimum with 1": [(x) => ops.minimum(x, 1), (x) => Math.min(x, 1)],
  "minimum of 1 with it": [(x) => ops.minimum(1, x), (x) => Math.min(x, 1)],
  isNaN: [ops.isNaN, (x) => Number.isNaN(x) ? 1 : 0],
  isFinite: [ops.isFinite, (x) => Number.isFinite(x) ? 1 : 0],
  equal: [(x) => ops.equal(x, x), (x) => x === x ? 1 : 0],
  notEqual: [(x) => ops.notEqual(x, x), (x) => x !== x ? 1 : 0],
  less: [(x) => ops.less(x, 1), (x) => x < 1 ? 1 : 0],
  lessEqual: [(x) => ops.lessEqual(x, x), (x) => x <= x ? 1 : 0],
  greater: [(x) => ops.greater(x, 1), (x) => x > 1 ? 1 : 0],
  greaterEqual: [(x) => ops.greaterEqual(x, x), (x) => x >= x ? 1 : 0],
  where: [(x) => ops.where(ops.isNaN(x), 7, x), (x) => Number.isNaN(x) ? 7 : x],
  silu: [ops.silu, (x) => x === -Infinity ? NaN : x / (1 + Math.exp(-x))],
  gelu: [(x) => ops.gelu(x), (x) => x / 2 * (1 + erf(x / Math.SQRT2))],
  reshape: [(x) => ops.reshape(x, [2, 5]), (x) => x],
  pad: [(x) => ops.slice(ops.pad(x, [[1, 1]], NaN), [1], [-1]), (x) => x],
  tile: [(x) => ops.slice(ops.tile(x, [2]), [10]), (x) => x],
  flip: [(x) => ops.flip(ops.flip(x, 0), 0), (x) => x],
  gather: [
    (x) => ops.gather(x, toTensor(Int32Array.from(X.keys()), [X.length])),
    (x) => x,
  ],
};

const lines = (rows: readonly (readonly number[])[]) =>
  toTensor(Float32Array.from(rows.flat()), [rows.length, rows[0]!.length]);

const ROWS = [[1, NaN, 3], [1, Infinity, 2], [-Infinity, 0, 1], [-Infinity, -Infinity, -Infinity]];

const softmax = (row: readonly number[]) => {
  const largest = Math.max(...row);
  const powers = row.map((x) => Math.exp(x - largest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((x) => x / sum);
};

/** Operations along rows with what they give, as PyTorch does. */
const ROW_WISE: Readonly<
  Record<
    string,
    readonly [(x: Tensor) => Tensor<DataType>, (row: readonly number[]) => number | number[]]
  >
> = {
  sum: [(x) => ops.sum(x, { axis: 1 }), (row) => row.reduce((a, b) => a + b, 0)],
  "sum of columns": [
    (x) => ops.sum(ops.transpose(x), { axis: 0 }),
    (row) => row.reduce((a, b) => a + b, 0),
  ],
  mean: [(x) => ops.mean(x, { axis: 1 }), (row) => row.reduce((a, b) => a + b, 0) / 3],
  max: [(x) => ops.max(x, { axis: 1 }), (row) => Math.max(...row)],
  min: [(x) => ops.min(x, { axis: 1 }), (row) => Math.min(...row)],
  "max of columns": [(x) => ops.max(ops.transpose(x), { axis: 0 }), (row) => Math.max(...row)],
  variance: [(x) => ops.variance(x, { axis: 1 }), () => NaN],
  logSumExp: [
    (x) => ops.logSumExp(x, { axis: 1 }),
    (row) => {
      const largest = Math.max(...row);
      if (!Number.isFinite(largest)) return largest;
      return largest + Math.log(row.reduce((sum, x) => sum + Math.exp(x - largest), 0));
    },
  ],
  softmax: [ops.softmax, softmax],
  "softmax of columns": [(x) => ops.transpose(ops.softmax(ops.transpose(x), 0)), softmax],
  logSoftmax: [ops.logSoftmax, (row) => {
    const largest = Math.max(...row);
    const sum = row.reduce((sum, x) => sum + Math.exp(x - largest), 0);
    return row.map((x) => x - largest - Math.log(sum));
  }],
  argMax: [
    ops.argMax,
    (row) => row.some(Number.isNaN) ? row.findIndex(Number.isNaN) : row.indexOf(Math.max(...row)),
  ],
  argMin: [
    ops.argMin,
    (row) => row.some(Number.isNaN) ? row.findIndex(Number.isNaN) : row.indexOf(Math.min(...row)),
  ],
  matMul: [
    (x) => ops.matMul(x, toTensor(Float32Array.of(1, 1, 1), [3, 1])),
    (row) => row.reduce((a, b) => a + b, 0),
  ],
  conv2d: [
    (x) =>
      ops.conv2d(
        ops.reshape(x, [4, 1, 3, 1]),
        toTensor(Float32Array.of(1, 1, 1), [1, 3, 1, 1]),
      ),
    (row) => row.reduce((a, b) => a + b, 0),
  ],
  maxPool2d: [
    (x) => ops.maxPool2d(ops.reshape(x, [4, 1, 3, 1]), [1, 3]),
    (row) => Math.max(...row),
  ],
  avgPool2d: [
    (x) => ops.avgPool2d(ops.reshape(x, [4, 1, 3, 1]), [1, 3]),
    (row) => row.reduce((a, b) => a + b, 0) / 3,
  ],
};

/** Where WebGPU was seen to lose NaN (on lavapipe), by operation. */
const WEBGPU: readonly string[] = ["argMax", "argMin"];

backendTest("numbers that aren't finite go through operations as in PyTorch", async ({ name }) => {
  const wrong: string[] = [];
  const compare = async (what: string, y: Tensor<DataType>, expected: readonly number[]) => {
    const actual = await y.data();
    assertEquals(actual.length, expected.length, what);
    const same = expected.every((value, i) => {
      const single = Math.fround(value);
      return Object.is(actual[i], single) || actual[i] === single ||
        Math.abs(actual[i]! - single) <= 1e-5 * Math.max(Math.abs(single), 1e-6) ||
        Math.abs(actual[i]! - single) <= 1e-7;
    });
    if (!same) {
      wrong.push(`${what}: ${actual.join()} instead of ${expected.map(Math.fround).join()}`);
    }
  };
  const x = toTensor(Float32Array.from(X), [X.length]);
  const singles = X.map(Math.fround);
  for (const [what, [compute, refer]] of Object.entries(UNARY)) {
    await compare(what, ops.tidy(() => compute(x)), singles.map(refer));
  }
  const rows = lines(ROWS);
  for (const [what, [compute, refer]] of Object.entries(ROW_WISE)) {
    await compare(what, ops.tidy(() => compute(rows)), ROWS.flatMap(refer));
  }
  const known = name === "webgpu" ? WEBGPU : [];
  assertEquals(wrong.filter((line) => !known.includes(line.split(":")[0]!)), [], wrong.join("\n"));
});
