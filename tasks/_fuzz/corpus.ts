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
