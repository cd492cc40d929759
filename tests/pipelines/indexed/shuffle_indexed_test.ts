import { assertEquals, assertThrows } from "@std/assert";
import { collect, readIndexed, shuffleIndexed } from "@rill/rill/pipelines";
import { range } from "../_helpers.ts";

const numbers = (length: number) => ({ length, get: (index: number) => index });

Deno.test("shuffleIndexed() is the order that readIndexed() has", async () => {
  for (const [seed, epoch] of [[0, 0], [0, 1], [7, 3]] as const) {
    assertEquals(
      await collect(readIndexed()(shuffleIndexed({ seed, epoch })(numbers(20)))),
      await collect(readIndexed({ seed, epoch })(numbers(20))),
    );
  }
  assertEquals(
    await collect(readIndexed()(shuffleIndexed({ seed: 1 })(numbers(10)))),
    [1, 0, 6, 7, 9, 5, 2, 8, 3, 4],
  );
});

Deno.test("shuffleIndexed() has each item once, however many there are", () => {
  assertEquals(shuffleIndexed({ seed: 1 })(numbers(0)).length, 0);
  const many = shuffleIndexed({ seed: 1 })(numbers(2 ** 32 - 1));
  assertEquals(new Set(range(1000).map((position) => many.get(position))).size, 1000);
});

Deno.test("shuffleIndexed() refuses bad options, and positions that are none", () => {
  assertThrows(() => shuffleIndexed({ seed: -1 })(numbers(5)), RangeError, "seed -1");
  assertThrows(() => shuffleIndexed({ seed: 1 })(numbers(2 ** 32)), RangeError, "4294967296");
  assertThrows(() => shuffleIndexed({ seed: 1 })(numbers(5)).get(5), RangeError, "item 5");
});
