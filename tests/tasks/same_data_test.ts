import { assert, assertEquals } from "@std/assert";
import { pipe } from "fp-ts/lib/function.js";
import {
  type Backend,
  build,
  exportParams,
  getOrThrow,
  lenet,
  sgd,
  type StoredTensor,
  trainEpochs,
} from "../../models/mod.ts";
import { createWorkerPool, selectIndexed } from "../../pipelines/mod.ts";
import { type DataSet, openData } from "../../tasks/_data/open_data.ts";
import type { IndexedSplit } from "../../tasks/_data/sets/data_set.ts";
import { createIndexedSplit } from "../../tasks/_data/sets/splits.ts";
import { encodePng } from "../../pipelines/codecs/encode_png.ts";
import { presets } from "../../tasks/_train/settings/presets.ts";
import { planTrainInput } from "../../tasks/_train/train_input.ts";
import { toModelConfig } from "../../tasks/_train/settings/train_settings.ts";
import { withBackend } from "../models/_helpers.ts";
import { idx, tar, writeFiles } from "./_pictures.ts";
import { withFolder } from "./_task.ts";

const CLASSES = [..."0123456789"];
const COUNT = 40;
const SIDE = 28;

/** Pixels of a garment that no other number gives. */
const pixels = (number: number) =>
  Uint8Array.from(
    { length: SIDE * SIDE },
    (_, i) => (number * 53 + (i * i >> 3) + i * (7 + number % 5)) % 256,
  );

const labelOf = (number: number) => (number * 7 + (number >> 2)) % 10;

const numbers = Array.from({ length: COUNT }, (_, i) => i);

/** The order of a folder: by class, and in it by name. */
const byClass = numbers.toSorted((a, b) => labelOf(a) - labelOf(b) || a - b);

const nameOf = (number: number) => String(number).padStart(5, "0");

const open = async (spec: string): Promise<DataSet> =>
  getOrThrow<Error, DataSet>(await openData(spec, { log: () => {}, quiet: true })());

/** Trains LeNet on the training images of some data, in their own order, and gives its parameters. */
async function train(
  backend: Backend,
  data: DataSet,
  { workers = 0, shuffle = false } = {},
): Promise<Record<string, StoredTensor>> {
  const settings = {
    ...presets.lenet,
    channels: 1,
    batchSize: 8,
    images: data.train.length,
    shuffle,
  } as const;
  const model = toModelConfig(settings, { classNames: CLASSES });
  // As a run has it, for all its epochs.
  using pool = createWorkerPool();
  const input = await planTrainInput(backend, data, settings, model, {
    workers,
    pool,
    note: () => {},
  });
  const network = getOrThrow(build(lenet({ activation: "relu" }), [SIDE, SIDE, 1]));
  const events = trainEpochs({
    backend,
    model: { network, optimizer: sgd({ learningRate: 0.05 }) },
    epochs: 2,
    train: input.train,
  });
  let params: Record<string, StoredTensor> = {};
  for await (const event of events) {
    if (event.kind === "checkpoint") params = await exportParams(network, event.state);
  }
  return params;
}

Deno.test("the same images train the same network, byte for byte, wherever they come from", () =>
  withFolder((dir) =>
    withBackend("wasm", async (backend) => {
      const pngs = new Map(
        await Promise.all(numbers.map(async (number) => {
          const image = { data: pixels(number), height: SIDE, width: SIDE, channels: 1 };
          return [number, await encodePng(image)] as const;
        })),
      );
      await writeFiles(`${dir}/idx`, {
        "train-images-idx3-ubyte": idx([COUNT, SIDE, SIDE], numbers.flatMap((n) => [...pixels(n)])),
        "train-labels-idx1-ubyte": idx([COUNT], numbers.map(labelOf)),
      });
      await writeFiles(
        `${dir}/folder`,
        Object.fromEntries(
          [...pngs].map(([n, bytes]) => [`train/${labelOf(n)}/${nameOf(n)}.png`, bytes]),
        ),
      );
      await writeFiles(`${dir}/table`, {
        "list.csv": "path,label\n" +
          numbers.map((n) => `../folder/train/${labelOf(n)}/${nameOf(n)}.png,${labelOf(n)}\n`)
            .join(""),
      });
      const shard = (own: readonly number[]) =>
        tar(
          Object.fromEntries(
            own.flatMap((n): [string, Uint8Array | string][] => [
              [`${nameOf(n)}.cls`, String(labelOf(n))],
              [`${nameOf(n)}.png`, pngs.get(n)!],
            ]),
          ),
        );
      await writeFiles(`${dir}/shards`, {
        "000.tar": await shard(numbers.slice(0, 25)),
        "001.tar": await shard(numbers.slice(25)),
      });

      const original = await open(`idx:${dir}/idx`);
      const plain = await train(backend, original);
      assert(Object.values(plain).every(({ data }) => data.every(Number.isFinite)));
      const folder = await open(`folder:${dir}/folder`);
      assertEquals([folder.channels, folder.train.length], [1, COUNT]);
      // The records of the IDX files in the folder's order.
      const { source, labels } = original.train as IndexedSplit;
      const reordered = createIndexedSplit(pipe(source, selectIndexed(byClass)), {
        labels: byClass.map((n) => labels[n]!),
        size: original.train.size,
        fingerprint: () => Promise.resolve("reordered"),
      });
      const expected = await train(backend, { ...original, train: reordered });
      for (const workers of [0, 1, 3]) {
        assertEquals(await train(backend, folder, { workers }), expected, `${workers} workers`);
      }
      const shuffle = true;
      assertEquals(
        await train(backend, folder, { shuffle, workers: 2 }),
        await train(backend, { ...original, train: reordered }, { shuffle }),
      );

      assertEquals(await train(backend, await open(`csv:${dir}/table/list.csv`)), plain);
      const shards = `${dir}/shards/{000..001}.tar`;
      assertEquals(await train(backend, await open(`shards:${shards}`), { workers: 1 }), plain);
      await using server = Deno.serve(
        { port: 0, hostname: "127.0.0.1", onListen: () => {} },
        async ({ url }) => {
          const { pathname } = new URL(url);
          return new Response(await Deno.readFile(`${dir}/shards${pathname}`));
        },
      );
      const { port } = server.addr;
      const address = `http://127.0.0.1:${port}/{000..001}.tar`;
      assertEquals(await train(backend, await open(`shards:${address}`)), plain);
    })
  ));
