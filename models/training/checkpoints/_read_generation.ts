import { CheckpointError } from "../../weights/checkpoint_error.ts";
import { type DecodedFile, decodeFile } from "./_decode_file.ts";
import { BEST, nameBest, nameParams } from "./_generation_files.ts";
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

/** Reads a generation: its parameters, and the optimizer's state that belongs to them. */
export async function readGeneration(
  place: Place,
  step: number,
  names: ReadonlySet<string>,
  { optimizer: isWanted }: { readonly optimizer: boolean },
): Promise<Found<DecodedCheckpoint>> {
  const main = await readTensors(place, nameParams(step), names, ({ facts }, source) => {
    const { position } = facts;
    if (position?.step === step) return;
    const found = position ? `is that of step ${position.step}` : "has no position";
    throw new CheckpointError(
      `Cannot read ${source} as a checkpoint after step ${step}: it ${found}`,
    );
  });
  if (main.refused) return main;
  const { tensors: params, metadata, facts: { position, data, optimizer } } = main.value;
  const checkpoint = { params, position, data, metadata };
  if (!optimizer || !isWanted) return { value: checkpoint };
  const beside = await readTensors(place, optimizer.file, names, ({ checksum }, source) => {
    if (checksum === optimizer.checksum) return;
    throw new CheckpointError(
      `Cannot read ${source} as the optimizer's state after step ${step}: it belongs to another checkpoint`,
    );
  });
  if (beside.refused) return beside;
  return { value: { ...checkpoint, optimizer: beside.value.tensors } };
}

/** Lists where the best parameters can be: a pointer names them before they have their name. */
export const listBest = (best: number | null, names: ReadonlySet<string>): string[] =>
  best === null ? [] : [...names.has(nameBest(best)) ? [nameBest(best)] : [], BEST];
