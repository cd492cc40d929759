import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { collect, readIndexed, splitIndexed, type SplitIndexedOptions } from "@rill/rill/pipelines";
import { range } from "../_helpers.ts";

const numbers = (length: number) => ({ length, get: (index: number) => index });
const split = (length: number, options: SplitIndexedOptions): Promise<number[][]> =>
  Promise.all(
    splitIndexed(options)(numbers(length)).map((part) => collect(readIndexed()(part))),
  );

// Part of the contract: whoever changes these has runs validate with what they were trained on.
Deno.test("splitIndexed() keeps its parts from version to version", async () => {
  const labels = [..."aabbabcaab"];
  for (
    const [options, parts] of [
      [{}, [[0, 1, 2, 3, 4, 5, 6], [7, 8, 9]]],
      [{ seed: 0 }, [[2, 6, 4, 1, 3, 7, 9], [8, 0, 5]]],
      [{ seed: 1 }, [[1, 0, 6, 7, 9, 5, 2], [8, 3, 4]]],
      [{ seed: Number.MAX_SAFE_INTEGER }, [[7, 6, 5, 0, 8, 3, 2], [1, 9, 4]]],
      [{ labels }, [[0, 2, 1, 3, 4, 6, 5], [7, 9, 8]]],
      [{ labels, seed: 1 }, [[4, 6, 1, 2, 7, 9, 0], [3, 8, 5]]],
    ] as [Partial<SplitIndexedOptions>, number[][]][]
  ) {
    assertEquals(await split(10, { fraction: 0.7, ...options }), parts);
  }
});

Deno.test("splitIndexed() puts each item in one of the parts", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(3)),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.option(fc.maxSafeNat(), { nil: undefined }),
      fc.boolean(),
      async (labels, fraction, seed, isStratified) => {
        const options = {
          fraction,
          ...seed !== undefined && { seed },
          ...isStratified && { labels },
        };
        const [first = [], second = []] = await split(labels.length, options);
        assertEquals(first.length, Math.round(fraction * labels.length));
        assertEquals([...first, ...second].toSorted((a, b) => a - b), range(labels.length));
        if (!isStratified) return;
        const kinds = [...new Set(labels)];
        for (const kind of kinds) {
          const all = labels.filter((label) => label === kind).length;
          const count = first.filter((index) => labels[index] === kind).length;
          const bound = 1 + (kinds.length + 1) * all / labels.length;
          assert(Math.abs(count - fraction * all) <= bound);
        }
      },
    ),
  );
});

Deno.test("splitIndexed() splits otherwise by another seed", async () => {
  const set = async (seed: number) => (await split(50, { fraction: 0.5, seed }))[0]!.toSorted();
  assertEquals(await set(1), await set(1));
  assertNotEquals(await set(1), await set(2));
});

Deno.test("splitIndexed() takes no memory", () => {
  const [first, second] = splitIndexed({ fraction: 0.25, seed: 1 })(numbers(4e9));
  assertEquals([first.length, second.length], [1e9, 3e9]);
  assertNotEquals(first.get(0), second.get(0));
});

Deno.test("splitIndexed() refuses bad options, and items of the other part", () => {
  for (
    const [options, message] of [
      [{ fraction: -0.1 }, "Cannot split by the fraction -0.1: it must be a number from 0 to 1"],
      [{ fraction: 1.1 }, "Cannot split by the fraction 1.1: "],
      [{ fraction: NaN }, "Cannot split by the fraction NaN: "],
      [{ fraction: 0.5, seed: -1 }, "Cannot split by seed -1: the seed must be an integer"],
      [{ fraction: 0.5, labels: [1] }, "Cannot split 4 items by 1 labels"],
    ] as const
  ) {
    assertThrows(() => splitIndexed(options)(numbers(4)), RangeError, message);
  }
  for (const part of splitIndexed({ fraction: 0.5, seed: 1 })(numbers(4))) {
    for (const index of [-1, 2, 0.5]) {
      assertThrows(
        () => part.get(index),
        RangeError,
        `Cannot get item ${index}: there are 2 items`,
      );
    }
  }
});
