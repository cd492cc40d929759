import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { collect, readIndexed, shard, shardIndexed } from "@rill/rill/pipelines";
import { indexed, range } from "../_helpers.ts";

const numbers = (length: number) => ({ length, get: (index: number) => index });

Deno.test("shardIndexed() gives each item to one of the shares, as shard() does", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(40), fc.integer({ min: 1, max: 7 }), async (length, count) => {
      const shares = range(count).map((index) => shardIndexed(index, count)(numbers(length)));
      const items = await Promise.all(shares.map((share) => collect(readIndexed()(share))));
      assertEquals(items.flat().toSorted((a, b) => a - b), range(length));
      for (const index of range(count)) {
        assertEquals(items[index], await collect(shard(index, count)(indexed(range(length)))));
        assert(Math.abs(shares[index]!.length - length / count) < 1);
      }
    }),
  );
});

Deno.test("shardIndexed() refuses a share that there cannot be, and items of others", () => {
  assertThrows(() => shardIndexed(2, 2)(numbers(5)), RangeError, "Cannot take shard 2 of 2: ");
  assertThrows(() => shardIndexed(0, 0)(numbers(5)), RangeError, "Cannot take shard 0 of 0: ");
  const share = shardIndexed(1, 2)(numbers(5));
  for (const index of [-1, 2, 0.5]) {
    assertThrows(() => share.get(index), RangeError, `Cannot get item ${index}: there are 2 items`);
  }
});
