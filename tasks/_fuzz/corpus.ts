import { pipe } from "fp-ts/lib/function.js";
import { encodeSafetensors } from "../../models/mod.ts";
import {
  collect,
  concat,
  encodeTar,
  map,
  prefetch,
  readEpochs,
  repeat,
  shuffle,
  skip,
  type TarEntry,
  window,
  withPosition,
} from "../../pipelines/mod.ts";
import {
  encodeEnd,
  encodeHead,
  encodeRecordHead,
  END_SIZE,
} from "../../pipelines/formats/cache_file/_cache_format.ts";
import {
  CHECKSUM,
  computeChecksum,
  NO_CHECKSUM,
  setChecksum,
} from "../../models/training/checkpoints/_checksum.ts";
import { encodePointer } from "../../models/training/checkpoints/_pointer.ts";
import { pack } from "../../pipelines/formats/cache_file/_pack.ts";
import { chapter } from "../_train/settings/train_settings.ts";

/** Encodes text as bytes. */
export const encodeText = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/** Concatenates pieces of bytes. */
export const concatBytes = async (pieces: readonly Uint8Array<ArrayBuffer>[]) =>
  new Uint8Array(await new Blob([...pieces]).arrayBuffer());

/** IDX files: bytes in two dimensions, numbers of eight bytes, labels, and no items. */
export const idxFiles: readonly Uint8Array[] = [
  [0, 0, 8, 3, 0, 0, 0, 4, 0, 0, 0, 3, 0, 0, 0, 2, ...Array(24).keys()],
  [0, 0, 14, 2, 0, 0, 0, 3, 0, 0, 0, 2, ...Array(48).keys()],
  [0, 0, 8, 1, 0, 0, 0, 5, 1, 2, 3, 4, 5],
  [0, 0, 11, 2, 0, 0, 0, 0, 0, 0, 0, 7],
].map((bytes) => Uint8Array.from(bytes));

/** Safetensors files, with metadata and without. */
export const safetensorsFiles: readonly Uint8Array[] = await Promise.all([
  concatBytes(encodeSafetensors({
    "conv.0.weight": { shape: [2, 1, 3, 3], data: Float32Array.from(Array(18).keys()) },
    "conv.0.bias": { shape: [2], data: Float32Array.of(1, -1) },
    scalar: { shape: [], data: Float32Array.of(7) },
  }, { step: "100", format: "pt" })),
  concatBytes(encodeSafetensors({ empty: { shape: [0, 4], data: new Float32Array() } }, {})),
]);

const entries: TarEntry[] = [
  { name: "0001.jpg", bytes: new Uint8Array(700).fill(7) },
  { name: "0001.cls", bytes: encodeText("9") },
  // Its name needs a header of its own.
  { name: `${"long/".repeat(40)}0002.cls`, bytes: encodeText("3") },
  { name: "ü/0003.json", bytes: encodeText('{"a": 1}') },
  { name: "0004.cls", bytes: new Uint8Array() },
];

/** A file whose name isn't UTF-8. */
const inLatin1: TarEntry = {
  name: "\ufffd.cls",
  nameBytes: Uint8Array.of(0xe9, 0x2e, 0x63, 0x6c, 0x73),
  bytes: encodeText("1"),
};

/** Archives in WebDataset's layout. */
export const tarFiles: readonly Uint8Array<ArrayBuffer>[] = await Promise.all(
  [entries, entries.slice(0, 2), [], [inLatin1]].map(async (entries) =>
    concatBytes(await collect(encodeTar()(ReadableStream.from(entries))))
  ),
);

/** The same archives, compressed, the last in two members with zeros between and behind them. */
export const gzipFiles: readonly Uint8Array[] = await Promise.all([
  ...tarFiles.map((file) => compress(file)),
  ...tarFiles.slice(0, 1).map(async (file) =>
    concatBytes([
      await compress(file.slice(0, 700)),
      new Uint8Array(3),
      await compress(file.slice(700)),
      new Uint8Array(600),
    ])
  ),
]);

async function compress(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Tables of paths and labels in the dialects that are in use. */
export const csvFiles: readonly Uint8Array[] = [
  'path,label\r\nboots/1.png,9\r\n"bags, large/1.png",8\r\n',
  'path,label\n"say ""no"".png",1\n\n"two\nlines",2',
  "\ufeffpath,label\rzażółć.png,3\r",
].map(encodeText);

/**
 * Reads the image files of a format: one for each way of writing it that `tests/pipelines/references/make_sources.py` knows.
 * Another file in the folder is another seed.
 */
export const readImageFiles = (format: "jpeg" | "png" | "webp"): readonly Uint8Array[] =>
  readFiles(format);

/** PyTorch's files, which `tests/models/references/make_pth.py` writes. */
export const pthFiles: readonly Uint8Array[] = readFiles("pth");

function readFiles(folderName: string): readonly Uint8Array[] {
  const folder = new URL(`corpus/${folderName}/`, import.meta.url);
  const names = Array.from(Deno.readDirSync(folder), ({ name }) => name).sort();
  return names.map((name) => Deno.readFileSync(new URL(name, folder)));
}

/** Files of CIFAR-10: two records, and none. */
export const cifarFiles: readonly Uint8Array[] = [
  new Uint8Array(2 * 3073).map((_, i) => i % 3073 === 0 ? 9 - Math.floor(i / 3073) : i % 251),
  new Uint8Array(),
];

/** Images and labels in IDX, with a byte between that tells how many of the bytes are images. */
export const examplesFiles: readonly Uint8Array[] = [
  [16 + 12, 0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 2, ...Array(12).keys()],
].map((images) => Uint8Array.from([...images, 0, 0, 8, 1, 0, 0, 0, 3, 7, 8, 9]));

const position = {
  epoch: 2,
  index: 64,
  step: 12,
  updates: 12,
  seed: 1,
  sums: {
    steps: 2,
    examples: 64,
    metrics: { loss: { sum: 70.1, weight: 64, stepMeans: 2.2 } },
  },
  history: [
    { epoch: 0, step: 5, training: { loss: 2 }, validation: { loss: null } },
    { epoch: 1, step: 10, training: { loss: 1.5 } },
  ],
};

/** What checkpoints of trainings say as JSON: with a position, as the first version had it, and without. */
export const trainingFiles: readonly Uint8Array[] = [
  { version: 2, position, optimizer: "ab", data: { classes: ["cat", "dog"], std: [0.5] } },
  { version: 1, position: { ...position, seconds: 3.5, sums: { ...position.sums, seconds: 1 } } },
  { version: 2 },
].map((facts) => encodeText(JSON.stringify(facts)));

/** Checkpoints of trainings. */
export const checkpointFiles: readonly Uint8Array[] = await Promise.all(
  trainingFiles.map((facts) =>
    encodeTraining(facts, {
      "net.0.weight": { shape: [2, 3], data: Float32Array.from(Array(6).keys()) },
      "optimizer/m/net.0.weight": { shape: [2, 3], data: new Float32Array(6) },
    })
  ),
);

/** Encodes a checkpoint that says so of its training. */
export async function encodeTraining(
  facts: Uint8Array,
  tensors: Parameters<typeof encodeSafetensors>[0] = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const rill_training = new TextDecoder().decode(facts);
  const metadata = { format: "pt", rill_training, [CHECKSUM]: NO_CHECKSUM };
  return await seal(await concatBytes(encodeSafetensors(tensors, metadata)));
}

/** Corrects the checksum of a file in its place, if it has one still. */
export async function seal(file: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(file);
  if (!new TextDecoder("latin1").decode(bytes).includes(`"${CHECKSUM}":"`)) return bytes;
  setChecksum(bytes, NO_CHECKSUM);
  setChecksum(bytes, await computeChecksum([bytes]));
  return bytes;
}

/** What names the generations of a run's checkpoints. */
export const pointerFiles: readonly Uint8Array[] = await Promise.all([
  { generations: [], best: null, dropped: [] },
  {
    generations: [
      { step: 5, permanent: true, checksum: "ab" },
      { step: 9, permanent: false, checksum: "cd" },
    ],
    best: { step: 5, checksum: null },
    dropped: [12],
  },
].map(encodePointer));

/** Configurations of runs. */
export const configFiles: readonly Uint8Array[] = [
  { version: 2, model: {}, settings: { ...chapter }, data: { images: 4, labels: "ab" } },
  {
    settings: {
      decay: "cosine",
      deviation: 0.3,
      epochs: "2",
      augment: "flip",
      mean: [0.1, 0.2, 0.3],
    },
  },
].map((config) => encodeText(JSON.stringify(config)));

/** The key of the caches. */
export const CACHE_KEY = "fuzz 1";

/** What checkpoints of runs say of their model. */
export const modelFiles: readonly Uint8Array[] = [
  {
    version: 2,
    model: {
      ...{ name: "lenet", side: 28, channels: 1, classes: 2, classNames: ["cat", "dog"] },
      ...{ mean: [0.1], std: 0.3, resize: "crop", orientation: "ignore", views: "ten-crop" },
      ...{ dropout: 0.1, activation: "relu" },
    },
    settings: { ...chapter },
  },
  { model: { name: "alexnet", side: 67, deviation: 0.5 }, settings: {} },
].map((run) => encodeText(JSON.stringify(run)));

/** Items of caches, packed. */
export const packedFiles: readonly Uint8Array[] = [
  { image: { data: new Uint8Array(6), height: 1, width: 2, channels: 3 }, label: 7 },
  [null, undefined, true, "zażółć", -0.5, [[]], new Float32Array(2)],
].map(pack);

/** A cache, as it is after its first epoch. */
export const cacheFiles: readonly Uint8Array[] = [await encodeCache(packedFiles)];

/** Encodes a cache of packed items. */
export async function encodeCache(items: readonly Uint8Array[]): Promise<Uint8Array<ArrayBuffer>> {
  const head = encodeHead(CACHE_KEY);
  const pieces = items.flatMap((item) => [encodeRecordHead(item), new Uint8Array(item)]);
  const size = [head, ...pieces].reduce((sum, { length }) => sum + length, END_SIZE);
  return await concatBytes([head, ...pieces, encodeEnd(items.length, size)]);
}

/** Creates a pipeline that can be resumed. */
export function createResumable(): AsyncIterable<unknown> {
  const read = () => readEpochs({ seed: 1, epochs: 2 })({ length: 7, get: (index) => index });
  return pipe(
    concat([read(), read()]),
    skip(1),
    map(String),
    shuffle({ bufferSize: 3, seed: 2 }),
    window(2),
    prefetch(2),
    repeat(2),
  );
}

/** The positions of that pipeline, as they would be saved. */
export const positionFiles: readonly Uint8Array[] =
  (await collect(withPosition()(createResumable())))
    .map(([_, position]) => encodeText(JSON.stringify(position)));
