/**
 * Calculates the CRC-32 of zlib, PNG and gzip (reflected polynomial 0xedb88320), four bytes at a time.
 *
 * @param bytes The bytes.
 * @param before The CRC-32 of the bytes before them; 0 where there are none.
 * @returns The CRC-32 of both, as an unsigned number.
 */
export const crc32 = (bytes: Uint8Array, before = 0): number =>
  update(made ??= makeTables(0xedb88320), bytes, before);

/** Calculates the CRC-32C of TFRecord, iSCSI and others (Castagnoli's polynomial, reflected 0x82f63b78), as {@linkcode crc32} does. */
export const crc32c = (bytes: Uint8Array, before = 0): number =>
  update(madeC ??= makeTables(0x82f63b78), bytes, before);

let made: Int32Array | undefined;
let madeC: Int32Array | undefined;

function update(tables: Int32Array, bytes: Uint8Array, before: number): number {
  let crc = ~before;
  let at = 0;
  for (const end = bytes.length - 3; at < end; at += 4) {
    crc ^= bytes[at]! | bytes[at + 1]! << 8 | bytes[at + 2]! << 16 | bytes[at + 3]! << 24;
    crc = tables[3 << 8 | crc & 255]! ^ tables[2 << 8 | crc >>> 8 & 255]! ^
      tables[1 << 8 | crc >>> 16 & 255]! ^ tables[crc >>> 24]!;
  }
  for (; at < bytes.length; at++) crc = tables[(crc ^ bytes[at]!) & 255]! ^ crc >>> 8;
  return ~crc >>> 0;
}

/** Makes the tables: `tables[256 * n + byte]` is the change that a byte makes to the checksum when `n` more bytes have passed. */
function makeTables(polynomial: number): Int32Array {
  const tables = new Int32Array(4 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >>> 1 ^ polynomial : crc >>> 1;
    tables[byte] = crc;
  }
  for (let i = 256; i < tables.length; i++) {
    const before = tables[i - 256]!;
    tables[i] = tables[before & 255]! ^ before >>> 8;
  }
  return tables;
}
