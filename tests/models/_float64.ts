// Compares what is computed on a backend with plain TypeScript in double precision: values, and gradients with central
// differences, in seeded shapes.
//
// A subject is what is tested. It draws a case: tensors, how the backend computes with them, and how plain loops do. `compare`
// runs as many cases as `RILL_SHAPES` says (200 on WASM and 8 on WebGPU by default) and fails where a number differs from what
// is expected by more than the tolerance times the largest expected one. To add an operation or a layer, write its reference
// (see `ops/_reference.ts`) and its draw, and call `compareTest` for it.
import { assert, assertEquals, AssertionError } from "@std/assert";
import { type Key, randomKey, type Tensor, toTensor } from "@rill/rill/models";
import * as ops from "@rill/rill/models/ops";
import { foldIn } from "../../models/random/key.ts";
import { drawOnHost } from "../../models/random/_draw.ts";
import { withBackend } from "./_helpers.ts";
import { webgpuTest } from "./_webgpu.ts";

/** An array in double precision. */
export interface Array64 {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** Tensors by name, and what is computed of them twice. */
export interface Case {
  /** The inputs for which there is a gradient. */
  readonly inputs: Readonly<Record<string, Array64>>;
  /** Computes on the backend. */
  compute(inputs: Readonly<Record<string, Tensor>>): Tensor<"float32" | "int32" | "bool">;
  /** Computes in plain loops. */
  refer(inputs: Readonly<Record<string, Array64>>): Array64;
  /** What the case is like, for an error. */
  readonly what?: string;
}

/** Something to be tested. */
export interface Subject {
  readonly name: string;
  /** Whether it has a gradient to be compared; true by default. */
  readonly differentiable?: boolean;
  /** The largest error, in units of the largest number; 1e-5 by default. */
  readonly tolerance?: number;
  draw(draws: Draws): Case;
}

/** Numbers of one case, always the same for the same key. */
export interface Draws {
  /** Draws an integer from `low` to `high`, both included. */
  integer(low: number, high: number): number;
  /** Draws one of several values. */
  choose<T>(...values: readonly T[]): T;
  /** Draws the lengths of so many dimensions, of which few elements are made. */
  shape(rank?: number): number[];
  /**
   * Draws numbers that are apart from each other and from multiples of 1/2, where functions have their corners: a step of
   * central differences reaches none.
   */
  values(shape: readonly number[], low?: number, high?: number): Array64;
}

/** Makes the draws of a key. */
export function createDraws(key: Key): Draws {
  let block = 0;
  const uniform = (count: number) => {
    const drawn = new Float32Array(count);
    drawOnHost({ kind: "uniform", low: 0, high: 1 }, foldIn(key, block++), 0, drawn);
    return drawn;
  };
  const integer = (low: number, high: number) =>
    low + Math.min(Math.floor(uniform(1)[0]! * (high - low + 1)), high - low);
  return {
    integer,
    choose: (...values) => values[integer(0, values.length - 1)]!,
    shape(rank = integer(0, 4)) {
      const longest = [0, 60, 12, 6, 4, 3][rank] ?? 2;
      return Array.from({ length: rank }, () => integer(1, longest));
    },
    values(shape, low = -2, high = 2) {
      const count = shape.reduce((a, b) => a * b, 1);
      const noise = uniform(2 * count);
      const order = Array.from({ length: count }, (_, i) => i)
        .sort((a, b) => noise[a]! - noise[b]!);
      const data = new Float64Array(count);
      order.forEach((place, i) => {
        let x = low + (place + 0.3 + 0.4 * noise[count + i]!) * (high - low) / count;
        if (Math.abs(2 * x - Math.round(2 * x)) < 0.002) x += 0.0015;
        // What the backend gets is single precision.
        data[i] = Math.fround(x);
      });
      return { shape: [...shape], data };
    },
  };
}

/** How many shapes are drawn. */
const countShapes = (backend: "wasm" | "webgpu"): number =>
  Number(Deno.env.get("RILL_SHAPES") ?? (backend === "wasm" ? 200 : 8));

/** Registers tests of a subject on each backend. */
export function compareTest(subject: Subject): void {
  Deno.test(
    `${subject.name} is the same as in double precision, on WASM`,
    () => withBackend("wasm", () => compare(subject, countShapes("wasm"))),
  );
  webgpuTest(
    `${subject.name} is the same as in double precision, on WebGPU`,
    () => withBackend("webgpu", () => compare(subject, countShapes("webgpu"))),
  );
}

/** Compares a subject in so many cases. */
export async function compare(subject: Subject, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const draws = createDraws(foldIn(randomKey(hash(subject.name)), i));
    try {
      await compareCase(subject, subject.draw(draws), draws);
    } catch (error) {
      throw new Error(`${subject.name}, case ${i}: ${(error as Error).message}`, { cause: error });
    }
  }
}

/**
 * The least unit of gradients: of a single number it may be nearly 0, where a slope turns or a function levels off, and what is
 * added up to it rounds as numbers near 1 do.
 */
const LEAST_GRADIENT = 0.02;

async function compareCase(subject: Subject, drawn: Case, draws: Draws): Promise<void> {
  const { differentiable = true, tolerance = 1e-5 } = subject;
  const { inputs, compute, refer } = drawn;
  const shapes = Object.entries(inputs).map(([name, { shape }]) => `${name} ${shape.join(" x ")}`);
  const what = [...shapes, ...drawn.what ? [drawn.what] : []].join(", ");
  const tensors = Object.fromEntries(
    Object.entries(inputs).map(([name, { shape, data }]) => [
      name,
      toTensor(Float32Array.from(data), shape),
    ]),
  );
  const expected = refer(inputs);
  const actual = ops.tidy(() => compute(tensors));
  assertEquals(actual.shape, [...expected.shape], what);
  assertNear(await actual.data(), expected.data, tolerance, `${what}: values`);
  if (differentiable) {
    // Of both signs, but so that their sum doesn't cancel.
    const weights = draws.values(expected.shape, -0.5, 1);
    const scales = toTensor(Float32Array.from(weights.data), weights.shape);
    const { value, gradients } = ops.valueAndGrad(
      tensors,
      (tensors) => ops.sum(ops.multiply(compute(tensors) as Tensor, scales)),
    );
    for (const name of Object.keys(inputs)) {
      const gradient = gradients[name]!;
      assertEquals(gradient.shape, [...inputs[name]!.shape], `${what}: gradient of ${name}`);
      assertNear(
        await gradient.data(),
        differentiate(drawn, name, weights.data),
        tolerance,
        `${what}: gradient of ${name}`,
        LEAST_GRADIENT,
      );
      gradient.dispose();
    }
    value.dispose();
    scales.dispose();
  }
  for (const tensor of [actual, ...Object.values(tensors)]) tensor.dispose();
}

/** Computes the gradient of a weighted sum of the result by central differences. */
function differentiate({ inputs, refer }: Case, name: string, weights: Float64Array): Float64Array {
  const step = 2e-5;
  const { shape, data } = inputs[name]!;
  const moved = data.slice();
  const total = () => {
    const y = refer({ ...inputs, [name]: { shape, data: moved } }).data;
    let sum = 0;
    for (let i = 0; i < y.length; i++) sum += y[i]! * weights[i]!;
    return sum;
  };
  return data.map((x, i) => {
    moved[i] = x + step;
    const above = total();
    moved[i] = x - step;
    const below = total();
    moved[i] = x;
    return (above - below) / (2 * step);
  });
}

/** Fails unless numbers are within a tolerance of what is expected, in units of the largest of those, or of `least`. */
export function assertNear(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what: string,
  least = 0,
): void {
  assertEquals(actual.length, expected.length, what);
  let scale = least;
  for (let i = 0; i < expected.length; i++) scale = Math.max(scale, Math.abs(expected[i]!));
  // Where all that is expected is 0, but for the rounding of differences, a sum of numbers near 1 may cancel.
  if (scale < 1e-6) scale = 1;
  for (let i = 0; i < expected.length; i++) {
    assert(Number.isFinite(expected[i]!), `${what}: ${expected[i]} is expected at ${i}`);
    if (!(Math.abs(actual[i]! - expected[i]!) <= tolerance * scale)) {
      throw new AssertionError(
        `${what}: ${actual[i]} instead of ${expected[i]} at ${i} (largest ${scale})`,
      );
    }
  }
}

/** Makes a seed of a name. */
function hash(name: string): number {
  let seed = 0;
  for (const letter of name) seed = (Math.imul(seed, 31) + letter.codePointAt(0)!) >>> 0;
  return seed;
}
