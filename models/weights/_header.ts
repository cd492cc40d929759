import { ELEMENT_BYTES, type StoredType } from "./_elements.ts";
import { fail } from "./_fault.ts";
import { clip, formatJson, type Json, JsonObject, parseHeaderJson } from "./_header_json.ts";
import { countBytes, HEADER_LIMIT, LENGTH_BYTES, METADATA } from "./_safetensors.ts";

/** The contents of a header, checked against each other and against the file's length. */
export interface Header {
  /** The tensors in the order of their data. */
  readonly tensors: readonly TensorEntry[];
  readonly metadata: Record<string, string>;
  /** Where in the file the data begin. */
  readonly start: number;
}

/** The header's entry for one tensor. */
export interface TensorEntry {
  readonly name: string;
  readonly type: StoredType;
  readonly shape: number[];
  /** Where its bytes begin in the data. */
  readonly begin: number;
  /** Where they end. */
  readonly end: number;
}

/**
 * Finds where a header ends, before any of it is read.
 *
 * @param bytes The file's first bytes; more than the length's 8 show whether a header follows.
 * @param size The file's length.
 */
export function findHeaderEnd(bytes: Uint8Array<ArrayBuffer>, size: number): number {
  if (size < LENGTH_BYTES) failAsCut(size, LENGTH_BYTES);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  const first = bytes.subarray(LENGTH_BYTES, BEGINNING_BYTES).find((byte) =>
    !WHITESPACE.includes(byte)
  );
  const hasHeader = first === undefined || first === "{".charCodeAt(0);
  const isZip = new TextDecoder("latin1").decode(bytes.subarray(0, 4)) === "PK\x03\x04";
  if (isZip && length > HEADER_LIMIT) {
    fail(
      "it is a zip archive, as torch.save writes, and not a safetensors file: decodePth reads those",
    );
  }
  if (length > HEADER_LIMIT) {
    fail(
      hasHeader
        ? `the header promises to be ${length} bytes long: the limit is ${HEADER_LIMIT}`
        : "it is not a safetensors file: it begins with neither a header's length nor a header",
    );
  }
  const end = LENGTH_BYTES + Number(length);
  if (end > size) {
    if (!hasHeader) fail("it is not a safetensors file: no header follows the first 8 bytes");
    failAsCut(size, end);
  }
  if (length === 0n) fail("it is not a safetensors file: its header has no bytes");
  return end;
}

/** The first bytes of a file, enough for the header's length and where it begins. */
export const BEGINNING_BYTES = 64;

/** The bytes that JSON allows between its parts. */
const WHITESPACE = [..." \t\n\r"].map((character) => character.charCodeAt(0));

/**
 * Reads a header, and checks that its tensors fill the rest of the file without a gap.
 *
 * @param bytes The file's first bytes, up to the header's end at least.
 * @param size The file's length.
 */
export function readHeader(bytes: Uint8Array<ArrayBuffer>, size: number): Header {
  const start = findHeaderEnd(bytes, size);
  const header = parseHeaderJson(decodeText(bytes.subarray(LENGTH_BYTES, start)));
  if (!(header instanceof JsonObject)) fail("the header is not a JSON object");
  let metadata: Json | undefined;
  const entries = new Map<string, TensorEntry>();
  for (const [name, value] of header.entries) {
    if (name !== METADATA) {
      // Of those with one name the last counts, but each must be an entry: so it is in the reference.
      entries.set(name, readEntry(name, value));
      continue;
    }
    if (metadata !== undefined) fail(`the header has ${METADATA} twice`);
    metadata = value;
  }
  // The header may name the tensors in any order.
  const tensors = [...entries.values()].sort((a, b) => a.begin - b.begin || a.end - b.end);
  tensors.forEach(checkSize);
  checkLayout(tensors, start, size);
  return { tensors, metadata: readMetadata(metadata ?? null), start };
}

/** Decodes a header without the padding behind it, which may be long and isn't worth a look at each character. */
function decodeText(bytes: Uint8Array<ArrayBuffer>): string {
  const end = 1 + bytes.findLastIndex((byte) => !WHITESPACE.includes(byte));
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(
      bytes.subarray(0, end),
    );
  } catch {
    fail("the header is not UTF-8");
  }
}

function readMetadata(value: Json): Record<string, string> {
  const entries = value === null ? [] : value instanceof JsonObject && value.entries;
  const hasStrings = (entries: [string, Json][]): entries is [string, string][] =>
    entries.every(([, text]) => typeof text === "string");
  if (!entries || !hasStrings(entries)) fail(`${METADATA} is not an object of strings`);
  // `fromEntries` defines properties and doesn't assign them, so `__proto__` is a name like any other.
  return Object.fromEntries(entries);
}

/** The fields of a tensor's entry, in the order of their list. */
const FIELDS = ["dtype", "shape", "data_offsets"] as const;

function readEntry(name: string, entry: Json): TensorEntry {
  const tensor = `tensor ${clip(name)}`;
  const { dtype, shape, data_offsets: offsets } = readFields(tensor, entry);
  const type = readType(dtype);
  if (typeof type !== "string" || !isStoredType(type)) {
    fail(
      `${tensor} is of type ${formatJson(type)}: ` +
        `the types read are ${Object.keys(ELEMENT_BYTES).join(", ")}`,
    );
  }
  if (!areCounts(shape)) fail(`${tensor} has an invalid shape, ${formatJson(shape)}`);
  const [begin, end, ...more] = areCounts(offsets) ? offsets : [];
  if (begin === undefined || end === undefined || more.length > 0) {
    fail(`${tensor} has invalid offsets, ${formatJson(offsets)}`);
  }
  return { name, type, shape, begin, end };
}

/** Finds the fields of an entry. `serde`, which reads for the reference, takes a list of the three as well. */
function readFields(
  tensor: string,
  entry: Json,
): { readonly [F in typeof FIELDS[number]]: Json } {
  const fields: { [F in typeof FIELDS[number]]?: Json } = {};
  if (entry instanceof JsonObject) {
    for (const [name, value] of entry.entries) {
      const field = FIELDS.find((field) => field === name);
      if (field === undefined) continue;
      if (fields[field] !== undefined) fail(`the header's entry for ${tensor} has ${field} twice`);
      fields[field] = value;
    }
  } else if (Array.isArray(entry) && entry.length === FIELDS.length) {
    FIELDS.forEach((field, i) => fields[field] = entry[i]!);
  } else {
    fail(`the header's entry for ${tensor} is not an object`);
  }
  const { dtype, shape, data_offsets } = fields;
  if (dtype === undefined || shape === undefined || data_offsets === undefined) {
    const missing = FIELDS.filter((field) => fields[field] === undefined);
    fail(`the header's entry for ${tensor} lacks ${missing.join(" and ")}`);
  }
  return { dtype, shape, data_offsets };
}

/** Reads the name of a type. `serde` takes `{"F32": null}` as well. */
function readType(dtype: Json): Json {
  if (!(dtype instanceof JsonObject) || dtype.entries.length !== 1) return dtype;
  const [name, value] = dtype.entries[0]!;
  return value === null ? name : dtype;
}

const isStoredType = (type: string): type is StoredType => Object.hasOwn(ELEMENT_BYTES, type);

const areCounts = (value: Json): value is number[] =>
  Array.isArray(value) && value.every((item) => typeof item === "number");

function checkSize({ name, type, shape, begin, end }: TensorEntry): void {
  const tensor = `tensor ${clip(name)}`;
  if (begin > end) fail(`${tensor} has invalid offsets, ${formatJson([begin, end])}`);
  const size = countBytes(type, shape);
  if (size === undefined) fail(`${tensor} has a shape too large to count, ${formatJson(shape)}`);
  if (BigInt(end - begin) !== size) {
    fail(`${tensor} has ${end - begin} bytes of data: ${formatJson(shape)} of ${type} is ${size}`);
  }
}

function checkLayout(tensors: readonly TensorEntry[], start: number, size: number): void {
  let last = 0;
  for (const { name, begin, end } of tensors) {
    if (begin !== last) {
      fail(
        `tensor ${clip(name)} begins at byte ${begin} of the data: the one before ends at ${last}`,
      );
    }
    last = end;
  }
  if (start + last > size) failAsCut(size, start + last);
  if (start + last < size) {
    fail(`${size - start - last} bytes at the end of the file belong to no tensor`);
  }
}

function failAsCut(actual: number, expected: number): never {
  fail(`the file ends after ${actual} of ${expected} bytes`);
}
