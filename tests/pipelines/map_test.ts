import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { collect, drain, map, StageError } from "@rill/rill/pipelines";
import { counting, testStage } from "./_helpers.ts";

const input = [3, 1, 2, 0];

testStage({
  name: "map()",
  stage: map((n: number) => n * 10),
  input,
  output: [30, 10, 20, 0],
  pulled: (given) => given,
});

testStage({
  name: "map() with promises",
  stage: map((n: number) => Promise.resolve(n * 10)),
  input,
  output: [30, 10, 20, 0],
  pulled: (given) => given,
});

Deno.test("map() gives the function the position, from 0 at every use", async () => {
  const positions = map((_: string, index) => index);
  assertEquals(await collect(positions(counting("abc"))), [0, 1, 2]);
  assertEquals(await collect(positions(counting("abc"))), [0, 1, 2]);
});

Deno.test("map() awaits one promise before it pulls the next item", async () => {
  const log: string[] = [];
  const slow = map(async (n: number) => {
    log.push(`begin ${n}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
    log.push(`end ${n}`);
  });
  await drain(slow(counting([0, 1])));
  assertEquals(log, ["begin 0", "end 0", "begin 1", "end 1"]);
});

for (const [kind, fail] of [["thrown", false], ["rejected", true]] as const) {
  Deno.test(`map() names the item of a ${kind} error and closes its source`, async () => {
    const cause = new TypeError("no good");
    const picky = map((n: number): number | Promise<number> => {
      if (n !== 2) return n;
      if (fail) return Promise.reject(cause);
      throw cause;
    });
    const source = counting(input);
    const error = await assertRejects(
      () => drain(picky(source)),
      StageError,
      "Cannot map item 2: no good",
    );
    assertEquals([error.name, error.stage, error.position], ["StageError", "map", 2]);
    assertStrictEquals(error.cause, cause);
    assertEquals(source.closed, 1);
  });
}

Deno.test("map() does not wrap a StageError from further up", async () => {
  const fails = map(() => {
    throw "something that is no Error";
  });
  const through = map((x: never) => x)(fails(counting([0])));
  const error = await assertRejects(() => drain(through), StageError);
  assertEquals(error.message, "Cannot map item 0: something that is no Error");
});

Deno.test("map() passes on items that are undefined or null", async () => {
  const items = map((x: null | undefined) => x)(counting([undefined, null]));
  assertEquals(await collect(items), [undefined, null]);
});
