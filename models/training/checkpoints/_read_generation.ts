import { CheckpointError } from "../../weights/checkpoint_error.ts";
import { type DecodedFile, decodeFile } from "./_decode_file.ts";
import { BEST, nameBest, nameNext, nameOptimizer, nameParams } from "./_generation_files.ts";
import type { ListedBest, ListedGeneration } from "./_pointer.ts";
import type { RefusedFile } from "./_store_types.ts";
import type { DecodedCheckpoint } from "./decode_checkpoint.ts";
import { type Place, tryFile } from "./_place.ts";
import { FileSystemError } from "./file_system_error.ts";

/** What was found, or why it can't be used. */
export type Found<T> =
  | { readonly value: T; readonly refused?: undefined }
  | { readonly value?: undefined; readonly refused: Refusal };

/** Why a file can't be used. */
export interface Refusal extends RefusedFile {
  /** What the system refuses with, which may be otherwise some other time. */
  readonly error?: FileSystemError;
}

/** Reads a file. That it is missing, or the system refuses, is a reason as any other. */
export async function readFile<T>(
  { files, describe }: Place,
  file: string,
  names: ReadonlySet<string>,
  use: (bytes: Uint8Array<ArrayBuffer>, source: string) => Promise<T>,
): Promise<Found<T>> {
  const source = describe(file);
  if (!names.has(file)) {
    return { refused: { file, reason: `Cannot read ${source}: it is missing` } };
  }
  try {
    const bytes = await tryFile("read", source, () => files.read(file));
    return { value: await use(bytes, source) };
  } catch (error) {
    if (error instanceof FileSystemError) {
      return { refused: { file, reason: error.message, error } };
    }
    if (!(error instanceof CheckpointError)) throw error;
    return { refused: { file, reason: error.message } };
  }
}

/** Reads and verifies a safetensors file. */
export const readTensors = (
  place: Place,
  file: string,
  names: ReadonlySet<string>,
  check: (decoded: DecodedFile, source: string) => void = () => {},
): Promise<Found<DecodedFile>> =>
  readFile(place, file, names, async (bytes, source) => {
    const decoded = await decodeFile(bytes, source);
    if (decoded._tag === "Left") throw decoded.left;
    check(decoded.right, source);
    return decoded.right;
  });

/** Reads a file of such a checksum. It may be waiting to take the place of another one. */
async function readEither(
  place: Place,
  [file, waiting]: readonly [string, string],
  names: ReadonlySet<string>,
  wanted: string | null,
): Promise<Found<DecodedFile>> {
  const check = ({ checksum }: DecodedFile, source: string) => {
    if (wanted === null || checksum === wanted) return;
    throw new CheckpointError(`Cannot read ${source} as it belongs to another checkpoint`);
  };
  const first = await readTensors(place, file, names, check);
  if (!first.refused || !names.has(waiting)) return first;
  const second = await readTensors(place, waiting, names, check);
  if (!second.refused) return second;
  // Which of them it is can't be said as long as one can't be read.
  return second.refused.error || !names.has(file) ? second : first;
}

/** Reads the parameters of a generation that a pointer names. */
export async function readParams(
  place: Place,
  { step, checksum }: Pick<ListedGeneration, "step"> & { readonly checksum: string | null },
  names: ReadonlySet<string>,
): Promise<Found<DecodedFile>> {
  const file = nameParams(step);
  const main = await readEither(place, [file, nameNext(file)], names, checksum);
  if (main.refused || main.value.facts.position?.step === step) return main;
  const { position } = main.value.facts;
  const found = position ? `is that of step ${position.step}` : "has no position";
  const source = place.describe(file);
  const reason = `Cannot read ${source} as the checkpoint after step ${step}: it ${found}`;
  return { refused: { file, reason } };
}

/** Reads the optimizer's state that belongs to the parameters of a generation. */
export function readOptimizer(
  place: Place,
  step: number,
  names: ReadonlySet<string>,
  checksum: string,
): Promise<Found<DecodedFile>> {
  const file = nameOptimizer(step);
  return readEither(place, [file, nameNext(file)], names, checksum);
}

/** Reads a generation: its parameters, and the optimizer's state that belongs to them. */
export async function readGeneration(
  place: Place,
  listed: Pick<ListedGeneration, "step"> & { readonly checksum: string | null },
  names: ReadonlySet<string>,
  { optimizer: isWanted }: { readonly optimizer: boolean },
): Promise<Found<DecodedCheckpoint & Pick<ListedGeneration, "checksum">>> {
  const main = await readParams(place, listed, names);
  if (main.refused) return main;
  const { tensors: params, metadata, checksum = "", facts: { position, data, optimizer } } =
    main.value;
  const checkpoint = { params, position, data, metadata, checksum };
  if (optimizer === undefined || !isWanted) return { value: checkpoint };
  const beside = await readOptimizer(place, listed.step, names, optimizer);
  return beside.refused ? beside : { value: { ...checkpoint, optimizer: beside.value.tensors } };
}

/** Reads the best parameters. */
export const readBest = (
  place: Place,
  { step, checksum }: ListedBest,
  names: ReadonlySet<string>,
): Promise<Found<DecodedFile>> => readEither(place, [BEST, nameBest(step)], names, checksum);
