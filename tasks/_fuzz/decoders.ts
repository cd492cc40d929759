import { CheckpointError, decodePth, decodeSafetensors, getOrThrow } from "../../models/mod.ts";
import { decodeImageBytes } from "../../pipelines/codecs/decode_image.ts";
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
import {
  concatBytes,
  createResumable,
  csvFiles,
  gzipFiles,
  idxFiles,
  positionFiles,
  pthFiles,
  readImageFiles,
  safetensorsFiles,
  tarFiles,
} from "./corpus.ts";
import type { Decoder } from "./decoder.ts";
import { repairPng, repairTar, repairZip } from "./repair.ts";

/** The most bytes that a decoder may hold. */
const SIZE = 2 ** 20;

/** Takes warnings, of which damaged archives give many. */
const onWarning = () => {};

/** The decoders under test. Another one is another entry. */
export const decoders: readonly Decoder[] = [
  {
    name: "idx",
    files: idxFiles,
    errors: [IdxError],
    decode: runStage(decodeIdx({ maxItemSize: SIZE })),
  },
  {
    name: "safetensors",
    files: safetensorsFiles,
    errors: [CheckpointError],
    decode: async (chunks) => {
      getOrThrow(decodeSafetensors(await concatBytes(chunks)));
    },
  },
  {
    name: "pth",
    files: pthFiles,
    errors: [CheckpointError],
    decode: async (chunks) => {
      getOrThrow(await decodePth(await concatBytes(chunks)));
    },
    repair: repairZip,
  },
  {
    name: "tar",
    files: tarFiles,
    errors: [TarError, StageError],
    decode: runStage((source) =>
      webDataset({ maxSampleSize: SIZE })(decodeTar({ maxEntrySize: SIZE, onWarning })(source))
    ),
    repair: repairTar,
  },
  {
    name: "tar.gz",
    files: gzipFiles,
    errors: [GzipError, TarError],
    decode: runStage((source) => decodeTar({ maxEntrySize: SIZE, onWarning })(gunzip()(source))),
  },
  {
    name: "csv",
    files: csvFiles,
    errors: [CsvError],
    decode: runStage(decodeCsv({ columns: ["path", "label"], maxRowSize: SIZE })),
  },
  { name: "png", ...decodeImages("png"), repair: repairPng },
  { name: "jpeg", ...decodeImages("jpeg") },
  { name: "webp", ...decodeImages("webp") },
  {
    name: "position",
    files: positionFiles,
    // Text that is not JSON was never saved.
    errors: [PositionError, SyntaxError],
    decode: async (chunks) => {
      const position: Position = JSON.parse(new TextDecoder().decode(await concatBytes(chunks)));
      await drain(take(1000)(resumeFrom(position)(createResumable())));
    },
  },
];

/** Describes the decoder of images, which tells formats by the content. */
function decodeImages(
  format: "jpeg" | "png" | "webp",
): Pick<Decoder, "files" | "errors" | "decode"> {
  return {
    files: readImageFiles(format),
    errors: [ImageError],
    decode: async (chunks) => {
      await decodeImageBytes(await concatBytes(chunks), { maxSamples: SIZE });
    },
  };
}

/** Turns a stage into a function that runs it over chunks to its end. */
function runStage(stage: Stage<Uint8Array, unknown>): Decoder["decode"] {
  return (chunks) => drain(stage(ReadableStream.from(chunks)));
}
