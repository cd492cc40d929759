import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { cache, collect, drain, repeat, take } from "@rill/rill/pipelines";
import { assertResumes, counting, indexed, range, testStage } from "../_helpers.ts";

testStage({
  name: "cache()",
  stage: cache()<number>,
  input: range(4),
  output: range(4),
  pulled: (given) => given,
});

Deno.test("cache() pulls each item once, and gives the same objects again", async () => {
  const source = counting([{ a: 1 }, { a: 2 }]);
  const items = cache()(source);
  const first = await collect(items);
  const second = await collect(items);
  assertEquals([source.pulled, source.closed], [2, 0]);
  assertEquals(second.length, 2);
  first.forEach((item, i) => assertStrictEquals(second[i], item));
});

Deno.test("cache() serves a stream that can be iterated once", async () => {
  const items = cache()(ReadableStream.from(range(3)));
  assertEquals(await collect(items), range(3));
  assertEquals(await collect(items), range(3));
});

Deno.test("cache() keeps nothing of an iteration that is left early, or fails", async () => {
  const source = counting(range(3));
  const items = cache()(source);
  assertEquals(await collect(take(2)(items)), [0, 1]);
  assertEquals([source.pulled, source.closed], [2, 1]);
  assertEquals(await collect(items), range(3));
  assertEquals(source.pulled, 5);
  await collect(items);
  assertEquals(source.pulled, 5);

  const failing = cache()(counting(range(3), new Error("the source failed")));
  await assertRejects(() => drain(failing), Error, "the source failed");
  await assertRejects(() => drain(failing), Error, "the source failed");
});

Deno.test("cache() keeps nothing that is there already", async () => {
  const source = counting<number>([]);
  const items = cache()(source);
  assertEquals(await collect(items), []);
  assertEquals(await collect(items), []);
});

Deno.test("cache() read by two at a time gives each all, and keeps the items once", async () => {
  const source = counting(range(3));
  const items = cache()(source);
  assertEquals(await Promise.all([collect(items), collect(items)]), [range(3), range(3)]);
  assertEquals(source.pulled, 6);
  assertEquals(await collect(items), range(3));
  assertEquals(source.pulled, 6);
});

Deno.test("cache() resumes in any epoch", async () => {
  assertEquals(await assertResumes(() => repeat(3)(cache()(indexed(range(4))))), [
    ...range(4),
    ...range(4),
    ...range(4),
  ]);
});

Deno.test("cache() resumes from its memory where it has it", async () => {
  const items = repeat(3)(cache()(indexed(range(4))));
  assertEquals((await assertResumes(() => items)).length, 12);
});
