import { assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { collect, drain, prefetch } from "@rill/rill/pipelines";
import { counting, range, settled, testStage } from "../_helpers.ts";

for (const count of [1, 2, 10]) {
  testStage({
    name: `prefetch(${count})`,
    stage: prefetch(count)<number>,
    input: range(6),
    output: range(6),
    pulled: (given) => given + count,
  });
}

Deno.test("prefetch() pulls while its consumer is busy", async () => {
  const source = counting(range(9));
  const items = prefetch(3)(source)[Symbol.asyncIterator]();
  await items.next();
  assertEquals(source.pulled < 4, true); // The first item is not held back for the others.
  await settled();
  assertEquals(source.pulled, 4);
});

Deno.test("prefetch() has one pull under way at a time", async () => {
  let underWay = 0;
  let left = 5;
  const source: AsyncIterable<number> = {
    [Symbol.asyncIterator]: () => ({
      async next() {
        assertEquals(++underWay, 1);
        await settled();
        underWay--;
        return left-- > 0 ? { done: false, value: left } : { done: true, value: undefined };
      },
    }),
  };
  assertEquals(await collect(prefetch(3)(source)), [4, 3, 2, 1, 0]);
});

Deno.test("prefetch() gives an error in its place", async () => {
  const failure = new Error("the source failed");
  const items = prefetch(9)(counting(range(2), failure))[Symbol.asyncIterator]();
  assertEquals((await items.next()).value, 0);
  await settled(); // By now it has failed, with nobody there to see it.
  assertEquals((await items.next()).value, 1);
  assertStrictEquals(await assertRejects(() => items.next()), failure);
  assertEquals(await items.next(), { done: true, value: undefined });
});

Deno.test("prefetch() stops pulling when it is closed in the middle of a pull", async () => {
  const source = counting(range(100));
  for await (const _ of prefetch(50)(source)) break;
  const { pulled } = source;
  await settled();
  assertEquals(pulled <= 2, true);
  assertEquals([source.pulled - pulled <= 1, source.closed], [true, 1]);
});

Deno.test("prefetch() closed with the stream failing behind it lets that failure go", async () => {
  const failure = new Error("the source failed");
  for await (const _ of prefetch(5)(counting([0], failure))) break;
  await settled();
});

Deno.test("prefetch() pulls no more once the source has ended", async () => {
  let pulls = 0;
  const source: AsyncIterable<never> = {
    [Symbol.asyncIterator]: () => ({
      next() {
        pulls++;
        return Promise.resolve({ done: true, value: undefined });
      },
    }),
  };
  await drain(prefetch(7)(source));
  await settled();
  assertEquals(pulls, 1);
});

Deno.test("prefetch() refuses a count that is none", () => {
  for (const count of [0, -1, 1.5, NaN, Infinity]) {
    assertThrows(
      () => prefetch(count),
      RangeError,
      `Cannot prefetch ${count} items: the count must be an integer of at least 1`,
    );
  }
});
