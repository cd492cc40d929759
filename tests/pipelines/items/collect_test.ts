import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { collect } from "@rill/rill/pipelines";
import { counting, nothing } from "../_helpers.ts";

Deno.test("collect() gathers items in order", async () => {
  assertEquals(await collect(nothing()), []);
  assertEquals(await collect(counting("abc")), ["a", "b", "c"]);
  assertEquals(await collect(ReadableStream.from(["a", "b", "c"])), ["a", "b", "c"]);
});

Deno.test("collect() rejects with the stream's error", async () => {
  const failure = new Error("the source failed");
  assertStrictEquals(await assertRejects(() => collect(counting("abc", failure))), failure);
});
