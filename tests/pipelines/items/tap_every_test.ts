import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { collect, drain, StageError, tapEvery } from "@rill/rill/pipelines";
import { counting, range, testStage } from "../_helpers.ts";

for (
  const [name, fn] of [
    ["tapEvery()", () => "ignored"],
    ["tapEvery() with promises", () => Promise.resolve("ignored")],
  ] as const
) {
  testStage({
    name,
    stage: tapEvery<number>(2, fn),
    input: range(5),
    output: range(5),
    pulled: (given) => given,
  });
}

Deno.test("tapEvery() calls the function with the last item of each interval", async () => {
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
    const visited = tapEvery(interval, (item: string, index) => seen.push(`${index} ${item}`));
    assertEquals(await collect(visited(counting("abcdef"))), [..."abcdef"]);
    assertEquals(seen, [...expected]);
  }
});

Deno.test("tapEvery() calls the function before it passes the item on", async () => {
  const log: string[] = [];
  const logged = tapEvery(2, async (item: string) => {
    await Promise.resolve();
    log.push(item);
  });
  for await (const item of logged(counting("abc"))) log.push(`got ${item}`);
  assertEquals(log, ["got a", "b", "got b", "got c"]);
});

Deno.test("tapEvery() names the item of an error and closes its source", async () => {
  const source = counting(range(5));
  const error = await assertRejects(
    () =>
      drain(tapEvery(2, (n: number) => n < 3 || Promise.reject(new Error("disk full")))(source)),
    StageError,
    "Cannot visit item 3: disk full",
  );
  assertEquals([error.stage, error.position, source.closed], ["visit", 3, 1]);
});

Deno.test("tapEvery() refuses an interval that is none", () => {
  for (const interval of [0, -1, 1.5, NaN, Infinity]) {
    assertThrows(
      () => tapEvery(interval, () => {}),
      RangeError,
      `Cannot visit every ${interval} items: the interval must be an integer of at least 1`,
    );
  }
});
