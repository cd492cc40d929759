import { CheckpointError, decodeSafetensors } from "../../models/mod.ts";
import {
  CsvError,
  decodeCsv,
  decodeIdx,
  decodeTar,
  drain,
  gunzip,
  GzipError,
  IdxError,
  ImageError,
  type Position,
  PositionError,
  resumeFrom,
  type Stage,
  StageError,
  take,
  TarError,
  webDataset,
} from "../../pipelines/mod.ts";
import { decodeImageBytes } from "../../pipelines/codecs/decode_image.ts";
import {
  concatBytes,
  createResumable,
  csvFiles,
  gzipFiles,
  idxFiles,
  imageFiles,
  positionFiles,
  safetensorsFiles,
  tarFiles,
} from "./corpus.ts";
import type { Decoder } from "./decoder.ts";
import { repairPng, repairTar } from "./repair.ts";

/** What a decoder may be asked to hold. */
const SIZE = 2 ** 20;

/** The decoders under test. Another one is another entry. */
export const decoders: readonly Decoder[] = [
  {
    name: "idx",
    files: idxFiles,
    errors: [IdxError],
    decode: through(decodeIdx({ maxItemSize: SIZE })),
  },
  {
    name: "safetensors",
    files: safetensorsFiles,
    errors: [CheckpointError],
    decode: async (chunks) => {
      const decoded = decodeSafetensors(await concatBytes(chunks));
      if (decoded._tag === "Left") throw decoded.left;
    },
  },
  {
    name: "tar",
    files: tarFiles,
    errors: [TarError, StageError],
    decode: through((source) =>
      webDataset({ maxSampleSize: SIZE })(decodeTar({ maxEntrySize: SIZE })(source))
    ),
    repair: repairTar,
  },
  {
    name: "tar.gz",
    files: gzipFiles,
    errors: [GzipError, TarError],
    decode: through((source) => decodeTar({ maxEntrySize: SIZE })(gunzip()(source))),
  },
  {
    name: "csv",
    files: csvFiles,
    errors: [CsvError],
    decode: through(decodeCsv({ columns: ["path", "label"], maxRowSize: SIZE })),
  },
  { name: "png", ...images("PNG"), repair: repairPng },
  { name: "jpeg", ...images("JPEG") },
  { name: "webp", ...images("WebP") },
  {
    name: "position",
    files: positionFiles,
    // What is no JSON was never saved.
    errors: [PositionError, SyntaxError],
    decode: async (chunks) => {
      const position: Position = JSON.parse(new TextDecoder().decode(await concatBytes(chunks)));
      await drain(take(1000)(resumeFrom(position)(createResumable())));
    },
  },
];

/** The decoder of images, which tells formats by the content. */
function images(format: string): Pick<Decoder, "files" | "errors" | "decode"> {
  return {
    files: imageFiles(format),
    errors: [ImageError],
    decode: async (chunks) => {
      await decodeImageBytes(await concatBytes(chunks), { maxSamples: SIZE });
    },
  };
}

/** Runs a stage over the chunks to its end. */
function through(stage: Stage<Uint8Array, unknown>): Decoder["decode"] {
  return (chunks) => drain(stage(ReadableStream.from(chunks)));
}
