import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  collect,
  readIndexed,
  repeat,
  stratifyIndexed,
  type StratifyIndexedOptions,
} from "@rill/rill/pipelines";
import { assertResumes, chiSquare, range } from "../_helpers.ts";

const numbers = (length: number) => ({ length, get: (index: number) => index });
const stratified = (options: StratifyIndexedOptions): Promise<number[]> =>
  collect(readIndexed()(stratifyIndexed(options)(numbers(options.labels.length))));

// Part of the contract: whoever changes these breaks every run that is to be repeated or resumed.
Deno.test("stratifyIndexed() keeps its orders from version to version", async () => {
  const labels = [..."aabbabcaabaacbaa"];
  const { MAX_SAFE_INTEGER } = Number;
  for (
    const [options, order] of [
      [{ seed: 0 }, [1, 5, 10, 11, 13, 7, 12, 4, 9, 8, 0, 3, 14, 2, 15, 6]],
      [{ seed: 1 }, [7, 6, 0, 2, 8, 15, 5, 14, 10, 9, 12, 1, 4, 3, 11, 13]],
      [{ seed: 1, epoch: 1 }, [4, 13, 6, 1, 14, 5, 0, 10, 2, 15, 12, 9, 8, 11, 3, 7]],
      [
        { seed: MAX_SAFE_INTEGER, epoch: MAX_SAFE_INTEGER },
        [0, 13, 15, 11, 12, 3, 7, 14, 9, 8, 4, 5, 6, 1, 2, 10],
      ],
    ] as const
  ) {
    assertEquals(await stratified({ ...options, labels }), [...order]);
  }
});

const labels = fc.array(fc.nat(4), { maxLength: 60 });

Deno.test("stratifyIndexed() gives each item once", async () => {
  await fc.assert(fc.asyncProperty(labels, fc.maxSafeNat(), async (labels, seed) => {
    const order = await stratified({ labels, seed });
    assertEquals(order.toSorted((a, b) => a - b), range(labels.length));
  }));
});

Deno.test("stratifyIndexed() has the proportions of the whole in every part", async () => {
  await fc.assert(fc.asyncProperty(labels, fc.maxSafeNat(), async (labels, seed) => {
    const order = await stratified({ labels, seed });
    const kinds = [...new Set(labels)];
    for (const kind of kinds) {
      const all = labels.filter((label) => label === kind).length;
      let count = 0;
      for (const [i, index] of order.entries()) {
        if (labels[index] === kind) count++;
        // One item by rounding, and the others' by theirs.
        const expected = (i + 1) * all / labels.length;
        assert(Math.abs(count - expected) <= 1 + kinds.length * all / labels.length);
      }
    }
  }));
});

Deno.test("stratifyIndexed() shuffles what is in a class, and the classes", async () => {
  const labels = [0, 0, 0, 1, 1, 1];
  const orders = await Promise.all(range(3600).map((seed) => stratified({ labels, seed })));
  for (const kind of [0, 1]) {
    const own = orders.map((order) => order.filter((index) => labels[index] === kind).join());
    // 5 degrees of freedom: above 20 is a chance of one in a thousand.
    assert(chiSquare(own, 6) < 20);
  }
  const both = orders.map((order) => order.map((index) => index % 3).join());
  // Each class in an order of its own, and either of them first.
  assertEquals(new Set(both).size, 6 * 6);
  const first = orders.filter(([index]) => index! < 3).length;
  assert(Math.abs(first - 1800) < 5 * Math.sqrt(900));
});

Deno.test("stratifyIndexed() has another order for another epoch or seed", async () => {
  const labels = range(50).map((n) => n % 3);
  const order = await stratified({ labels, seed: 3, epoch: 4 });
  assertNotEquals(await stratified({ labels, seed: 3, epoch: 5 }), order);
  assertNotEquals(await stratified({ labels, seed: 4, epoch: 4 }), order);
  assertNotEquals(await stratified({ labels, seed: 4, epoch: 3 }), order);
});

Deno.test("stratifyIndexed() of each epoch resumes at every position", async () => {
  const labels = [0, 1, 1, 0, 1];
  const epochs = () =>
    repeat(3)((epoch) => readIndexed()(stratifyIndexed({ labels, seed: 1, epoch })(numbers(5))));
  assertEquals((await assertResumes(epochs)).length, 15);
});

Deno.test("stratifyIndexed() refuses bad options", () => {
  for (
    const [options, message] of [
      [{ labels: [1], seed: 0 }, "Cannot stratify 2 items by 1 labels"],
      [{ labels: [1, 1], seed: -1 }, "Cannot stratify by seed -1: the seed must be an integer"],
      [{ labels: [1, 1], seed: 0, epoch: NaN }, "Cannot stratify for epoch NaN: the epoch must be"],
    ] as const
  ) {
    assertThrows(() => stratifyIndexed(options)(numbers(2)), RangeError, message);
  }
  const two = stratifyIndexed({ labels: [1, 1], seed: 0 })(numbers(2));
  assertThrows(() => two.get(2), RangeError, "Cannot get item 2: there are 2 items, from 0");
});
