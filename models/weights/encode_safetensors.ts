/**
 * Safetensors files from tensors.
 *
 * @module
 */

import { countBytes, HEADER_LIMIT, LENGTH_BYTES, METADATA } from "./_safetensors.ts";
import type { StoredTensor } from "./checkpoint.ts";

export type { StoredTensor } from "./checkpoint.ts";

/**
 * Encodes tensors in the [safetensors format](https://github.com/huggingface/safetensors#format), as F32 in the order
 * given. The file comes in parts to be written one behind the other: the header, then each tensor's bytes as a view of
 * its numbers, so that nothing is copied.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { encodeSafetensors } from "@rill/rill/models";
 *
 * const bias = { shape: [2], data: Float32Array.of(1, 2) };
 * const [header, data] = encodeSafetensors({ bias }, { step: "100" });
 * assertEquals(header!.length % 8, 0);
 * assertEquals(data!.buffer, bias.data.buffer);
 * ```
 *
 * @param tensors Each tensor by its name.
 * @param metadata Free text by name, to be kept with the tensors.
 * @returns The parts of the file.
 * @throws {RangeError} If a tensor's shape doesn't fit its data, it is called `__metadata__`, a name or a metadata's text
 * has half a surrogate pair, which UTF-8 cannot hold, or names and metadata take more than the format's 100 MB.
 */
export function encodeSafetensors(
  tensors: Readonly<Record<string, StoredTensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer>[] {
  let end = 0;
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const entries: [string, object][] = [];
  for (const [key, text] of Object.entries(metadata)) {
    checkText(`metadata named ${JSON.stringify(key)}`, key, text);
  }
  if (Object.keys(metadata).length > 0) entries.push([METADATA, metadata]);
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    if (name === METADATA) {
      throw new RangeError(`Cannot write safetensors with a tensor called ${METADATA}`);
    }
    checkText(`a tensor called ${JSON.stringify(name)}`, name);
    if (!fits(shape, data)) {
      throw new RangeError(
        `Cannot write safetensors as tensor ${name} has ${data.length} elements: ` +
          `its shape is ${JSON.stringify(shape)}`,
      );
    }
    const start = end;
    end += data.byteLength;
    entries.push([name, { dtype: "F32", shape, data_offsets: [start, end] }]);
    parts.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  // `fromEntries` defines properties and doesn't assign them, so `__proto__` is a name like any other.
  return [encodeHeader(JSON.stringify(Object.fromEntries(entries))), ...parts];
}

/** Refuses text that isn't text at all, or that UTF-8 cannot hold: readers refuse such a file. */
function checkText(subject: string, ...texts: readonly unknown[]): void {
  for (const text of texts) {
    if (typeof text === "string" && text.isWellFormed()) continue;
    const found = typeof text === "string" ? "half of a surrogate pair" : `a ${typeof text}`;
    throw new RangeError(`Cannot write safetensors with ${subject} as it has ${found} in it`);
  }
}

/** Tells whether data have a shape that readers can count, which is all but those of an empty tensor that is too long. */
const fits = (shape: readonly number[], data: Float32Array): boolean =>
  shape.every((length) => Number.isSafeInteger(length) && length >= 0) &&
  countBytes("F32", shape) === BigInt(data.byteLength);

/** Encodes the header's length and text, padded with spaces so that the data begin at a multiple of 8. */
function encodeHeader(json: string): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(json);
  const length = Math.ceil(text.length / 8) * 8;
  if (length > HEADER_LIMIT) {
    throw new RangeError(
      `Cannot write safetensors with a header of ${length} bytes: the limit is ${HEADER_LIMIT}`,
    );
  }
  const header = new Uint8Array(LENGTH_BYTES + length).fill(0x20, LENGTH_BYTES);
  new DataView(header.buffer).setUint32(0, length, true);
  header.set(text, LENGTH_BYTES);
  return header;
}
