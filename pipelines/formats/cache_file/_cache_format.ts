/**
 * The format of a cache file. All numbers are little-endian.
 *
 *     head     8 bytes `RILLCCH` and the version; u32 length of the key; the key in UTF-8; u32 CRC-32 of all this
 *     record   u32 length of the item; u32 CRC-32 of the item; the item, packed
 *     end      u32 0xffffffff; u64 number of records; u64 size of the file; u32 CRC-32 of all this
 */
import { crc32 } from "../../_bytes/crc32.ts";

const MAGIC = Uint8Array.of(0x52, 0x49, 0x4c, 0x4c, 0x43, 0x43, 0x48, 1);

/** The size of a record's head, which comes before its item, in bytes. */
export const RECORD_HEAD_SIZE = 8;

/** The mark in place of a record's length after the last record. */
export const END_MARK = 0xffffffff;

/** The size of the end in bytes. */
export const END_SIZE = 24;

/** Encodes the head of a file with a key. A file that begins otherwise has another version or key. */
export function encodeHead(key: string): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(key);
  const head = new Uint8Array(16 + bytes.length);
  const view = new DataView(head.buffer);
  head.set(MAGIC);
  view.setUint32(8, bytes.length, true);
  head.set(bytes, 12);
  view.setUint32(12 + bytes.length, crc32(head.subarray(0, -4)), true);
  return head;
}

/** Encodes the head of a record with an item. */
export function encodeRecordHead(item: Uint8Array): Uint8Array<ArrayBuffer> {
  const head = new Uint8Array(RECORD_HEAD_SIZE);
  const view = new DataView(head.buffer);
  view.setUint32(0, item.length, true);
  view.setUint32(4, crc32(item), true);
  return head;
}

/** Encodes the end of a file with a number of records, and a size in bytes that includes the end. */
export function encodeEnd(records: number, size: number): Uint8Array<ArrayBuffer> {
  const end = new Uint8Array(END_SIZE);
  const view = new DataView(end.buffer);
  view.setUint32(0, END_MARK, true);
  view.setBigUint64(4, BigInt(records), true);
  view.setBigUint64(12, BigInt(size), true);
  view.setUint32(20, crc32(end.subarray(0, 20)), true);
  return end;
}

/** Tells whether two arrays have the same bytes. */
export const isSame = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i]);
