import { pipe } from "fp-ts/lib/function.js";
import { getOrThrow } from "../../models/mod.ts";
import type { Example } from "../../pipelines/mod.ts";
import type { FlagValues } from "../_cli/flags.ts";
import { toOpenOptions } from "../_data/data_flags.ts";
import { type DataSet, openData, type Split } from "../_data/open_data.ts";
import { chooseWorkers, createBadRecords, prepareImages } from "../_data/prepare_images.ts";
import { splitOff, takeStratified } from "../_data/sets/splits.ts";
import { hashBytes } from "../_files/files.ts";
import { networks } from "../_model/networks.ts";
import { nameSplit, type PackedData } from "./site_facts.ts";
import type { siteFlags } from "./site_flags.ts";

type Flags = FlagValues<typeof siteFlags>;

/** The data of a page: its facts, and its files by their names. */
export interface DataFiles {
  readonly facts: PackedData;
  readonly files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
}

/** Of data without images for testing so many of those for training are used for that. */
const HELD_OUT = 0.1;

/** Packs images for LeNet: a part of the data that the flags name, with the classes in proportion. */
export async function packData(flags: Flags, note: (line: string) => void): Promise<DataFiles> {
  const options = { ...toOpenOptions(flags, note), images: undefined, testImages: undefined };
  const data = getOrThrow(await openData(flags.data ?? "fashion-mnist", options)());
  const { train, test } = divide(data);
  const { side } = networks.lenet;
  const { channels } = data;
  const pack = (split: Split, count: number) =>
    packSplit(
      takeStratified(split, Math.min(count, split.length), 0),
      { side, channels },
      flags,
      note,
    );
  const trained = await pack(train, flags.images ?? 5000);
  const tested = await pack(test, flags.testImages ?? 500);
  const parts = [trained.images, trained.labels, tested.images, tested.labels];
  const facts: PackedData = {
    title: data.title,
    classes: data.classes,
    side,
    channels,
    ...measureSamples(trained.samples),
    train: trained.count,
    test: tested.count,
    checksum: (await hashBytes(await new Blob(parts).bytes())).slice(0, 16),
  };
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const [name, packed] of [["train", trained], ["test", tested]] as const) {
    const names = nameSplit(name);
    files.set(names.images, await gzip(packed.images));
    files.set(names.labels, await gzip(packed.labels));
  }
  return { facts, files };
}

/** Chooses what to train and to test on. */
function divide({ train, test, validation }: DataSet): { train: Split; test: Split } {
  const own = test ?? validation;
  if (own) return { train, test: own };
  const { rest, part } = splitOff(train, { fraction: HELD_OUT, seed: 0 });
  return { train: rest, test: part };
}

/** Prepares the images of a split, and encodes them and their labels as IDX files. */
async function packSplit(
  split: Split,
  { side, channels }: Pick<PackedData, "side" | "channels">,
  flags: Flags,
  note: (line: string) => void,
) {
  const badRecords = createBadRecords(flags.onBadRecord ?? "fail");
  const examples = pipe(
    split.read({ seed: 0, epoch: 0, shuffle: false }),
    prepareImages({ side, channels, resize: "stretch", orientation: "apply" }, {
      workers: chooseWorkers("auto", split),
      badRecords,
    }),
  );
  const found: Example<Uint8Array<ArrayBuffer>>[] = [];
  for await (const example of examples) found.push(example);
  const warning = badRecords.format();
  if (warning !== undefined) note(warning);
  const samples = await new Blob(found.map(({ image }) => image.data)).bytes();
  // Of 16 bits: there may be more than 256 classes.
  const labels = new Uint8Array(2 * found.length);
  found.forEach(({ label }, i) => new DataView(labels.buffer).setInt16(2 * i, label));
  const size = channels === 1 ? [side, side] : [side, side, channels];
  return {
    count: found.length,
    samples,
    images: await encodeIdx(0x08, [found.length, ...size], samples),
    labels: await encodeIdx(0x0b, [found.length], labels),
  };
}

/** Encodes an IDX file of elements of a type, by its number in the format. */
async function encodeIdx(
  type: number,
  shape: readonly number[],
  data: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const header = new DataView(new ArrayBuffer(4 + 4 * shape.length));
  header.setUint8(2, type);
  header.setUint8(3, shape.length);
  shape.forEach((length, i) => header.setUint32(4 + 4 * i, length));
  return await new Blob([header, data]).bytes();
}

const gzip = async (bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> =>
  await new Response(new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"))).bytes();

/** Computes mean and standard deviation of samples from 0 to 1. */
function measureSamples(samples: Uint8Array): { readonly mean: number; readonly std: number } {
  let [sum, squares] = [0, 0];
  for (const sample of samples) {
    sum += sample;
    squares += sample * sample;
  }
  const mean = sum / samples.length;
  const round = (value: number) => Number((value / 255).toFixed(4));
  // Images that are all of one tone have none.
  return { mean: round(mean), std: round(Math.sqrt(squares / samples.length - mean ** 2)) || 1 };
}
