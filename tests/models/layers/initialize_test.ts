import { assert, assertEquals } from "@std/assert";
import {
  build,
  conv2d,
  exportParams,
  type InitializerName,
  linear,
  type NamedParameterSpec,
  type Network,
  randomKey,
  sequential,
} from "@rill/rill/models";
import { beginParameter } from "../../../models/layers/_initialize.ts";
import { assertClose, getOrThrow, withBackend } from "../_helpers.ts";

const convolution = getOrThrow(build(conv2d({ filters: 64, kernelSize: 5 }), [9, 9, 48]));
const dense = getOrThrow(build(linear(300), [200]));
const [FAN_IN, FAN_OUT] = [48 * 25, 64 * 25];

/** Gets the parameters of a layer with a weight and a bias. */
function parametersOf(
  { parameters: [weight, bias] }: Network,
): [NamedParameterSpec, NamedParameterSpec] {
  assert(weight && bias);
  return [weight, bias];
}

const mean = (data: Float32Array) => data.reduce((sum, value) => sum + value, 0) / data.length;
const std = (data: Float32Array) => {
  const centre = mean(data);
  return Math.sqrt(data.reduce((sum, value) => sum + (value - centre) ** 2, 0) / data.length);
};

/** Fails unless the numbers fill the interval evenly. */
function assertUniform(data: Float32Array, bound: number): void {
  const largest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  assert(largest <= Math.fround(bound) && largest > 0.99 * bound, `${largest} of ${bound}`);
  // Five standard errors of the mean of so many.
  assertClose([mean(data)], [0], 5 * bound / Math.sqrt(3 * data.length), "mean", 0.1);
  assertClose([std(data) / bound], [1 / Math.sqrt(3)], 0.02, "std");
  const tenths = new Float32Array(10);
  for (const value of data) tenths[Math.min(9, Math.floor((value / bound + 1) * 5))]!++;
  for (const count of tenths) assertClose([count / data.length], [0.1], 0.05, "tenth");
}

Deno.test("pytorch draws weights and biases uniformly within 1/√fanIn", () => {
  for (const [network, fanIn] of [[convolution, FAN_IN], [dense, 200]] as const) {
    const [weight, bias] = parametersOf(network);
    assertUniform(beginParameter(weight, "pytorch").draw(randomKey(1)), 1 / Math.sqrt(fanIn));
    const drawn = beginParameter(bias, "pytorch").draw(randomKey(2));
    const largest = drawn.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    assert(largest <= 1 / Math.sqrt(fanIn) && largest > 0.8 / Math.sqrt(fanIn));
  }
});

Deno.test("kaiming draws weights normally with std √(2/fanIn), biases 0", () => {
  for (const [network, fanIn] of [[convolution, FAN_IN], [dense, 200]] as const) {
    const [weight, bias] = parametersOf(network);
    const expected = Math.sqrt(2 / fanIn);
    const data = beginParameter(weight, "kaiming").draw(randomKey(1)).map((value) =>
      value / expected
    );
    assertClose([mean(data)], [0], 5 / Math.sqrt(data.length));
    assertClose([std(data)], [1], 0.02);
    // The parts within one and two standard deviations.
    for (const [distance, part] of [[1, 0.6827], [2, 0.9545], [3, 0.9973]] as const) {
      const within = data.filter((value) => Math.abs(value) < distance).length / data.length;
      assertClose([within], [part], 0.01);
    }
    assert(beginParameter(bias, "kaiming").draw(randomKey(1)).every((value) => value === 0));
  }
});

Deno.test("xavier draws weights uniformly within √(6/(fanIn+fanOut)), biases 0", () => {
  const cases = [[convolution, FAN_IN, FAN_OUT], [dense, 200, 300]] as const;
  for (const [network, fanIn, fanOut] of cases) {
    const [weight, bias] = parametersOf(network);
    assertUniform(
      beginParameter(weight, "xavier").draw(randomKey(1)),
      Math.sqrt(6 / (fanIn + fanOut)),
    );
    assert(beginParameter(bias, "xavier").draw(randomKey(1)).every((value) => value === 0));
  }
});

Deno.test("the parameters of a seed are pinned: other values are other runs", async () => {
  const network = getOrThrow(build(sequential({ fc: linear(2) }), [3]));
  const golden: Record<InitializerName, [weight: number[], bias: number[]]> = {
    pytorch: [
      [-0.3785916, -0.41006118, 0.49303728, 0.33363292, 0.24031599, -0.30973211],
      [-0.22538429, 0.04242281],
    ],
    kaiming: [
      [0.93970811, 1.20952678, 0.07700826, -0.30848554, 0.07755746, 0.67392451],
      [0, 0],
    ],
    xavier: [
      [-0.71832705, -0.77803642, 0.93547249, 0.63302398, 0.45596752, -0.58767533],
      [0, 0],
    ],
  };
  await withBackend("wasm", async () => {
    for (const [initializer, [weight, bias]] of Object.entries(golden)) {
      const variables = network.init(randomKey(7), initializer as InitializerName);
      const stored = await exportParams(network, variables);
      assertEquals(Object.keys(stored), ["fc.weight", "fc.bias"]);
      // Not to the last bit, since logarithm and cosine are the engine's.
      assertClose(stored["fc.weight"]!.data, weight, 1e-6, `${initializer} weight`);
      assertClose(stored["fc.bias"]!.data, bias, 1e-6, `${initializer} bias`);
    }
  });
});

Deno.test("parameters of one shape differ, and so do those of another key", async () => {
  const network = getOrThrow(build(sequential([linear(4), linear(4)]), [4]));
  await withBackend("wasm", async () => {
    const draw = (seed: number) => exportParams(network, network.init(randomKey(seed)));
    const [first, again, other] = [await draw(1), await draw(1), await draw(2)];
    assertEquals(first, again);
    assert(String(first["0.weight"]!.data) !== String(first["1.weight"]!.data));
    assert(String(first["0.weight"]!.data) !== String(other["0.weight"]!.data));
  });
});
