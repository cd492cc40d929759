import {
  ELEMENT_BYTES,
  HEADER_LIMIT,
  METADATA,
  type StoredType,
  toFloat32,
} from "./_safetensors.ts";
import type { Checkpoint, StoredTensor } from "./checkpoint.ts";
import { CheckpointError } from "./checkpoint_error.ts";
import type { Either } from "../types/either.ts";

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
 * @returns What it holds, or the error that says what is wrong and with which tensor.
 */
export function decodeSafetensors(
  bytes: Uint8Array<ArrayBuffer>,
): Either<CheckpointError, Checkpoint> {
  try {
    return { _tag: "Right", right: decode(bytes) };
  } catch (error) {
    if (error instanceof CheckpointError) return { _tag: "Left", left: error };
    throw error;
  }
}

function decode(bytes: Uint8Array<ArrayBuffer>): Checkpoint {
  const { entries, start } = readHeader(bytes);
  const [, metadata] = entries.find(([name]) => name === METADATA) ?? [METADATA, {}];
  const places = entries
    .filter(([name]) => name !== METADATA)
    .map(([name, entry]) => readPlace(name, entry))
    // The header may name the tensors in any order.
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  let end = 0;
  for (const { name, begin, end: next } of places) {
    if (begin !== end) {
      fail(`tensor ${name} begins at byte ${begin} of the data: the one before ends at ${end}`);
    }
    end = next;
  }
  if (start + end > bytes.length) failAtEnd(bytes.length, start + end);
  if (start + end < bytes.length) {
    fail(`${bytes.length - start - end} bytes at the end of the file belong to no tensor`);
  }
  const tensors = places.map(({ name, type, shape, begin, end }): [string, StoredTensor] => [
    name,
    { shape, data: toFloat32(type, bytes.subarray(start + begin, start + end)) },
  ]);
  // `fromEntries` defines properties and doesn't assign them, so `__proto__` is a name like any other.
  return { tensors: Object.fromEntries(tensors), metadata: readMetadata(metadata) };
}

/** The entries of the header, and where the data begin. */
function readHeader(
  bytes: Uint8Array<ArrayBuffer>,
): { readonly entries: [string, unknown][]; readonly start: number } {
  if (bytes.length < 8) failAtEnd(bytes.length, 8);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > HEADER_LIMIT) {
    fail(`the header promises to be ${length} bytes long: the limit is ${HEADER_LIMIT}`);
  }
  const start = 8 + Number(length);
  if (start > bytes.length) failAtEnd(bytes.length, start);
  let header: unknown;
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    header = JSON.parse(decoder.decode(bytes.subarray(8, start)));
  } catch (error) {
    fail(`the header is not JSON: ${error instanceof Error ? error.message : error}`);
  }
  if (!isRecord(header)) fail("the header is not a JSON object");
  return { entries: Object.entries(header), start };
}

function readMetadata(entry: unknown): Record<string, string> {
  if (!isRecord(entry) || !Object.values(entry).every((value) => typeof value === "string")) {
    fail(`${METADATA} is not an object of strings`);
  }
  return Object.fromEntries(Object.entries(entry)) as Record<string, string>;
}

/** What the header says of one tensor. */
interface Place {
  readonly name: string;
  readonly type: StoredType;
  readonly shape: number[];
  /** The first byte of the data that is its own. */
  readonly begin: number;
  /** The first byte after. */
  readonly end: number;
}

function readPlace(name: string, entry: unknown): Place {
  if (!isRecord(entry)) fail(`the header's entry for tensor ${name} is not an object`);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== "string" || !Object.hasOwn(ELEMENT_BYTES, dtype)) {
    fail(
      `tensor ${name} is of type ${JSON.stringify(dtype)}: ` +
        `the types read are ${Object.keys(ELEMENT_BYTES).join(", ")}`,
    );
  }
  if (!areCounts(shape)) fail(`tensor ${name} has no shape but ${JSON.stringify(shape)}`);
  if (!areCounts(offsets) || offsets.length !== 2 || offsets[0] > offsets[1]) {
    fail(`tensor ${name} has no offsets but ${JSON.stringify(offsets)}`);
  }
  const type = dtype as StoredType;
  const [begin, end] = offsets;
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

function failAtEnd(actual: number, expected: number): never {
  fail(`the file ends after ${actual} of ${expected} bytes`);
}

function fail(found: string): never {
  throw new CheckpointError(`Cannot read safetensors as ${found}`);
}
