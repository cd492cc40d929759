import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { collect, shuffle, type ShuffleOptions } from "@rill/rill/pipelines";
import { chiSquare, counting, range, testStage } from "../_helpers.ts";

const mixed = (length: number, options: ShuffleOptions): Promise<number[]> =>
  collect(shuffle(options)(counting(range(length))));

testStage({
  name: "shuffle()",
  stage: shuffle({ bufferSize: 4, seed: 0, epoch: 1 })<number>,
  input: range(12),
  output: [1, 3, 0, 5, 4, 7, 8, 10, 11, 6, 9, 2],
  pulled: (given) => given + 3,
});

// Part of the contract: whoever changes these breaks every run that is to be repeated or resumed.
Deno.test("shuffle() keeps its orders from version to version", async () => {
  assertEquals(
    await mixed(12, { bufferSize: 4, seed: 0 }),
    [2, 0, 5, 3, 7, 1, 4, 8, 10, 11, 9, 6],
  );
  assertEquals(
    await mixed(12, { bufferSize: 4, seed: 1 }),
    [1, 4, 0, 2, 5, 6, 7, 8, 11, 3, 9, 10],
  );
  const { MAX_SAFE_INTEGER } = Number;
  assertEquals(
    await mixed(12, { bufferSize: 20, seed: MAX_SAFE_INTEGER, epoch: MAX_SAFE_INTEGER }),
    [0, 1, 3, 7, 5, 2, 4, 8, 10, 11, 9, 6],
  );
});

Deno.test("shuffle() gives every item once, none earlier than the buffer allows", async () => {
  const options = fc.record({
    bufferSize: fc.integer({ min: 1, max: 12 }),
    seed: fc.maxSafeNat(),
    epoch: fc.maxSafeNat(),
  });
  await fc.assert(fc.asyncProperty(fc.nat(40), options, async (length, options) => {
    const items = await mixed(length, options);
    assertEquals(items.toSorted((a, b) => a - b), range(length));
    items.forEach((item, position) => assert(item - position < options.bufferSize));
  }));
});

Deno.test("shuffle() with a buffer of one keeps the order", async () => {
  assertEquals(await mixed(9, { bufferSize: 1, seed: 5 }), range(9));
});

Deno.test("shuffle() with a buffer for all makes all orders equally often", async () => {
  const orders = await Promise.all(range(6000).map((seed) => mixed(4, { bufferSize: 4, seed })));
  // 23 degrees of freedom: above 50 is a chance of one in a thousand.
  assert(chiSquare(orders.map(String), 24) < 50);
});

Deno.test("shuffle() has another order for another epoch or seed", async () => {
  const options = { bufferSize: 20, seed: 3, epoch: 4 };
  const order = await mixed(50, options);
  assertNotEquals(await mixed(50, { ...options, epoch: 5 }), order);
  assertNotEquals(await mixed(50, { ...options, seed: 4 }), order);
  assertNotEquals(await mixed(50, { ...options, seed: 4, epoch: 3 }), order);
});

Deno.test("shuffle() refuses bad options", () => {
  const whole = "must be an integer of at least";
  for (
    const [options, message] of [
      [{ bufferSize: 0, seed: 0 }, `Cannot shuffle with a buffer of 0: the size ${whole} 1`],
      [
        { bufferSize: Infinity, seed: 0 },
        `Cannot shuffle with a buffer of Infinity: the size ${whole} 1`,
      ],
      [{ bufferSize: 1, seed: -1 }, `Cannot shuffle by seed -1: the seed ${whole} 0`],
      [
        { bufferSize: 1, seed: 0, epoch: NaN },
        `Cannot shuffle for epoch NaN: the epoch ${whole} 0`,
      ],
    ] as const
  ) {
    assertThrows(() => shuffle(options), RangeError, message);
  }
});
