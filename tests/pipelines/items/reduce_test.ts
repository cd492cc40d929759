import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { reduce, StageError } from "@rill/rill/pipelines";
import { counting, nothing, range } from "../_helpers.ts";

const join = reduce((text: string, item: number, index) => `${text} ${index}:${item}`, "");

Deno.test("reduce() folds a stream, every time it is used", async () => {
  assertEquals(await join(counting([7, 8])), " 0:7 1:8");
  assertEquals(await join(counting([7, 8])), " 0:7 1:8");
});

Deno.test("reduce() gives the initial value of an empty stream", async () => {
  assertEquals(await join(nothing()), "");
});

Deno.test("reduce() awaits promises", async () => {
  const sum = reduce((a: number, b: number) => Promise.resolve(a + b), 0);
  assertEquals(await sum(ReadableStream.from(range(5))), 10);
});

Deno.test("reduce() names the item of an error and closes its source", async () => {
  const source = counting(range(5));
  const picky = reduce((_: number, item: number) => {
    if (item === 2) throw new Error("no good");
    return item;
  }, 0);
  const error = await assertRejects(
    () => picky(source),
    StageError,
    "Cannot reduce item 2: no good",
  );
  assertEquals([error.stage, error.position, source.closed], ["reduce", 2, 1]);
});

Deno.test("reduce() passes an error of its source on as it is", async () => {
  const failure = new Error("the source failed");
  assertStrictEquals(await assertRejects(() => join(counting([1], failure))), failure);
});
