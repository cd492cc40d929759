import { assertEquals, assertRejects } from "@std/assert";
import { drain, StageError, tap } from "@rill/rill/pipelines";
import { counting, range, testStage } from "../_helpers.ts";

for (
  const [name, fn] of [
    ["tap()", () => "ignored"],
    ["tap() with promises", () => Promise.resolve("ignored")],
  ] as const
) {
  testStage({
    name,
    stage: tap<number>(fn),
    input: range(4),
    output: range(4),
    pulled: (given) => given,
  });
}

Deno.test("tap() calls the function before it passes the item on", async () => {
  const log: string[] = [];
  const logged = tap(async (item: string, index) => {
    await Promise.resolve();
    log.push(`${index} ${item}`);
  });
  for await (const item of logged(counting("ab"))) log.push(`got ${item}`);
  assertEquals(log, ["0 a", "got a", "1 b", "got b"]);
});

Deno.test("tap() names the item of an error and closes its source", async () => {
  const source = counting(range(5));
  const error = await assertRejects(
    () => drain(tap((n: number) => n < 2 || Promise.reject(new Error("no good")))(source)),
    StageError,
    "Cannot tap item 2: no good",
  );
  assertEquals([error.stage, error.position, source.closed], ["tap", 2, 1]);
});
