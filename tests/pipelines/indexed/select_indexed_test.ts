import { assertEquals, assertThrows } from "@std/assert";
import { collect, readIndexed, selectIndexed } from "@rill/rill/pipelines";
import { range } from "../_helpers.ts";

const letters = { length: 6, get: (index: number) => "abcdef"[index] };

Deno.test("selectIndexed() gives the items at the indices", async () => {
  for (const indices of [[], [5], [2, 0, 2, 5], range(6)]) {
    const expected = indices.map((index) => "abcdef"[index]);
    assertEquals(await collect(readIndexed()(selectIndexed(indices)(letters))), expected);
    const typed = selectIndexed(Uint32Array.from(indices))(letters);
    assertEquals(await collect(readIndexed()(typed)), expected);
  }
});

Deno.test("selectIndexed() refuses an index that is none", () => {
  for (const index of [-1, 6, 0.5, NaN]) {
    assertThrows(
      () => selectIndexed([0, index])(letters),
      RangeError,
      `Cannot select item ${index}: the index must be an integer from 0 to 5`,
    );
  }
});

Deno.test("selectIndexed() refuses to get what is not there", () => {
  const two = selectIndexed([3, 4])(letters);
  for (const index of [-1, 2, 0.5, NaN]) {
    assertThrows(
      () => two.get(index),
      RangeError,
      `Cannot get item ${index}: there are 2 items, from 0`,
    );
  }
});
