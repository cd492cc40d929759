import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  build,
  constant,
  conv2d,
  type Initializer,
  kaimingNormal,
  kaimingUniform,
  layer,
  linear,
  normal,
  randomKey,
  sequential,
  uniform,
  xavierNormal,
  xavierUniform,
} from "@rill/rill/models";
import { assertClose, getOrThrow, take, withBackend } from "../_helpers.ts";

const COUNT = 60_000;
const drawn = { shape: [300, 200], fanIn: 50, fanOut: 400 };

/** Computes the mean, the standard deviation and the largest distance from the mean. */
function measure(data: Float32Array) {
  const mean = data.reduce((sum, x) => sum + x, 0) / data.length;
  const std = Math.sqrt(data.reduce((sum, x) => sum + (x - mean) ** 2, 0) / data.length);
  return { mean, std, largest: data.reduce((most, x) => Math.max(most, Math.abs(x - mean)), 0) };
}

const NORMAL: [name: string, initializer: Initializer, std: number, mean?: number][] = [
  ["normal(0.3)", normal(0.3), 0.3],
  ["normal(2, -5)", normal(2, -5), 2, -5],
  ["kaimingNormal()", kaimingNormal(), Math.sqrt(2 / 50)],
  ['kaimingNormal({ fan: "out" })', kaimingNormal({ fan: "out" }), Math.sqrt(2 / 400)],
  ["kaimingNormal({ gain: 1 })", kaimingNormal({ gain: 1 }), Math.sqrt(1 / 50)],
  ["xavierNormal()", xavierNormal(), Math.sqrt(2 / 450)],
  ["xavierNormal(5 / 3)", xavierNormal(5 / 3), 5 / 3 * Math.sqrt(2 / 450)],
];

const UNIFORM: [name: string, initializer: Initializer, low: number, high: number][] = [
  ["uniform(-1, 3)", uniform(-1, 3), -1, 3],
  ["kaimingUniform()", kaimingUniform(), -Math.sqrt(6 / 50), Math.sqrt(6 / 50)],
  [
    'kaimingUniform({ fan: "out", gain: 1 })',
    kaimingUniform({ fan: "out", gain: 1 }),
    -Math.sqrt(3 / 400),
    Math.sqrt(3 / 400),
  ],
  ["xavierUniform()", xavierUniform(), -Math.sqrt(6 / 450), Math.sqrt(6 / 450)],
  ["xavierUniform(2)", xavierUniform(2), -2 * Math.sqrt(6 / 450), 2 * Math.sqrt(6 / 450)],
];

for (const [name, initializer, std, mean = 0] of NORMAL) {
  Deno.test(`${name} draws normally with its mean and standard deviation`, () => {
    const data = initializer(randomKey(1), drawn);
    assertEquals(data.length, COUNT);
    const found = measure(data);
    // Five standard errors.
    assertClose([(found.mean - mean) / std], [0], 5 / Math.sqrt(COUNT), "mean");
    assertClose([found.std / std], [1], 5 / Math.sqrt(2 * COUNT), "std");
    for (const [distance, part] of [[1, 0.6827], [2, 0.9545], [3, 0.9973]] as const) {
      const within = data.filter((x) => Math.abs(x - mean) < distance * std).length / COUNT;
      assertClose([within], [part], 0.01, `within ${distance}`);
    }
  });
}

for (const [name, initializer, low, high] of UNIFORM) {
  Deno.test(`${name} draws evenly between its bounds`, () => {
    const data = initializer(randomKey(1), drawn);
    assertEquals(data.length, COUNT);
    const tenths = new Float64Array(10);
    for (const x of data) {
      assert(x >= Math.fround(low) && x <= Math.fround(high), `${x}`);
      tenths[Math.min(9, Math.floor((x - low) / (high - low) * 10))]!++;
    }
    for (const count of tenths) assertClose([count / COUNT], [0.1], 0.01, "tenth");
    const { largest } = measure(data);
    assert(largest > 0.49 * (high - low), `${largest}`);
  });
}

Deno.test("an initializer is a function of its key", () => {
  for (const [name, initializer] of [...NORMAL, ...UNIFORM]) {
    const first = initializer(randomKey(1), drawn);
    assertEquals(initializer(randomKey(1), drawn), first, name);
    assert(initializer(randomKey(2), drawn)[0] !== first[0], name);
  }
  assertEquals(constant(-2)(randomKey(0), { ...drawn, shape: [3] }), Float32Array.of(-2, -2, -2));
  assertEquals(constant(7)(randomKey(0), { ...drawn, shape: [] }), Float32Array.of(7));
});

Deno.test("a layer's own initializer goes before the one of init, whatever that is", () =>
  withBackend("wasm", async () => {
    const asked: object[] = [];
    const own: Initializer = (_, { shape, fanIn, fanOut }) => {
      asked.push({ shape: [...shape], fanIn, fanOut });
      return new Float32Array(shape.reduce((a, b) => a * b, 1)).map((_, i) => i);
    };
    const network = getOrThrow(build(
      sequential([linear(2, { initializer: own }), linear(1)]),
      [3],
    ));
    for (const name of ["pytorch", "kaiming", "xavier"] as const) {
      const { params } = network.init(randomKey(0), name);
      // Row by row as at rest, [2, 3]; in memory [3, 2].
      assertEquals(await take(params["0.weight"]!), [0, 3, 1, 4, 2, 5]);
    }
    assertEquals(asked, Array(3).fill({ shape: [2, 3], fanIn: 3, fanOut: 2 }));
    const convolution = getOrThrow(build(
      conv2d({ filters: 6, kernelSize: 5, groups: 2, initializer: own }),
      [9, 9, 4],
    ));
    convolution.init(randomKey(0));
    // PyTorch counts the filters of all groups.
    assertEquals(asked.at(-1), { shape: [6, 2, 5, 5], fanIn: 50, fanOut: 150 });
  }));

Deno.test("fans are those of PyTorch unless a layer says others", () => {
  const plan = (shape: number[], fans = {}) => {
    const [spec] = getOrThrow(build(
      layer("It()", (input) => ({
        outputShape: input,
        params: { it: { shape, ...fans } },
        apply: (x) => x,
      })),
      [1],
    )).parameters;
    return [spec?.fanIn, spec?.fanOut];
  };
  assertEquals(plan([10, 4]), [4, 10]);
  assertEquals(plan([6, 2, 5, 3]), [30, 90]);
  assertEquals(plan([6, 2], { fanIn: 9 }), [9, 6]);
});

Deno.test("an initializer that draws another number of numbers is refused by the parameter's name", () =>
  withBackend("wasm", () => {
    const network = getOrThrow(build(
      sequential({ fc: linear(2, { initializer: () => new Float32Array(5) }) }),
      [3],
    ));
    assertThrows(
      () => network.init(randomKey(0)),
      RangeError,
      "Cannot initialize fc.weight with 5 numbers: it takes 6",
    );
  }));
