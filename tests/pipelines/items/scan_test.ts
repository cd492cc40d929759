import { assertEquals, assertRejects } from "@std/assert";
import { collect, drain, scan, StageError } from "@rill/rill/pipelines";
import { counting, range, testStage } from "../_helpers.ts";

const sum = (state: number, item: number): [number, string] => [state + item, `${state + item}`];

testStage({
  name: "scan()",
  stage: scan(sum, 100),
  input: [1, 2, 3, 4],
  output: ["101", "103", "106", "110"],
  pulled: (given) => given,
  keepsState: true,
});

testStage({
  name: "scan() with promises",
  stage: scan((state: number, item: number) => Promise.resolve(sum(state, item)), 100),
  input: [1, 2, 3, 4],
  output: ["101", "103", "106", "110"],
  pulled: (given) => given,
  keepsState: true,
});

Deno.test("scan() gives the function the position", async () => {
  const positions = scan((state: null, _: string, index) => [state, index] as const, null);
  assertEquals(await collect(positions(counting("abc"))), [0, 1, 2]);
});

Deno.test("scan() names the item of an error and closes its source", async () => {
  const source = counting(range(5));
  const picky = scan((state: number, item: number) => {
    if (item === 2) throw new Error("no good");
    return sum(state, item);
  }, 0);
  const error = await assertRejects(
    () => drain(picky(source)),
    StageError,
    "Cannot scan item 2: no good",
  );
  assertEquals([error.stage, error.position, source.closed], ["scan", 2, 1]);
});
