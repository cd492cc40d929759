import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { drain } from "@rill/rill/pipelines";
import { counting, nothing } from "../_helpers.ts";

Deno.test("drain() pulls everything and gives nothing", async () => {
  const source = counting("abc");
  assertEquals(await drain(source), undefined);
  assertEquals([source.pulled, source.closed], [3, 0]);
  assertEquals(await drain(nothing()), undefined);
});

Deno.test("drain() rejects with the stream's error", async () => {
  const failure = new Error("the source failed");
  assertStrictEquals(await assertRejects(() => drain(counting("abc", failure))), failure);
});
