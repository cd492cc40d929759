import { assertEquals, assertThrows } from "@std/assert";
import { collect, skip } from "@rill/rill/pipelines";
import { counting, range, testStage } from "../_helpers.ts";

testStage({
  name: "skip()",
  stage: skip(2)<number>,
  input: range(6),
  output: [2, 3, 4, 5],
  pulled: (given) => given + 2,
});

Deno.test("skip() may drop nothing, everything, or more than there is", async () => {
  assertEquals(await collect(skip(0)(counting(range(3)))), [0, 1, 2]);
  assertEquals(await collect(skip(3)(counting(range(3)))), []);
  assertEquals(await collect(skip(9)(counting(range(3)))), []);
});

Deno.test("skip() refuses a count that is no count", () => {
  for (const count of [-1, 1.5, NaN, Infinity]) {
    assertThrows(
      () => skip(count),
      RangeError,
      `Cannot skip ${count} items: the count must be an integer of at least 0`,
    );
  }
});
