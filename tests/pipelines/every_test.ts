import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { collect, drain, every, StageError } from "@rill/rill/pipelines";
import { counting, range, testStage } from "./_helpers.ts";

for (
  const [name, fn] of [
    ["every()", () => "ignored"],
    ["every() with promises", () => Promise.resolve("ignored")],
  ] as const
) {
  testStage({
    name,
    stage: every<number>(2, fn),
    input: range(5),
    output: range(5),
    pulled: (given) => given,
  });
}

Deno.test("every() calls the function with the last item of each interval", async () => {
  for (
    const [interval, expected] of [
      [1, ["0 a", "1 b", "2 c", "3 d", "4 e", "5 f"]],
      [2, ["1 b", "3 d", "5 f"]],
      [4, ["3 d"]],
      [6, ["5 f"]],
      [7, []],
    ] as const
  ) {
    const seen: string[] = [];
    const visited = every(interval, (item: string, index) => seen.push(`${index} ${item}`));
    assertEquals(await collect(visited(counting("abcdef"))), [..."abcdef"]);
    assertEquals(seen, [...expected]);
  }
});

Deno.test("every() calls the function before it passes the item on", async () => {
  const log: string[] = [];
  const logged = every(2, async (item: string) => {
    await Promise.resolve();
    log.push(item);
  });
  for await (const item of logged(counting("abc"))) log.push(`got ${item}`);
  assertEquals(log, ["got a", "b", "got b", "got c"]);
});

Deno.test("every() names the item of an error and closes its source", async () => {
  const source = counting(range(5));
  const error = await assertRejects(
    () => drain(every(2, (n: number) => n < 3 || Promise.reject(new Error("disk full")))(source)),
    StageError,
    "Cannot visit item 3: disk full",
  );
  assertEquals([error.stage, error.position, source.closed], ["visit", 3, 1]);
});

Deno.test("every() refuses an interval that is none", () => {
  for (const interval of [0, -1, 1.5, NaN, Infinity]) {
    assertThrows(
      () => every(interval, () => {}),
      RangeError,
      `Cannot visit every ${interval} items: the interval must be a whole number of at least 1`,
    );
  }
});
