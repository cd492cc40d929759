import { assertEquals, assertThrows } from "@std/assert";
import { collect, map, readIndexed, withPosition } from "@rill/rill/pipelines";
import { assertResumes, counting, indexed, range } from "../_helpers.ts";

const letters = { length: 3, get: (index: number) => "abc"[index]! };

Deno.test("withPosition() gives each item with the position after it", async () => {
  assertEquals(await collect(withPosition()(readIndexed()(letters))), [
    ["a", { stage: "read", index: 1, length: 3, seed: null }],
    ["b", { stage: "read", index: 2, length: 3, seed: null }],
    ["c", { stage: "read", index: 3, length: 3, seed: null }],
  ]);
  assertEquals(await collect(withPosition()(indexed([]))), []);
});

Deno.test("withPosition() gives positions that stay as they are", async () => {
  const items = withPosition()(map((x: string) => x)(readIndexed()(letters)))
    [Symbol.asyncIterator]();
  const { value: [, position] } = await items.next();
  const before = JSON.stringify(position);
  await items.next();
  assertEquals(JSON.stringify(position), before);
});

Deno.test("withPosition() has the positions of its source", async () => {
  const twice = await collect(withPosition()(withPosition()(readIndexed()(letters))));
  for (const [[, inner], outer] of twice) assertEquals(inner, outer);
  await assertResumes(() => withPosition()(indexed(range(4))));
});

Deno.test("withPosition() pulls only when pulled from", async () => {
  const asked: number[] = [];
  const source = { length: 9, get: (index: number) => asked.push(index) };
  const items = withPosition()(readIndexed()(source))[Symbol.asyncIterator]();
  assertEquals(asked, []);
  await items.next();
  await items.next();
  assertEquals(asked, [0, 1]);
  await items.return!();
  assertEquals(await items.next(), { done: true, value: undefined });
});

Deno.test("withPosition() refuses a plain stream", () => {
  assertThrows(() => withPosition()(counting([1])), TypeError, "as no plain stream has");
});
