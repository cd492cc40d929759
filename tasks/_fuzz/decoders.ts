import {
  CheckpointError,
  decodeCheckpoint,
  decodePth,
  decodeSafetensors,
  getOrThrow,
  type TrainingPosition,
} from "../../models/mod.ts";
import { decodePointer } from "../../models/training/checkpoints/_pointer.ts";
import { addStep, endEpoch } from "../../models/training/epochs/_training_position.ts";
import { decodeImageBytes } from "../../pipelines/codecs/decode_image.ts";
import { cacheFile } from "../../pipelines/formats/cache_file/cache_file.ts";
import {
  CifarError,
  cifarExamples,
  CsvError,
  decodeCsv,
  decodeIdx,
  decodeTar,
  drain,
  gunzip,
  GzipError,
  IdxError,
  idxExamples,
  ImageError,
  type Position,
  PositionError,
  readImageHeader,
  resumeFrom,
  type Stage,
  StageError,
  take,
  TarError,
  webDataset,
} from "../../pipelines/mod.ts";
import { UsageError } from "../_cli/errors.ts";
import { resolveModel } from "../_evaluate/resolve_model.ts";
import { loadModel } from "../_model/load_model.ts";
import { RUN_METADATA } from "../_model/model_config.ts";
import { isCodeFile } from "../_model/networks.ts";
import { parseConfig } from "../_train/read_config.ts";
import {
  CACHE_KEY,
  cacheFiles,
  checkpointFiles,
  cifarFiles,
  concatBytes,
  configFiles,
  createResumable,
  csvFiles,
  encodeCache,
  encodeTraining,
  examplesFiles,
  gzipFiles,
  idxFiles,
  modelFiles,
  packedFiles,
  pointerFiles,
  positionFiles,
  pthFiles,
  readImageFiles,
  safetensorsFiles,
  seal,
  tarFiles,
  trainingFiles,
} from "./corpus.ts";
import type { Decoder } from "./decoder.ts";
import { repairPng, repairTar, repairZip } from "./repair.ts";

/** The most bytes that a decoder may hold. */
const SIZE = 2 ** 20;

/** Takes warnings, of which damaged archives give many. */
const onWarning = () => {};

/** A cache that was found damaged, and is to be built anew. */
class Rebuilt extends Error {}

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
    share: 0.2,
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
  { name: "png-header", ...readHeaders("png"), repair: repairPng },
  { name: "jpeg-header", ...readHeaders("jpeg") },
  { name: "webp-header", ...readHeaders("webp") },
  {
    name: "cifar",
    files: cifarFiles,
    errors: [CifarError, GzipError],
    decode: (chunks) => cifarExamples([ReadableStream.from(chunks)]),
  },
  {
    name: "idx-examples",
    files: examplesFiles,
    errors: [IdxError, GzipError],
    decode: async (chunks) => {
      const [length = 0, ...bytes] = await concatBytes(chunks);
      const source = await idxExamples({
        images: Uint8Array.from(bytes.slice(0, length)),
        labels: Uint8Array.from(bytes.slice(length)),
      });
      for (let i = 0; i < source.length; i++) source.get(i);
    },
  },
  {
    name: "checkpoint",
    files: checkpointFiles,
    errors: [CheckpointError],
    decode: async (chunks) => getOrThrow(await decodeCheckpoint(await concatBytes(chunks))),
  },
  {
    name: "sealed",
    files: checkpointFiles,
    errors: [CheckpointError],
    decode: async (chunks) =>
      getOrThrow(await decodeCheckpoint(await seal(await concatBytes(chunks)))),
  },
  {
    name: "pointer",
    files: pointerFiles,
    errors: [CheckpointError],
    isJson: true,
    decode: async (chunks) =>
      getOrThrow(await decodePointer(await seal(await concatBytes(chunks)), "last.json")),
  },
  {
    name: "training",
    files: trainingFiles,
    errors: [CheckpointError],
    isJson: true,
    decode: async (chunks) => {
      const file = await encodeTraining(await concatBytes(chunks));
      const { position } = getOrThrow(await decodeCheckpoint(file));
      // What is taken for a position must be one to whoever goes on from it.
      if (position) goOnFrom(position);
    },
  },
  {
    name: "config",
    files: configFiles,
    errors: [UsageError],
    isJson: true,
    decode: async (chunks) =>
      getOrThrow(parseConfig(new TextDecoder().decode(await concatBytes(chunks)), "config.json")),
  },
  {
    name: "model",
    files: modelFiles,
    errors: [CheckpointError, UsageError],
    isJson: true,
    decode: async (chunks) => {
      const metadata = { [RUN_METADATA]: new TextDecoder().decode(await concatBytes(chunks)) };
      const model = getOrThrow(await resolveModel({ metadata, tensors: {} }, {}, "file")());
      // Code is for those who mean to run it.
      if (!isCodeFile(model.name)) getOrThrow(await loadModel(model)());
    },
    share: 0.2,
  },
  {
    name: "cache",
    files: cacheFiles,
    errors: [Rebuilt],
    decode: async (chunks, folder) => readCache(await concatBytes(chunks), folder),
    share: 0.2,
  },
  {
    name: "cache-item",
    files: packedFiles,
    errors: [Rebuilt],
    decode: async (chunks, folder) =>
      readCache(await encodeCache([await concatBytes(chunks)]), folder),
    share: 0.2,
  },
  {
    name: "position",
    isJson: true,
    files: positionFiles,
    // Text that is not JSON was never saved.
    errors: [PositionError, SyntaxError],
    decode: async (chunks) => {
      const position: Position = JSON.parse(new TextDecoder().decode(await concatBytes(chunks)));
      await drain(take(1000)(resumeFrom(position)(createResumable())));
    },
  },
];

/** Goes on from a position by a step and the end of its epoch, as a training does. */
function goOnFrom(position: TrainingPosition): void {
  const means = Object.fromEntries(
    [...Object.keys(position.sums.metrics), "loss"].map((name) => [name, { sum: 1, weight: 2 }]),
  );
  const step = position.step + 1;
  const { sums } = addStep(position, { step, size: 2, means });
  const { history } = endEpoch({ ...position, step, sums }, undefined);
  for (const { training } of history) {
    for (const mean of Object.values(training)) {
      if (typeof mean !== "number") throw new Error(`a mean of the position is ${mean}`);
    }
  }
}

/** Reads a cache, which must give its items or be built anew. */
async function readCache(bytes: Uint8Array, folder: string): Promise<void> {
  const path = `${folder}/cache`;
  await Deno.writeFile(path, bytes);
  let reason = "";
  const onBuild = (found: string) => reason = found;
  // deno-lint-ignore require-yield
  async function* source(): AsyncGenerator<never> {
    throw new Rebuilt(reason);
  }
  await drain(cacheFile(path, { key: CACHE_KEY, onBuild })(source()));
}

/** Describes the reading of an image's header. */
function readHeaders(
  format: "jpeg" | "png" | "webp",
): Pick<Decoder, "files" | "errors" | "decode"> {
  return {
    files: readImageFiles(format),
    errors: [ImageError],
    decode: async (chunks) => {
      const bytes = await concatBytes(chunks);
      const { height, width, orientation } = readImageHeader(bytes);
      const areGood = [height, width, orientation].every((n) => Number.isSafeInteger(n) && n > 0);
      if (!areGood) throw new Error(`it tells of ${height} x ${width}, turned ${orientation}`);
    },
  };
}

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
