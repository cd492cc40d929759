import { assert, assertEquals } from "@std/assert";
import {
  build,
  constant,
  exportParams,
  foldIn,
  type Initializer,
  type InitializerName,
  kaimingNormal,
  kaimingUniform,
  layer,
  lenet,
  linear,
  normal,
  randomKey,
  uniform,
  xavierNormal,
  xavierUniform,
} from "@rill/rill/models";
import { drawNumbers } from "../../../models/kernels/wasm/_draw.ts";
import { drawInLayout } from "../../../models/ops/_base/draws.ts";
import { type Draw, drawOnHost } from "../../../models/random/_draw.ts";
import type { Key } from "../../../models/random/key.ts";
import { permute } from "../../../models/weights/_permute.ts";
import { backendTest, getOrThrow } from "../_helpers.ts";

/** The bits of numbers, which tell 0 from -0. */
const bitsOf = (numbers: Float32Array<ArrayBuffer>) => new Uint32Array(numbers.buffer);

/** Draws numbers by both, and fails where a bit of them differs. */
function assertSame(draw: Draw, key: Key, first: number, count: number): void {
  const [actual, expected] = [new Float32Array(count), new Float32Array(count)];
  drawNumbers(draw, key, first, actual);
  drawOnHost(draw, key, first, expected);
  const [bits, rightBits] = [bitsOf(actual), bitsOf(expected)];
  const at = bits.findIndex((word, i) => word !== rightBits[i]);
  assert(at < 0, `number ${first + at} of ${count}: ${actual[at]}, not ${expected[at]}`);
}

const DRAWS: readonly Draw[] = [
  { kind: "uniform", low: -0.3, high: 0.7 },
  { kind: "uniform", low: 0, high: 0 },
  { kind: "normal", std: 1 },
  { kind: "normal", std: -0.0221 },
  { kind: "normal", std: 0.01, mean: 0 },
  { kind: "normal", std: 0.01, mean: 3 },
];

Deno.test("numbers that are drawn together are those that are drawn one by one, wherever they begin", () => {
  for (const draw of DRAWS) {
    for (const first of [0, 1, 2, 7, 8, 13, 8190, 2 ** 31 - 5]) {
      for (const count of [0, 1, 2, 7, 9, 33]) assertSame(draw, randomKey(first), first, count);
    }
  }
});

Deno.test("so are many of them, over several pieces", () => {
  for (const [i, draw] of DRAWS.entries()) {
    assertSame(draw, foldIn(randomKey(7), i), 3, 100_003);
  }
});

Deno.test("so are normal numbers of any scale, down to none and up to infinity", () => {
  for (const exponent of [-149, -130, -126, -100, -51, -50, -20, 20, 99, 101, 125, 127]) {
    assertSame({ kind: "normal", std: 2 ** exponent }, randomKey(9), 0, 4096);
  }
  for (const std of [0, -0, 1e300]) assertSame({ kind: "normal", std }, randomKey(9), 0, 64);
});

Deno.test("so are those of words at which a logarithm, a sine or a cosine is as good as 0", () => {
  // Found by search: blocks whose first word is 2^32 - 1, or whose second is a multiple of 2^30.
  for (const [key, block] of SPECIAL) {
    for (const std of [1, -0.5]) {
      assertSame({ kind: "normal", std }, key, 2 * block, 2);
      assertSame({ kind: "normal", std, mean: 0 }, key, 2 * block - 1, 4);
    }
  }
});

const SPECIAL: readonly [key: Key, block: number][] = [
  [[0, 0], 856032946],
  [[0, 0], 1603726407],
  [[0, 0], 1929459187],
];

Deno.test("numbers are placed where they lie in memory as if they were permuted", () => {
  const layouts: readonly [shape: number[], order: number[]][] = [
    [[], []],
    [[5], [0]],
    [[3, 4], [0, 1]],
    [[3, 4], [1, 0]],
    [[64, 256], [1, 0]],
    [[65, 257], [1, 0]],
    [[1, 513], [1, 0]],
    [[130, 1], [1, 0]],
    [[67, 3, 11, 5], [2, 3, 1, 0]],
    [[2, 300, 3, 3], [2, 3, 1, 0]],
    [[70, 1, 3, 3], [2, 3, 0, 1]],
    [[3, 5, 2], [1, 2, 0]],
    [[3, 5, 2], [0, 2, 1]],
  ];
  for (const draw of DRAWS) {
    for (const [shape, order] of layouts) {
      const count = shape.reduce((a, b) => a * b, 1);
      const [atRest, actual] = [new Float32Array(count), new Float32Array(count)];
      drawOnHost(draw, randomKey(4), 0, atRest);
      drawInLayout(draw, randomKey(4), { shape, order }, actual);
      assertEquals(bitsOf(actual), bitsOf(permute(atRest, shape, order)), `${shape}, ${order}`);
    }
  }
});

/** Every initializer, and one of one's own. */
const INITIALIZERS: Readonly<Record<string, Initializer>> = {
  constant: constant(0.5),
  uniform: uniform(-1, 2),
  normal: normal(0.01, 1),
  kaimingNormal: kaimingNormal({ fan: "out" }),
  kaimingUniform: kaimingUniform({ gain: 1 }),
  xavierNormal: xavierNormal(),
  xavierUniform: xavierUniform(2),
  own: (key, drawn) => kaimingNormal()(key, drawn).map((x) => 2 * x),
};

backendTest("init gives what initializers draw, to the bit", async () => {
  for (const [name, initializer] of Object.entries(INITIALIZERS)) {
    const own = linear(7, { initializer, biasInitializer: initializer });
    const buffered = layer("Buffered()", (input, sub) => ({
      outputShape: [7],
      buffers: { b: { shape: [5, 3], order: [1, 0], initializer } },
      apply: (() => {
        const built = sub("own", own, input);
        return (x, _own, pass) => built(x, pass);
      })(),
    }));
    const network = getOrThrow(build(buffered, [11]));
    const [weight, bias] = network.parameters;
    const variables = network.init(randomKey(3));
    const stored = await exportParams(network, variables);
    for (const [i, spec] of [weight!, bias!].entries()) {
      const expected = initializer(foldIn(randomKey(3), i), spec);
      assertEquals(bitsOf(stored[spec.name]!.data), bitsOf(expected), `${name}: ${spec.name}`);
    }
    const fans = { shape: [5, 3], fanIn: 1, fanOut: 1 };
    const expected = initializer(foldIn(randomKey(3), 2), fans);
    assertEquals(bitsOf(stored["b"]!.data), bitsOf(expected), `${name}: the buffer`);
  }
});

/** A sum of the bits of LeNet's parameters that depends on their order. */
const GOLDEN: Readonly<Record<InitializerName, number>> = {
  pytorch: -343225278,
  kaiming: 1732064837,
  xavier: -718221204,
};

backendTest("the bits of a seed's parameters are pinned", async () => {
  const network = getOrThrow(build(lenet(), [28, 28, 1]));
  for (const [initializer, expected] of Object.entries(GOLDEN)) {
    const stored = await exportParams(
      network,
      network.init(randomKey(7), initializer as InitializerName),
    );
    const sum = Object.values(stored)
      .flatMap(({ data }) => [...bitsOf(data)])
      .reduce((sum, word) => (Math.imul(sum, 31) + word) | 0, 0);
    assertEquals(sum, expected, initializer);
  }
});
