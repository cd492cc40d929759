import { assertEquals, assertRejects } from "@std/assert";
import { collect, drain, filter, StageError } from "@rill/rill/pipelines";
import { counting, range, testStage } from "../_helpers.ts";

testStage({
  name: "filter()",
  stage: filter((n: number) => n % 2 === 0),
  input: range(7),
  output: [0, 2, 4, 6],
  pulled: (given) => 2 * given - 1,
});

testStage({
  name: "filter() with promises",
  stage: filter((n: number) => Promise.resolve(n % 3 === 0)),
  input: range(8),
  output: [0, 3, 6],
  pulled: (given) => 3 * given - 2,
});

Deno.test("filter() gives the predicate the position in what it was given", async () => {
  const late = filter((_: string, index) => index >= 2);
  assertEquals(await collect(late(counting("abcd"))), ["c", "d"]);
});

Deno.test("filter() may keep nothing", async () => {
  assertEquals(await collect(filter(() => false)(counting(range(5)))), []);
});

Deno.test("filter() names the item of an error and closes its source", async () => {
  const source = counting(range(5));
  const picky = filter((n: number) => {
    if (n === 3) throw new Error("no good");
    return false;
  });
  const error = await assertRejects(
    () => drain(picky(source)),
    StageError,
    "Cannot filter item 3: no good",
  );
  assertEquals([error.stage, error.position, source.closed], ["filter", 3, 1]);
});
