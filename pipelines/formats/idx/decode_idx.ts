/**
 * IDX files, the format of MNIST, decoded item by item.
 *
 * @module
 */

import { checkInteger } from "../../_arguments/check_integer.ts";
import { decodeIdxItem, type IdxHeader, MAX_HEADER_SIZE, readIdxHeader } from "./_idx_header.ts";
import { pluralize } from "../../_arguments/text.ts";
import type { IdxArray } from "./idx_array.ts";
import { IdxError } from "./idx_error.ts";
import type { Stage } from "../../stage/stage.ts";
import { stageOf } from "../../stage/stage_of.ts";

export { IdxError, type IdxProgress } from "./idx_error.ts";
export type { IdxArray, IdxData, IdxType } from "./idx_array.ts";

/** Options of {@linkcode decodeIdx}. */
export interface DecodeIdxOptions {
  /**
   * The most bytes that an item may have. A header that promises more is refused, so that a broken file cannot ask for
   * all of the memory.
   *
   * @default {2147483647}
   */
  readonly maxItemSize?: number;
}

/**
 * Decodes an IDX file, the format of MNIST and similar data sets, from its bytes, which come in chunks of any size.
 * Gives the items along the first dimension, each an array of the remaining shape: a file of shape `[60000, 28, 28]`
 * gives 60000 items of shape `[28, 28]`, a list of labels gives items of shape `[]` and one number, and so does a file
 * without dimensions.
 *
 * Holds one chunk and one item. An item has a buffer of its own, which shares no memory with the chunk.
 *
 * The format: two zero bytes; the code of the type (8 uint8, 9 int8, 11 int16, 12 int32, 13 float32, 14 float64); the
 * number of dimensions; the length in each as 32 bits; the numbers in row-major order. Big-endian throughout. See
 * https://yann.lecun.com/exdb/mnist/.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { collect, decodeIdx } from "@rill/rill/pipelines";
 *
 * const file = Uint8Array.of(0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6);
 * assertEquals(await collect(decodeIdx()(ReadableStream.from([file]))), [
 *   { type: "uint8", shape: [3], data: Uint8Array.of(1, 2, 3) },
 *   { type: "uint8", shape: [3], data: Uint8Array.of(4, 5, 6) },
 * ]);
 * ```
 *
 * @param options The limits.
 * @returns The stage. It fails with an {@linkcode IdxError} when the stream is not an IDX file, ends early, goes on
 * after the last item, or has a header that promises items of no bytes or of too many.
 * @throws {RangeError} When `maxItemSize` is not an integer from 1 to 2147483647.
 */
export function decodeIdx(
  { maxItemSize = MAX_ITEM_SIZE }: DecodeIdxOptions = {},
): Stage<Uint8Array, IdxArray> {
  checkInteger(`decode IDX items of up to ${maxItemSize} bytes`, "maximum", maxItemSize, {
    min: 1,
    max: MAX_ITEM_SIZE,
  });
  return stageOf({ name: "decode", begin: ({ input }) => decodeItems(input, maxItemSize) });
}

const MAX_ITEM_SIZE = 2 ** 31 - 1;

async function* decodeItems(
  source: AsyncIterable<Uint8Array>,
  maxItemSize: number,
): AsyncGenerator<IdxArray, void, undefined> {
  let header: IdxHeader | undefined;
  let headerBytes = new Uint8Array();
  let items = 0;
  /** The bytes of the item that the last chunk broke off, and how many of them are there. */
  let item: Uint8Array<ArrayBuffer> | undefined;
  let filled = 0;
  let position = 0;
  for await (const chunk of source) {
    let at = 0;
    if (!header) {
      const wanted = MAX_HEADER_SIZE - headerBytes.length;
      const bytes = concat(headerBytes, chunk.subarray(0, wanted));
      header = readIdxHeader(bytes, maxItemSize);
      if (!header) {
        headerBytes = bytes;
        position += chunk.length;
        continue;
      }
      at = header.size - headerBytes.length;
    }
    const { type, itemShape, itemSize } = header;
    while (at < chunk.length) {
      if (items === header.items) {
        const promise = `the header promises ${pluralize(items, "item")}`;
        throw new IdxError(`${promise}: the stream goes on after ${items === 1 ? "it" : "them"}`, {
          position: position + at,
          items,
          promised: items,
        });
      }
      const piece = chunk.subarray(at, at + itemSize - filled);
      at += piece.length;
      if (piece.length === itemSize) {
        item = new Uint8Array(piece);
      } else {
        item = reserve(item, filled + piece.length, itemSize);
        item.set(piece, filled);
        filled += piece.length;
        if (filled < itemSize) break;
      }
      const bytes = item;
      item = undefined;
      filled = 0;
      items++;
      yield decodeIdxItem(type, itemShape, bytes);
    }
    position += chunk.length;
  }
  if (!header) {
    const end = `the stream ended after ${pluralize(position, "byte")}`;
    throw new IdxError(`its header is not complete: ${end}`, { position, items });
  }
  if (items < header.items) {
    const promise = `the header promises ${pluralize(header.items, "item")}`;
    throw new IdxError(`${promise}: the stream ended after ${items}`, {
      position,
      items,
      promised: header.items,
    });
  }
}

/** The most bytes to make room for that have not come yet, beside as many again as have. */
const RESERVE = 2 ** 20;

/** Makes room for bytes of an item as they come: what a damaged header promises may be far more than there ever is. */
function reserve(
  item: Uint8Array<ArrayBuffer> | undefined,
  length: number,
  itemSize: number,
): Uint8Array<ArrayBuffer> {
  if (item && length <= item.length) return item;
  const larger = new Uint8Array(Math.min(itemSize, Math.max(2 * length, RESERVE)));
  if (item) larger.set(item);
  return larger;
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(a.length + b.length);
  bytes.set(a);
  bytes.set(b, a.length);
  return bytes;
}
