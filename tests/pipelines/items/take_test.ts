import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { collect, skip, take } from "@rill/rill/pipelines";
import { counting, range, testStage } from "../_helpers.ts";

testStage({
  name: "take()",
  stage: take(3)<number>,
  input: range(5),
  output: [0, 1, 2],
  pulled: (given) => given,
  endsFirst: true,
});

testStage({
  name: "take(Infinity)",
  stage: take(Infinity)<number>,
  input: range(3),
  output: range(3),
  pulled: (given) => given,
});

Deno.test("take() pulls no item beyond the last and closes its source", async () => {
  for (const count of [0, 1, 4, 5]) {
    const source = counting(range(5));
    assertEquals(await collect(take(count)(source)), range(count));
    assertEquals([source.pulled, source.closed], [count, 1]);
  }
});

Deno.test("take() gives what there is where that is less", async () => {
  const source = counting(range(2));
  assertEquals(await collect(take(3)(source)), [0, 1]);
  assertEquals(source.closed, 0);
});

Deno.test("take() and skip() share a stream between them", async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.nat()), fc.nat(12), async (items, count) => {
    const first = await collect(take(count)(counting(items)));
    const rest = await collect(skip(count)(counting(items)));
    assertEquals([...first, ...rest], items);
    assertEquals(first.length, Math.min(count, items.length));
  }));
});

Deno.test("take() refuses a count that is no count", () => {
  for (const count of [-1, 1.5, NaN, -Infinity]) {
    assertThrows(
      () => take(count),
      RangeError,
      `Cannot take ${count} items: the count must be an integer of at least 0`,
    );
  }
});
