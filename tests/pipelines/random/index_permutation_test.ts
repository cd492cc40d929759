import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { indexPermutation } from "@rill/rill/pipelines";
import { chiSquare, range } from "../_helpers.ts";

const order = (length: number, seed: number, epoch: number): number[] =>
  range(length).map(indexPermutation(length, { seed, epoch }));

// Part of the contract: whoever changes these breaks every run that is to be repeated or resumed.
Deno.test("indexPermutation() keeps its orders from version to version", () => {
  assertEquals(order(10, 0, 0), [2, 6, 4, 1, 3, 7, 9, 8, 0, 5]);
  assertEquals(order(10, 0, 1), [1, 9, 5, 6, 4, 2, 3, 7, 8, 0]);
  assertEquals(order(10, 1, 0), [1, 0, 6, 7, 9, 5, 2, 8, 3, 4]);
  assertEquals(order(7, 42, 3), [4, 5, 1, 6, 2, 0, 3]);
  const { MAX_SAFE_INTEGER } = Number;
  assertEquals(order(10, MAX_SAFE_INTEGER, MAX_SAFE_INTEGER), [4, 7, 0, 9, 5, 3, 2, 8, 1, 6]);
  const fashion = indexPermutation(60000, { seed: 1, epoch: 4 });
  assertEquals([0, 1, 2, 3, 59999].map(fashion), [41854, 57460, 18956, 15070, 5156]);
  const longest = indexPermutation(2 ** 32 - 1, { seed: 1 });
  assertEquals(
    [0, 1, 2, 3, 2 ** 32 - 2].map(longest),
    [238655828, 2389837216, 1356176337, 3843892943, 3823167151],
  );
});

Deno.test("indexPermutation() gives every index once", () => {
  const whole = fc.maxSafeNat();
  fc.assert(fc.property(fc.nat(500), whole, whole, (length, seed, epoch) => {
    const sorted = order(length, seed, epoch).sort((a, b) => a - b);
    assertEquals(sorted, range(length));
  }));
  assertEquals(new Set(order(60000, 7, 1)).size, 60000);
});

Deno.test("indexPermutation() takes epoch 0 where none is given", () => {
  assertEquals(range(20).map(indexPermutation(20, { seed: 5 })), order(20, 5, 0));
});

Deno.test("indexPermutation() orders four items in all ways equally often", () => {
  const runs = 12_000;
  const bySeed = range(runs).map((seed) => order(4, seed, 0).join());
  const byEpoch = range(runs).map((epoch) => order(4, 3, epoch).join());
  // 23 degrees of freedom: above 50 is a chance of one in a thousand.
  assert(chiSquare(bySeed, 24) < 50);
  assert(chiSquare(byEpoch, 24) < 50);
});

Deno.test("indexPermutation() puts every index anywhere equally often", () => {
  for (const length of [7, 16]) {
    const places = range(4000).flatMap((epoch) =>
      order(length, 11, epoch).map((index, position) => `${index} at ${position}`)
    );
    // (length - 1)^2 degrees of freedom; five standard deviations.
    const freedom = (length - 1) ** 2;
    assert(chiSquare(places, length ** 2) < freedom + 5 * Math.sqrt(2 * freedom));
  }
});

Deno.test("indexPermutation() gives neighboring epochs and seeds unrelated orders", () => {
  const length = 500;
  const pairs = 200;
  const between = (next: (i: number) => [number[], number[]]) => {
    let same = 0;
    let neighbors = 0;
    let correlation = 0;
    const mean = (length - 1) / 2;
    const variance = (length ** 2 - 1) / 12;
    for (const i of range(pairs)) {
      const [a, b] = next(i);
      for (const p of range(length)) {
        if (a[p] === b[p]) same++;
        if (p > 0 && Math.abs(a[p]! - a[p - 1]!) === 1) neighbors++;
        correlation += (a[p]! - mean) * (b[p]! - mean) / variance;
      }
    }
    // One index of an order is expected at its place in the other, and two pairs of neighbors side by side.
    assert(Math.abs(same / pairs - 1) < 5 / Math.sqrt(pairs), `${same} the same`);
    assert(Math.abs(neighbors / pairs - 2) < 5 * Math.sqrt(2 / pairs), `${neighbors} neighbors`);
    assert(Math.abs(correlation) < 5 * Math.sqrt(length * pairs), `correlation ${correlation}`);
  };
  between((i) => [order(length, 3, i), order(length, 3, i + 1)]);
  between((i) => [order(length, i, 3), order(length, i + 1, 3)]);
  between((i) => [order(length, i, 3), range(length)]);
});

Deno.test("indexPermutation() uses all bits of seed and epoch", () => {
  for (const far of [2 ** 31, 2 ** 32, 2 ** 52]) {
    assertNotEquals(order(50, far, 0), order(50, 0, 0));
    assertNotEquals(order(50, 0, far), order(50, 0, 0));
    assertNotEquals(order(50, far, 0), order(50, 0, far));
  }
});

Deno.test("indexPermutation() refuses bad arguments", () => {
  const whole = "must be an integer";
  for (
    const [length, options, message] of [
      [-1, { seed: 0 }, `Cannot permute -1 indices: the length ${whole} from 0 to 4294967295`],
      [2 ** 32, { seed: 0 }, `Cannot permute 4294967296 indices: the length ${whole} from 0`],
      [1.5, { seed: 0 }, `Cannot permute 1.5 indices: the length ${whole}`],
      [9, { seed: -1 }, `Cannot permute indices by seed -1: the seed ${whole} of at least 0`],
      [9, { seed: NaN }, `Cannot permute indices by seed NaN: the seed ${whole}`],
      [9, { seed: 0, epoch: 0.5 }, `Cannot permute indices for epoch 0.5: the epoch ${whole}`],
    ] as const
  ) {
    assertThrows(() => indexPermutation(length, options), RangeError, message);
  }
  for (const position of [-1, 9, 0.5, NaN]) {
    assertThrows(
      () => indexPermutation(9, { seed: 0 })(position),
      RangeError,
      `Cannot find the item at position ${position}: there are 9 positions, from 0`,
    );
  }
});
