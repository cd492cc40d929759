import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { pipe } from "fp-ts/lib/function.js";
import {
  collect,
  decodeTar,
  drain,
  StageError,
  webDataset,
  type WebDatasetSample,
  writeShards,
  type WriteShardsOptions,
} from "@rill/rill/pipelines";
import { counting, nothing, range } from "../../_helpers.ts";
import { utf8 } from "../../_sources.ts";

const sample = (i: number): WebDatasetSample => ({
  key: `data/${i}`,
  fields: { cls: utf8(`${i}`), bin: new Uint8Array(600).fill(i) },
});
/** What a sample takes in a shard: two headers, and contents of one and of two blocks. */
const SAMPLE_SIZE = 2 * 512 + 512 + 1024;

/** The samples of each shard, by its name. */
async function written(count: number, options?: WriteShardsOptions) {
  const shards: Record<string, WebDatasetSample[]> = {};
  for await (const { name, bytes } of writeShards(options)(counting(range(count).map(sample)))) {
    shards[name] = await collect(pipe(bytes, decodeTar(), webDataset()));
  }
  return shards;
}
const counts = (shards: Record<string, unknown[]>) => Object.values(shards).map((s) => s.length);

Deno.test("writeShards() splits by the number of samples", async () => {
  assertEquals(await written(5, { maxSamples: 2 }), {
    "shard-000000.tar": [sample(0), sample(1)],
    "shard-000001.tar": [sample(2), sample(3)],
    "shard-000002.tar": [sample(4)],
  });
  assertEquals(counts(await written(4, { maxSamples: 2 })), [2, 2]);
  assertEquals(counts(await written(4)), [4]);
});

Deno.test("writeShards() splits by bytes, those of the archive's end included", async () => {
  const maxBytes = 2 * SAMPLE_SIZE + 1024;
  assertEquals(counts(await written(5, { maxBytes })), [2, 2, 1]);
  assertEquals(counts(await written(5, { maxBytes: maxBytes - 1 })), [1, 1, 1, 1, 1]);
  assertEquals(counts(await written(3, { maxBytes: 1 })), [1, 1, 1]);
  for await (const { bytes } of writeShards({ maxBytes })(counting(range(4).map(sample)))) {
    const size = (await collect(bytes)).reduce((sum, { length }) => sum + length, 0);
    assertEquals(size, maxBytes);
  }
});

Deno.test("writeShards() writes nothing of nothing", async () => {
  assertEquals(await collect(writeShards()(nothing())), []);
});

Deno.test("writeShards() names shards as asked", async () => {
  const name = (index: number) => `train-${index}.tar`;
  assertEquals(Object.keys(await written(2, { maxSamples: 1, name })), [
    "train-0.tar",
    "train-1.tar",
  ]);
});

Deno.test("writeShards() pulls a sample when its bytes are pulled, and the next to see if there is one", async () => {
  const source = counting(range(4).map(sample));
  const shards = writeShards({ maxSamples: 2 })(source)[Symbol.asyncIterator]();
  assertEquals(source.pulled, 0);
  const first = await shards.next();
  assertEquals(source.pulled, 1);
  const bytes = first.value.bytes[Symbol.asyncIterator]();
  await bytes.next();
  await bytes.next();
  assertEquals(source.pulled, 1);
  await bytes.next();
  assertEquals(source.pulled, 2);
  await shards.return!();
  assertEquals(source.closed, 1);
});

Deno.test("writeShards() closes its source when it is closed before the first pull", async () => {
  const source = counting(range(4).map(sample));
  await writeShards()(source)[Symbol.asyncIterator]().return!();
  assertEquals([source.pulled, source.closed], [0, 1]);
});

Deno.test("writeShards() refuses to go on where a shard was not read to its end", async () => {
  const source = counting(range(4).map(sample));
  await assertRejects(
    async () => {
      for await (const { bytes } of writeShards({ maxSamples: 1 })(source)) {
        for await (const _ of bytes) break;
      }
    },
    StageError,
    "Cannot write item 0: it was not read to its end when the next one was pulled",
  );
  assertEquals(source.closed, 1);
});

Deno.test("writeShards() passes an error of its source on as it is, in the shard or before it", async () => {
  const failure = new Error("the source failed");
  for (const count of [0, 2, 3]) {
    const source = counting(range(count).map(sample), failure);
    const error = await assertRejects(async () => {
      for await (const { bytes } of writeShards({ maxSamples: 2 })(source)) await drain(bytes);
    });
    assertEquals(error, failure);
    assertEquals(source.closed, 0);
  }
});

Deno.test("writeShards() refuses samples that could not be read again", async () => {
  const none = { a: utf8("a") };
  const wrong: [WebDatasetSample, string][] = [
    [{ key: "a.b", fields: none }, 'the key "a.b" is not a path whose last part has no dot'],
    [{ key: "", fields: none }, 'the key ""'],
    [{ key: "a/", fields: none }, 'the key "a/"'],
    [{ key: "../a", fields: none }, 'the name "../a.a" leads out of the archive'],
    [{ key: "/a", fields: none }, 'the name "/a.a" is an absolute path'],
    [{ key: "a", fields: {} }, 'the sample "a" has no fields'],
    [{ key: "a", fields: { JPG: utf8("a") } }, 'the sample "a" has the field "JPG"'],
    [{ key: "a", fields: { "b/c": utf8("a") } }, 'the sample "a" has the field "b/c"'],
    [{ key: "__a", fields: { b__: utf8("a") } }, 'the name "__a.b__" is reserved'],
    [{ key: "__a__/b", fields: none }, 'the name "__a__/b.a" is reserved'],
  ];
  for (const [bad, reason] of wrong) {
    const source = counting([sample(0), bad]);
    await assertRejects(
      async () => {
        for await (const { bytes } of writeShards()(source)) await drain(bytes);
      },
      StageError,
      `Cannot shard item 1: ${reason}`,
    );
    assertEquals(source.closed, 1);
  }
});

Deno.test("writeShards() refuses samples of one key behind each other in a shard, which would be read as one", async () => {
  const twice = [sample(0), sample(1), sample(1)];
  await assertRejects(
    async () => {
      for await (const { bytes } of writeShards()(counting(twice))) await drain(bytes);
    },
    StageError,
    "Cannot shard item 2: its key is that of the sample before it in its shard",
  );
  const shards: WebDatasetSample[][] = [];
  for await (const { bytes } of writeShards({ maxSamples: 2 })(counting(twice))) {
    shards.push(await collect(pipe(bytes, decodeTar(), webDataset())));
  }
  assertEquals(shards, [[sample(0), sample(1)], [sample(1)]]);
});

Deno.test("writeShards() refuses invalid limits", () => {
  for (const value of [0, -1, 1.5, NaN]) {
    assertThrows(() => writeShards({ maxSamples: value }), RangeError, "Cannot write shards of");
    assertThrows(() => writeShards({ maxBytes: value }), RangeError, "Cannot write shards of");
  }
});
