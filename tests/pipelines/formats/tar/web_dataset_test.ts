import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { pipe } from "fp-ts/lib/function.js";
import {
  collect,
  concat,
  decodeTar,
  drain,
  encodeTar,
  flatMap,
  gunzip,
  StageError,
  type TarEntry,
  webDataset,
  type WebDatasetSample,
  writeShards,
} from "@rill/rill/pipelines";
import { counting, testStage } from "../../_helpers.ts";
import { archive, gzip, joined, utf8 } from "../../_sources.ts";
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

Deno.test("webDataset() leaves out what WebDataset does", async () => {
  // As its regular expression `__[^/]*__($|/)` has it, at the name's begin.
  assertEquals(await group("__meta__/0.jpg", "__meta__/a/0.jpg", "__a.b__", "__.__"), []);
  const keys = (await group("a/__meta__/0.jpg", "__a/b.c__", "__meta__x/1.jpg")).map((s) => s.key);
  assertEquals(keys, ["a/__meta__/0", "__a/b", "__meta__x/1"]);
});

Deno.test("webDataset() leaves out hidden files, unlike WebDataset", async () => {
  const samples = await group("d/0.jpg", "d/.DS_Store", "d/._0.jpg", "d/0.cls", ".git/0.jpg");
  assertEquals(samples, [sample("d/0", "jpg", "cls"), sample(".git/0", "jpg")]);
});

const encode = async (...names: string[]) =>
  joined(await collect(encodeTar()(counting(names.map(entry)))));

Deno.test("webDataset() ends samples with their archive", async () => {
  const first = await encode("0.jpg");
  const decode = () => decodeTar();
  const seconds: [Uint8Array, WebDatasetSample[]][] = [
    [await encode("0.json"), [sample("0", "jpg"), sample("0", "json")]],
    [await encode("0.jpg"), [sample("0", "jpg"), sample("0", "jpg")]],
    [await encode("__meta__/0.jpg", "0.cls"), [sample("0", "jpg"), sample("0", "cls")]],
    [await encode("README", "0.cls"), [sample("0", "jpg"), sample("0", "cls")]],
  ];
  for (const [second, expected] of seconds) {
    const two = concat([decode()(counting([first])), decode()(counting([second]))]);
    assertEquals(await collect(webDataset()(two)), expected);
    const flat = flatMap((bytes: Uint8Array) => decode()(counting([bytes])));
    const shards = pipe(counting([first, second]), flat, webDataset());
    assertEquals(await collect(shards), expected);
    const behind = decodeTar({ ignoreZeros: true })(counting([first, second]));
    assertEquals(await collect(webDataset()(behind)), expected);
  }
  // One archive is one, and so are entries that don't say.
  assertEquals(
    await collect(webDataset()(decode()(counting([await encode("0.jpg", "0.cls")])))),
    [sample("0", "jpg", "cls")],
  );
});

Deno.test("webDataset() tells names that aren't UTF-8 apart by their bytes", async () => {
  const file = (byte: number, extension: string): TarEntry => {
    const nameBytes = joined([utf8("a/"), Uint8Array.of(byte), utf8(`.${extension}`)]);
    return { name: new TextDecoder().decode(nameBytes), nameBytes, bytes: utf8(extension) };
  };
  const entries = [file(0xe8, "JPG"), file(0xe8, "cls"), file(0xe9, "cls"), file(0xe9, "jpg")];
  const samples = await collect(webDataset()(counting(entries)));
  assertEquals(samples, [
    {
      key: "a/\ufffd",
      keyBytes: Uint8Array.of(0x61, 0x2f, 0xe8),
      fields: { jpg: utf8("JPG"), cls: utf8("cls") },
    },
    {
      key: "a/\ufffd",
      keyBytes: Uint8Array.of(0x61, 0x2f, 0xe9),
      fields: { cls: utf8("cls"), jpg: utf8("jpg") },
    },
  ]);
  for await (const { bytes } of writeShards()(counting(samples))) {
    assertEquals(await collect(pipe(bytes, decodeTar(), webDataset())), samples);
  }
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
