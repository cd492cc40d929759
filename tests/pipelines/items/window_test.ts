import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { collect, window } from "@rill/rill/pipelines";
import { assertResumes, counting, indexed, range, testStage } from "../_helpers.ts";

testStage<number, number[]>({
  name: "window()",
  stage: window(3),
  input: range(8),
  output: [[0, 1, 2], [3, 4, 5], [6, 7]],
  pulled: (given) => 3 * given,
});

testStage<number, number[]>({
  name: "window() that overlaps",
  stage: window(3, { step: 1 }),
  input: range(6),
  output: [[0, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 5]],
  pulled: (given) => given + 2,
});

testStage<number, number[]>({
  name: "window() with gaps",
  stage: window(2, { step: 3 }),
  input: range(10),
  output: [[0, 1], [3, 4], [6, 7], [9]],
  pulled: (given) => 3 * given - 1,
});

testStage<number, number[]>({
  name: "window() without remainder",
  stage: window(3, { step: 2, dropRemainder: true }),
  input: range(8),
  output: [[0, 1, 2], [2, 3, 4], [4, 5, 6]],
  pulled: (given) => 2 * given + 1,
});

/** What window() is to give, by its definition. */
function windows(length: number, size: number, step: number, dropRemainder: boolean): number[][] {
  const result: number[][] = [];
  let end = 0;
  for (let from = 0; from < length; from += step) {
    const full = from + size <= length;
    if (!full && (dropRemainder || length <= end)) break;
    end = Math.min(from + size, length);
    result.push(range(length).slice(from, end));
    if (!full) break;
  }
  return result;
}

Deno.test("window() has each item in the windows that it belongs to", async () => {
  const count = fc.integer({ min: 1, max: 6 });
  await fc.assert(
    fc.asyncProperty(fc.nat(14), count, count, fc.boolean(), async (length, size, step, drop) => {
      const stage = window(size, { step, dropRemainder: drop });
      const expected = windows(length, size, step, drop);
      assertEquals(await collect(stage(counting(range(length)))), expected);
      assertEquals(await assertResumes(() => stage(indexed(range(length)))), expected);
    }),
  );
});

Deno.test("window() gives arrays of their own", async () => {
  const items: number[][] = [];
  for await (const window3 of window(3, { step: 1 })(counting(range(5)))) {
    items.push([...window3]);
    window3.fill(-1);
  }
  assertEquals(items, [[0, 1, 2], [1, 2, 3], [2, 3, 4]]);
});

Deno.test("window() refuses bad arguments", () => {
  for (const bad of [0, -1, 1.5, NaN, Infinity]) {
    const whole = "must be an integer of at least 1";
    assertThrows(() => window(bad), RangeError, `Cannot take windows of ${bad}: the size ${whole}`);
    assertThrows(
      () => window(2, { step: bad }),
      RangeError,
      `Cannot take windows at steps of ${bad}: the step ${whole}`,
    );
  }
});
