import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  collect,
  readIndexed,
  repeat,
  sampleIndexed,
  type SampleIndexedOptions,
} from "@rill/rill/pipelines";
import { assertResumes, range } from "../_helpers.ts";

const numbers = (length: number) => ({ length, get: (index: number) => index });
const sample = (length: number, options: SampleIndexedOptions): Promise<number[]> =>
  collect(readIndexed()(sampleIndexed(options)(numbers(length))));

// Part of the contract: whoever changes these breaks every run that is to be repeated or resumed.
Deno.test("sampleIndexed() keeps its draws from version to version", async () => {
  const options = { weights: [1, 2, 0, 4, 3], length: 12 };
  assertEquals(await sample(5, { ...options, seed: 0 }), [3, 3, 4, 3, 4, 4, 3, 4, 1, 3, 4, 3]);
  assertEquals(await sample(5, { ...options, seed: 1 }), [3, 4, 3, 1, 3, 1, 4, 1, 1, 3, 3, 4]);
  assertEquals(
    await sample(5, { ...options, seed: 1, epoch: 1 }),
    [4, 4, 4, 3, 0, 4, 1, 4, 3, 3, 3, 3],
  );
  const { MAX_SAFE_INTEGER } = Number;
  assertEquals(
    await sample(5, { ...options, seed: MAX_SAFE_INTEGER, epoch: MAX_SAFE_INTEGER }),
    [1, 0, 3, 4, 3, 3, 4, 3, 1, 1, 1, 3],
  );
});

Deno.test("sampleIndexed() draws by the weights", async () => {
  for (const weights of [[1, 2, 0, 4, 3], Float32Array.of(0, 0.25, 0.5, 0), range(100)]) {
    const length = 50_000;
    const total = Array.from(weights).reduce((a, b) => a + b);
    const items = await sample(weights.length, { weights, seed: 5, length });
    for (let i = 0; i < weights.length; i++) {
      const share = weights[i]! / total;
      const count = items.filter((item) => item === i).length;
      const deviation = Math.sqrt(length * share * (1 - share));
      assert(Math.abs(count - length * share) <= 5 * deviation, `${count} of item ${i}`);
    }
  }
});

Deno.test("sampleIndexed() never draws what has no weight, whatever the rounding", async () => {
  const weights = fc.array(
    fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e300, noNaN: true })),
    { minLength: 1, maxLength: 6 },
  ).filter((weights) => weights.some((weight) => weight > 0));
  await fc.assert(fc.asyncProperty(weights, fc.maxSafeNat(), async (weights, seed) => {
    const items = await sample(weights.length, { weights, seed, length: 20 });
    for (const item of items) assert(weights[item]! > 0);
  }));
});

Deno.test("sampleIndexed() draws each time anew, and as often as there are items", async () => {
  const weights = range(30).map(() => 1);
  const items = await sample(30, { weights, seed: 1 });
  assertEquals(items.length, 30);
  assert(new Set(items).size < 30);
  assertNotEquals(await sample(30, { weights, seed: 1, epoch: 1 }), items);
  assertNotEquals(await sample(30, { weights, seed: 2 }), items);
  assertEquals(await sample(30, { weights, seed: 1 }), items);
});

Deno.test("sampleIndexed() of each epoch resumes at every position", async () => {
  const weights = [1, 2, 3];
  const epochs = () =>
    repeat(3)((epoch) => readIndexed()(sampleIndexed({ weights, seed: 1, epoch })(numbers(3))));
  assertEquals((await assertResumes(epochs)).length, 9);
});

Deno.test("sampleIndexed() may draw nothing", async () => {
  assertEquals(await sample(0, { weights: [], seed: 1 }), []);
  assertEquals(await sample(2, { weights: [0, 0], seed: 1, length: 0 }), []);
});

Deno.test("sampleIndexed() refuses bad options", () => {
  for (
    const [options, message] of [
      [{ weights: [1], seed: 0 }, "Cannot sample 2 items by 1 weights"],
      [{ weights: [1, -1], seed: 0 }, "Cannot sample by the weight -1 of item 1: "],
      [{ weights: [NaN, 1], seed: 0 }, "Cannot sample by the weight NaN of item 0: "],
      [{ weights: [1, Infinity], seed: 0 }, "Cannot sample by the weight Infinity of item 1: "],
      [{ weights: [0, 0], seed: 0 }, "Cannot sample 2 items: no item has a weight above 0"],
      [{ weights: [1, 1], seed: -1 }, "Cannot sample by seed -1: the seed must be an integer"],
      [{ weights: [1, 1], seed: 0, epoch: 0.5 }, "Cannot sample for epoch 0.5: the epoch must be"],
      [
        { weights: [1, 1], seed: 0, length: -1 },
        "Cannot sample -1 items: the length must be an integer",
      ],
    ] as const
  ) {
    assertThrows(() => sampleIndexed(options)(numbers(2)), RangeError, message);
  }
  const two = sampleIndexed({ weights: [1, 1], seed: 0 })(numbers(2));
  assertThrows(() => two.get(2), RangeError, "Cannot get item 2: there are 2 items, from 0");
});
