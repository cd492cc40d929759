import { assertEquals, assertThrows } from "@std/assert";
import { collect, readIndexed, shuffleIndexed } from "@rill/rill/pipelines";
import { range } from "../_helpers.ts";

const numbers = (length: number) => ({ length, get: (index: number) => index });

Deno.test("shuffleIndexed() is the order that readIndexed() has", async () => {
  for (const [seed, epoch] of [[0, 0], [0, 1], [7, 3]] as const) {
    assertEquals(
      await collect(readIndexed(shuffleIndexed(numbers(20), { seed, epoch }))),
      await collect(readIndexed(numbers(20), { seed, epoch })),
    );
  }
  assertEquals(
    await collect(readIndexed(shuffleIndexed(numbers(10), { seed: 1 }))),
    [1, 0, 6, 7, 9, 5, 2, 8, 3, 4],
  );
});

Deno.test("shuffleIndexed() has each item once, however many there are", () => {
  assertEquals(shuffleIndexed(numbers(0), { seed: 1 }).length, 0);
  const many = shuffleIndexed(numbers(2 ** 32 - 1), { seed: 1 });
  assertEquals(new Set(range(1000).map((position) => many.get(position))).size, 1000);
});

Deno.test("shuffleIndexed() refuses bad options, and positions that are none", () => {
  assertThrows(() => shuffleIndexed(numbers(5), { seed: -1 }), RangeError, "seed -1");
  assertThrows(() => shuffleIndexed(numbers(2 ** 32), { seed: 1 }), RangeError, "4294967296");
  assertThrows(() => shuffleIndexed(numbers(5), { seed: 1 }).get(5), RangeError, "item 5");
});
