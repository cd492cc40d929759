import { pluralize } from "../../_arguments/text.ts";
import type { IdxArray, IdxType } from "./idx_array.ts";
import { IdxError } from "./idx_error.ts";

/** The content of an IDX file's header. */
export interface IdxHeader {
  readonly type: IdxType;
  /** How many items the file holds. */
  readonly items: number;
  /** The shape of one item. */
  readonly itemShape: readonly number[];
  /** The size of one item in bytes. */
  readonly itemSize: number;
  /** The size of the header itself in bytes. */
  readonly size: number;
}

const ELEMENT_TYPES: Readonly<Record<number, { type: IdxType; size: number }>> = {
  0x08: { type: "uint8", size: 1 },
  0x09: { type: "int8", size: 1 },
  0x0b: { type: "int16", size: 2 },
  0x0c: { type: "int32", size: 4 },
  0x0d: { type: "float32", size: 4 },
  0x0e: { type: "float64", size: 8 },
};

/** The size of the longest header, which has 255 dimensions. */
export const MAX_HEADER_SIZE = 4 + 4 * 255;

/**
 * Reads a header: two zero bytes, the code of the type, the number of dimensions, and the length in each dimension as
 * 32 bits, big-endian.
 *
 * @param bytes The beginning of the file.
 * @param maxItemSize The most bytes that an item may have.
 * @returns The header, or nothing if `bytes` ends before it does.
 * @throws {IdxError} When the header is invalid, or that of a file that cannot be decoded.
 */
export function readIdxHeader(bytes: Uint8Array, maxItemSize: number): IdxHeader | undefined {
  for (const [at, byte] of bytes.subarray(0, 2).entries()) {
    if (byte === 0) continue;
    throw makeError(`it does not begin with two zero bytes: byte ${at} is ${formatByte(byte)}`, at);
  }
  const [, , code, dimensions] = bytes;
  if (code === undefined) return undefined;
  const element = ELEMENT_TYPES[code];
  if (!element) throw makeError(`its type code is unknown: ${formatByte(code)}`, 2);
  if (dimensions === undefined) return undefined;
  const size = 4 + 4 * dimensions;
  if (bytes.length < size) return undefined;

  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: dimensions }, (_, i) => view.getUint32(4 + 4 * i));
  const [items = 1, ...itemShape] = shape;
  // Beyond 2^53 this is rounded, perhaps to infinity, but never to something small.
  const itemSize = itemShape.includes(0) ? 0 : itemShape.reduce((a, b) => a * b, element.size);
  const text = `[${shape.join(", ")}]`;
  if (itemSize > maxItemSize) {
    const most = pluralize(maxItemSize, "byte");
    throw makeError(
      `an item may have ${most}: the header's shape ${text} gives it more`,
      size,
      items,
    );
  }
  // Otherwise a short file could promise any number of items.
  if (itemSize === 0 && items > 0) {
    throw makeError(`its items have no bytes: the header's shape is ${text}`, size, items);
  }
  return { type: element.type, items, itemShape: Object.freeze(itemShape), itemSize, size };
}

const makeError = (reason: string, position: number, promised?: number): IdxError =>
  new IdxError(reason, { position, items: 0, promised });

const formatByte = (byte: number): string => `0x${byte.toString(16).padStart(2, "0")}`;

/**
 * Decodes an item from its big-endian bytes, whose buffer it takes over.
 *
 * @param bytes The bytes, which fill their buffer.
 */
export function decodeIdxItem(
  type: IdxType,
  shape: readonly number[],
  { buffer }: Uint8Array<ArrayBuffer>,
): IdxArray {
  // Each number is read before it is written to its own place, in the byte order of the machine.
  const view = new DataView(buffer);
  switch (type) {
    case "uint8":
      return { type, shape, data: new Uint8Array(buffer) };
    case "int8":
      return { type, shape, data: new Int8Array(buffer) };
    case "int16": {
      const data = new Int16Array(buffer);
      for (let i = 0; i < data.length; i++) data[i] = view.getInt16(2 * i);
      return { type, shape, data };
    }
    case "int32": {
      const data = new Int32Array(buffer);
      for (let i = 0; i < data.length; i++) data[i] = view.getInt32(4 * i);
      return { type, shape, data };
    }
    case "float32": {
      const data = new Float32Array(buffer);
      for (let i = 0; i < data.length; i++) data[i] = view.getFloat32(4 * i);
      return { type, shape, data };
    }
    case "float64": {
      const data = new Float64Array(buffer);
      for (let i = 0; i < data.length; i++) data[i] = view.getFloat64(8 * i);
      return { type, shape, data };
    }
  }
}
