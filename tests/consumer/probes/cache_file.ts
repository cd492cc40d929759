import { mkdtemp, rm } from "node:fs/promises";
import { assertEquals } from "@std/assert";
import { collect } from "@rill/rill/pipelines";
import { cacheFile } from "@rill/rill/pipelines/cache-file";

const dir = await mkdtemp("./probe-");
try {
  const cached = cacheFile(`${dir}/letters`, { key: "1" });
  assertEquals(await collect(cached(ReadableStream.from(["a", "b"]))), [
    "a",
    "b",
  ]);
  assertEquals(await collect(cached(ReadableStream.from(["c"]))), ["a", "b"]);
} finally {
  await rm(dir, { recursive: true });
}
