import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { collect, concat } from "@rill/rill/pipelines";
import { assertResumes, counting, indexed, nothing, range, testStage } from "../_helpers.ts";
import { testCombined } from "../_combined.ts";

testStage<number, number>({
  name: "concat() of one",
  stage: (source) => concat([source]),
  input: range(4),
  output: range(4),
  pulled: (given) => given,
});

testCombined("concat()", concat);

Deno.test("concat() gives the sources one after the other", async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.array(fc.nat())), async (lists) => {
    assertEquals(await collect(concat(lists.map((list) => counting(list)))), lists.flat());
  }));
});

Deno.test("concat() begins a source when the one before it has ended", async () => {
  const sources = [counting(range(2)), counting(range(2))];
  const items = concat(sources)[Symbol.asyncIterator]();
  await items.next();
  await items.next();
  assertEquals(sources.map(({ pulled }) => pulled), [2, 0]);
  await items.next();
  assertEquals(sources.map(({ pulled }) => pulled), [2, 1]);
});

Deno.test("concat() resumes in and between its sources", async () => {
  const lists = [[], [1, 2], [], [3], [4, 5, 6], []];
  assertEquals(await assertResumes(() => concat(lists.map(indexed))), lists.flat());
});

Deno.test("concat() of nothing gives nothing", async () => {
  assertEquals(await collect(concat([])), []);
  assertEquals(await collect(concat([nothing(), nothing()])), []);
});
