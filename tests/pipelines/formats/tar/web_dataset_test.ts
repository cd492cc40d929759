import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { pipe } from "fp-ts/lib/function.js";
import {
  collect,
  decodeTar,
  drain,
  gunzip,
  StageError,
  type TarEntry,
  webDataset,
  type WebDatasetSample,
} from "@rill/rill/pipelines";
import { counting, testStage } from "../../_helpers.ts";
import { archive, gzip, utf8 } from "../../_sources.ts";
import { getOnly } from "../../_get_only.ts";

const entry = (name: string): TarEntry => ({ name, bytes: utf8(name) });
const sample = (key: string, ...extensions: string[]): WebDatasetSample => ({
  key,
  fields: Object.fromEntries(extensions.map((e) => [e.toLowerCase(), utf8(`${key}.${e}`)])),
});
const group = (...names: string[]) => collect(webDataset()(counting(names.map(entry))));

testStage<TarEntry, WebDatasetSample>({
  name: "webDataset()",
  stage: webDataset(),
  input: ["1.jpg", "1.cls", "2.jpg", "2.cls", "3.jpg", "3.cls", "4.jpg"].map(entry),
  output: [
    sample("1", "jpg", "cls"),
    sample("2", "jpg", "cls"),
    sample("3", "jpg", "cls"),
    sample("4", "jpg"),
  ],
  // The first file of the next.
  pulled: (given) => 2 * given + 1,
});

Deno.test("webDataset() takes names apart as WebDataset does", async () => {
  assertEquals(await group("a/b.c/d.e.F", "a/b.c/d.x"), [
    { key: "a/b.c/d", fields: { "e.f": utf8("a/b.c/d.e.F"), x: utf8("a/b.c/d.x") } },
  ]);
  assertEquals(await group("1.", "./2.a"), [
    { key: "1", fields: { "": utf8("1.") } },
    { key: "./2", fields: { a: utf8("./2.a") } },
  ]);
  assertEquals(await group("README", "a/.hidden", ".b.c", "__x__", "__x.json__", "a.b/c"), []);
});

Deno.test("webDataset() keeps samples of the same key apart where others are between them", async () => {
  const keys = (await group("1.a", "2.a", "1.b")).map(({ key }) => key);
  assertEquals(keys, ["1", "2", "1"]);
});

Deno.test("webDataset() has fields of any name", async () => {
  const { fields } = getOnly(await group("1.__proto__", "1.constructor"));
  assertEquals(Object.keys(fields), ["__proto__", "constructor"]);
});

Deno.test("webDataset() reads a shard, compressed or not", async () => {
  const samples: WebDatasetSample[] = [
    { key: "shards/0001", fields: { jpg: utf8("jpeg 1"), cls: utf8("9") } },
    { key: "shards/0002", fields: { "left.jpg": utf8("jpeg 2"), cls: utf8("8") } },
    { key: "shards.d/0003", fields: { cls: utf8("7") } },
  ];
  const shard = archive("samples");
  for (const bytes of [shard, await gzip(shard)]) {
    const read = pipe(counting([bytes]), gunzip(), decodeTar(), webDataset());
    assertEquals(await collect(read), samples);
  }
});

Deno.test("webDataset() refuses a field that comes twice", async () => {
  const source = counting(["1.a", "1.b", "1.A", "2.a"].map(entry));
  const error = await assertRejects(
    () => drain(webDataset()(source)),
    StageError,
    'Cannot group item 2: the sample "1" has two fields "a"',
  );
  assertEquals([error.position, source.closed], [2, 1]);
});

Deno.test("webDataset() refuses samples that are too large, also of many files of no bytes", async () => {
  const limited = webDataset({ maxSampleSize: 2000 });
  await drain(limited(counting(["1.a", "1.b", "1.c", "2.a"].map(entry))));
  await assertRejects(
    () => drain(limited(counting(["1.a", "1.b", "1.c", "1.d"].map(entry)))),
    StageError,
    'Cannot group item 3: the sample "1" has more than 2000 bytes',
  );
});

Deno.test("webDataset() refuses an invalid limit", () => {
  for (const maxSampleSize of [0, -1, 1.5, NaN]) {
    assertThrows(() => webDataset({ maxSampleSize }), RangeError, "Cannot group samples of up to");
  }
});
