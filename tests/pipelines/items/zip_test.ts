import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { collect, map, zip } from "@rill/rill/pipelines";
import { counting, nothing, range, testStage } from "../_helpers.ts";

testStage<number, readonly [number, string]>({
  name: "zip()",
  stage: zip(counting("abcd")),
  input: range(4),
  output: [[0, "a"], [1, "b"], [2, "c"], [3, "d"]],
  pulled: (given) => given,
});

testStage<number, readonly [number, string]>({
  name: "zip() with a shorter one",
  stage: zip(counting("abc")),
  input: range(5),
  output: [[0, "a"], [1, "b"], [2, "c"]],
  pulled: (given) => given,
  endsFirst: true,
});

Deno.test("zip() ends with the shorter and closes the other", async () => {
  for (const [left, right] of [[3, 5], [5, 3], [0, 2], [2, 0]] as const) {
    const source = counting(range(left));
    const other = counting(range(right));
    const shorter = Math.min(left, right);
    assertEquals(
      await collect(zip(other)(source)),
      range(shorter).map((n) => [n, n] as const),
    );
    assertEquals([source.closed, other.closed], left < right ? [0, 1] : [1, 0]);
    // The source is pulled first, so it may be one item ahead.
    assertEquals([source.pulled, other.pulled], [Math.min(left, right + 1), shorter]);
  }
});

Deno.test("zip() closes both when it is closed, begun or not", async () => {
  for (const pulls of [0, 1, 2]) {
    const source = counting(range(5));
    const other = counting(range(5));
    const pairs = zip(other)(source)[Symbol.asyncIterator]();
    for (let i = 0; i < pulls; i++) await pairs.next();
    await pairs.return!();
    assertEquals([source.pulled, other.pulled], [pulls, pulls]);
    assertEquals([source.closed, other.closed], [1, 1]);
  }
});

Deno.test("zip() closes the one when the other fails", async () => {
  const failure = new Error("the source failed");
  const good = counting(range(5));
  const bad = counting(range(2), failure);
  assertStrictEquals(await assertRejects(() => collect(zip(bad)(good))), failure);
  assertEquals([good.closed, bad.closed], [1, 0]);
  assertStrictEquals(await assertRejects(() => collect(zip(good)(bad))), failure);
  assertEquals([good.closed, bad.closed], [2, 0]);
});

Deno.test("zip() reports the failure, not what closing the other brings", async () => {
  const failure = new Error("the source failed");
  const stubborn: AsyncIterable<number> = {
    [Symbol.asyncIterator]: () => ({
      next: () => Promise.resolve({ done: false, value: 0 }),
      return: () => Promise.reject(new Error("closing failed")),
    }),
  };
  for (
    const pairs of [zip(stubborn)(counting([1], failure)), zip(counting([1], failure))(stubborn)]
  ) {
    assertStrictEquals(await assertRejects(() => collect(pairs)), failure);
  }
  await assertRejects(() => collect(zip(stubborn)(nothing())), Error, "closing failed");
});

Deno.test("zip() closes a stage that has not begun, and the stream behind it", async () => {
  const failure = new Error("the source failed");
  let cancelled = 0;
  const file = new ReadableStream<number>({ cancel: () => void cancelled++ });
  const untouched = map((n: number) => n)(map((n: number) => n)(file));
  assertStrictEquals(
    await assertRejects(() => collect(zip(untouched)(counting<number>([], failure)))),
    failure,
  );
  assertEquals(cancelled, 1);
});
