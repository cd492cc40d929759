/**
 * Tensors from safetensors files.
 *
 * @module
 */

import { type Either, left, right } from "../types/either.ts";
import {
  ELEMENT_BYTES,
  HEADER_LIMIT,
  METADATA,
  type StoredType,
  toFloat32,
} from "./_safetensors.ts";
import type { Checkpoint, StoredTensor } from "./checkpoint.ts";
import { CheckpointError } from "./checkpoint_error.ts";

export type { Either } from "../types/either.ts";
export type { Checkpoint, StoredTensor } from "./checkpoint.ts";
export { CheckpointError, type CheckpointErrorFacts } from "./checkpoint_error.ts";

/** Options of {@linkcode decodeSafetensors}. */
export interface DecodeSafetensorsOptions {
  /**
   * The name of the bytes in the message of an error, such as the file's path.
   *
   * @default {"safetensors"}
   */
  readonly source?: string;
}

/**
 * Decodes a file in the [safetensors format](https://github.com/huggingface/safetensors#format). Numbers of type F32, F64,
 * F16 and BF16 are read, as Float32. Everything that the header says is checked before it is believed.
 *
 * Numbers of type F32 are a view of `bytes` where they lie at a multiple of 4, as those of usual files do: they change with
 * it and keep it alive.
 *
 * @example Usage
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import { decodeSafetensors, encodeSafetensors } from "@rill/rill/models";
 *
 * const bias = { shape: [2], data: Float32Array.of(1, 2) };
 * const file = await new Blob(encodeSafetensors({ bias }, { step: "100" })).bytes();
 * const decoded = decodeSafetensors(file);
 * assert(decoded._tag === "Right");
 * assertEquals(decoded.right, { tensors: { bias }, metadata: { step: "100" } });
 *
 * const cut = decodeSafetensors(file.subarray(0, -1));
 * assert(cut._tag === "Left");
 * assertEquals(
 *   cut.left.message,
 *   `Cannot read safetensors as the file ends after ${file.length - 1} of ${file.length} bytes`,
 * );
 * ```
 *
 * @param bytes The whole file.
 * @param options The name of the bytes.
 * @returns The file's contents, or the error that names the fault and the tensor.
 */
export function decodeSafetensors(
  bytes: Uint8Array<ArrayBuffer>,
  { source = "safetensors" }: DecodeSafetensorsOptions = {},
): Either<CheckpointError, Checkpoint> {
  try {
    return right(decode(bytes));
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return left(new CheckpointError(`Cannot read ${source} as ${error.message}`));
  }
}

/** A fault of a file, in words. */
class Fault extends Error {}

function decode(bytes: Uint8Array<ArrayBuffer>): Checkpoint {
  const { header, start } = readHeader(bytes);
  const { [METADATA]: metadata = {}, ...entries } = header;
  const tensors = Object.entries(entries)
    .map(([name, entry]) => readEntry(name, entry))
    // The header may name the tensors in any order.
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  let end = 0;
  for (const { name, begin, end: next } of tensors) {
    if (begin !== end) {
      fail(`tensor ${name} begins at byte ${begin} of the data: the one before ends at ${end}`);
    }
    end = next;
  }
  if (start + end > bytes.length) failAsCut(bytes.length, start + end);
  if (start + end < bytes.length) {
    fail(`${bytes.length - start - end} bytes at the end of the file belong to no tensor`);
  }
  const decoded = tensors.map(({ name, type, shape, begin, end }): [string, StoredTensor] => [
    name,
    { shape, data: toFloat32(type, bytes.subarray(start + begin, start + end)) },
  ]);
  // `fromEntries` defines properties and doesn't assign them, so `__proto__` is a name like any other.
  return { tensors: Object.fromEntries(decoded), metadata: readMetadata(metadata) };
}

/** Reads the header, and finds where the data begin. */
function readHeader(
  bytes: Uint8Array<ArrayBuffer>,
): { readonly header: Readonly<Record<string, unknown>>; readonly start: number } {
  if (bytes.length < 8) failAsCut(bytes.length, 8);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > HEADER_LIMIT) {
    fail(`the header promises to be ${length} bytes long: the limit is ${HEADER_LIMIT}`);
  }
  const start = 8 + Number(length);
  if (start > bytes.length) failAsCut(bytes.length, start);
  let header: unknown;
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    header = JSON.parse(decoder.decode(bytes.subarray(8, start)));
  } catch (error) {
    fail(`the header is not JSON: ${error instanceof Error ? error.message : error}`);
  }
  if (!isRecord(header)) fail("the header is not a JSON object");
  return { header, start };
}

function readMetadata(entry: unknown): Record<string, string> {
  if (!isRecord(entry) || !Object.values(entry).every((value) => typeof value === "string")) {
    fail(`${METADATA} is not an object of strings`);
  }
  return Object.fromEntries(Object.entries(entry)) as Record<string, string>;
}

/** The header's entry for one tensor. */
interface TensorEntry {
  readonly name: string;
  readonly type: StoredType;
  readonly shape: number[];
  /** Where its bytes begin in the data. */
  readonly begin: number;
  /** Where they end. */
  readonly end: number;
}

function readEntry(name: string, entry: unknown): TensorEntry {
  if (!isRecord(entry)) fail(`the header's entry for tensor ${name} is not an object`);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== "string" || !Object.hasOwn(ELEMENT_BYTES, dtype)) {
    fail(
      `tensor ${name} is of type ${JSON.stringify(dtype)}: ` +
        `the types read are ${Object.keys(ELEMENT_BYTES).join(", ")}`,
    );
  }
  if (!areCounts(shape)) {
    fail(`tensor ${name} has an invalid shape, ${JSON.stringify(shape)}`);
  }
  const [begin, end, ...more] = areCounts(offsets) ? offsets : [];
  if (begin === undefined || end === undefined || more.length > 0 || begin > end) {
    fail(`tensor ${name} has invalid offsets, ${JSON.stringify(offsets)}`);
  }
  const type = dtype as StoredType;
  let size = ELEMENT_BYTES[type];
  for (const length of shape) {
    size *= length;
    if (!Number.isSafeInteger(size)) {
      fail(`tensor ${name} has a shape too large to count, ${JSON.stringify(shape)}`);
    }
  }
  if (end - begin !== size) {
    fail(
      `tensor ${name} has ${end - begin} bytes of data: ` +
        `${JSON.stringify(shape)} of ${type} is ${size}`,
    );
  }
  return { name, type, shape, begin, end };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function areCounts(value: unknown): value is number[] {
  return Array.isArray(value) &&
    value.every((item) => Number.isSafeInteger(item) && item >= 0 && !Object.is(item, -0));
}

function failAsCut(actual: number, expected: number): never {
  fail(`the file ends after ${actual} of ${expected} bytes`);
}

function fail(found: string): never {
  throw new Fault(found);
}
