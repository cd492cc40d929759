// What several ranks read of a run's data, and those that go on with a run of others.
import { assert, assertEquals } from "@std/assert";
import { shareBatch, type TrainingBatch } from "../../models/mod.ts";
import { collect, type Example } from "../../pipelines/mod.ts";
import { createBadRecords } from "../../tasks/_data/prepare_images.ts";
import type { DataSet, Split } from "../../tasks/_data/sets/data_set.ts";
import { createIndexedSplit } from "../../tasks/_data/sets/splits.ts";
import { createStreamedSplit } from "../../tasks/_data/sets/streamed_split.ts";
import { presets } from "../../tasks/_train/settings/presets.ts";
import { toModelConfig, type TrainSettings } from "../../tasks/_train/settings/train_settings.ts";
import { planTrainInput, type TrainInput } from "../../tasks/_train/train_input.ts";

const SIDE = 2;
const CLASSES = ["even", "odd"];

/** An image that no other number gives, nor its mirror image. */
const exampleOf = (number: number): Example<Uint8Array<ArrayBuffer>> => ({
  image: { data: Uint8Array.of(number, 255, 255, 255), height: SIDE, width: SIDE, channels: 1 },
  label: number % 2,
});

const labelsOf = (length: number) => Int32Array.from({ length }, (_, i) => i % 2);
const fingerprint = () => Promise.resolve("");

/** Splits of so many records, of each kind. */
const kinds = {
  indexed: (length: number): Split =>
    createIndexedSplit({ length, get: exampleOf }, { labels: labelsOf(length), fingerprint }),
  "read several at a time": (length: number): Split =>
    createIndexedSplit({ length, get: exampleOf }, {
      ...{ labels: labelsOf(length), fingerprint },
      concurrency: 3,
    }),
  streamed: (length: number): Split => {
    const first = Math.floor(length / 3);
    const part = (start: number, end: number) => ({
      length: end - start,
      async *read() {
        for (let i = start; i < end; i++) yield await Promise.resolve(exampleOf(i));
      },
    });
    return createStreamedSplit({
      ...{ labels: labelsOf(length), name: String, fingerprint, outline: fingerprint },
      parts: [part(0, first), part(first, length)],
    });
  },
};

async function plan(
  split: Split,
  changes: Partial<TrainSettings> & Pick<TrainSettings, "batchSize">,
): Promise<TrainInput> {
  const settings: TrainSettings = {
    ...presets.lenet,
    ...{ side: SIDE, channels: 1, seed: 7, augment: "flip", images: split.length },
    ...changes,
  };
  const data: DataSet = {
    ...{ spec: "idx:there", title: "numbers", classes: CLASSES, channels: 1 },
    train: split,
  };
  return await planTrainInput(
    { name: "wasm" },
    data,
    settings,
    toModelConfig(settings, { classNames: CLASSES }),
    { workers: 0, badRecords: createBadRecords(settings.onBadRecord), note: () => {} },
  );
}

/** Lists the images and labels of a batch, one by one. */
function listExamples({ images: { data }, labels, size }: TrainingBatch): string[] {
  const each = data.length / size;
  return Array.from(
    { length: size },
    (_, i) => `${data.slice(i * each, (i + 1) * each)}: ${labels[i]}`,
  );
}

/** Reads batches as so many ranks, and joins their shares again. */
async function join(
  ranks: number,
  read: (rank: { readonly rank: number; readonly size: number }) => AsyncIterable<unknown>,
): Promise<string[][]> {
  const places = Array.from({ length: ranks }, (_, rank) => ({ rank, size: ranks }));
  const parts = await Promise.all(
    places.map(async (place) =>
      (await collect(read(place)) as TrainingBatch[]).map((part) => {
        assert(ranks === 1 || part.part, "a whole batch was read");
        return listExamples(shareBatch(part, place));
      })
    ),
  );
  for (const { length } of parts) assertEquals(length, parts[0]!.length);
  return parts[0]!.map((_, i) => parts.flatMap((batches) => batches[i]!));
}

const COUNTS = [1, 2, 3, 4];

for (const [kind, splitOf] of Object.entries(kinds)) {
  Deno.test(`runs of any ranks go on with any others: the same records, ${kind}`, async () => {
    for (const [length, batchSize] of [[1, 4], [11, 4], [10, 1], [29, 13]] as const) {
      const split = splitOf(length);
      const input = await plan(split, { batchSize });
      /** The batches of so many ranks from so many on. */
      const readFrom = (ranks: number, batches: number) =>
        join(ranks, (place) => input.train({ epoch: 3, index: batches * batchSize }, place));
      const whole = await readFrom(1, 0);
      assertEquals(new Set(whole.flat().map((one) => one.split(":")[1])).size, Math.min(length, 2));
      assertEquals(new Set(whole.flat()).size, length);
      const begun = new Map<number, string[][]>();
      for (const ranks of COUNTS) begun.set(ranks, await readFrom(ranks, 0));
      for (let batches = 0; batches < whole.length; batches++) {
        for (const after of COUNTS) {
          const rest = await readFrom(after, batches);
          for (const before of COUNTS) {
            const read = [...begun.get(before)!.slice(0, batches), ...rest];
            assertEquals(read, whole, `${before} to ${after} ranks after ${batches} batches`);
          }
        }
      }
      const judged = await join(1, (place) => input.evaluate(split, place));
      for (const ranks of COUNTS) {
        assertEquals(await join(ranks, (place) => input.evaluate(split, place)), judged);
      }
    }
  });
}

Deno.test("ranks draw the classes equally often, each its part", async () => {
  const input = await plan(kinds.indexed(11), { batchSize: 4, balance: true });
  const read = (ranks: number) =>
    join(ranks, (place) => input.train({ epoch: 0, index: 4 }, place));
  const whole = await read(1);
  assertEquals(whole.map(({ length }) => length), [4, 3]);
  assertEquals(await read(3), whole);
});

Deno.test("ranks read whole batches where all of one matters", async () => {
  for (const changes of [{ mixup: 0.5 }, { cutmix: 0.5 }, { onBadRecord: "skip" }] as const) {
    const input = await plan(kinds.indexed(11), { batchSize: 4, ...changes });
    const read = (rank: number, size: number) =>
      collect(input.train({ epoch: 0, index: 0 }, { rank, size }));
    const whole = await read(0, 1);
    assertEquals(whole.map(({ size }) => size), [4, 4, 3]);
    assertEquals(await read(1, 2), whole);
  }
});
