/** The size of a block; headers and padded contents are made of blocks. */
export const BLOCK_SIZE = 512;

/** The content of a header block. */
export interface TarHeader {
  readonly name: string;
  readonly size: number;
  /** The type flag, one character; `0` also for the NUL of the oldest archives. */
  readonly type: string;
}

/** A problem of a header, to which the caller adds the place. */
export class TarHeaderProblem extends Error {}

/**
 * Reads a header block.
 *
 * @param block 512 bytes that are not all zero.
 * @throws {TarHeaderProblem} When it is not a valid header.
 */
export function readTarHeader(block: Uint8Array): TarHeader {
  checkSum(block);
  const size = readNumber(block.subarray(124, 136), "size");
  const flag = block[156] ?? 0;
  const type = flag === 0 ? "0" : String.fromCharCode(flag);
  let name = readText(block.subarray(0, 100));
  // With GNU's own magic there are other fields in place of the prefix.
  const isPosix = MAGIC.every((byte, i) => block[257 + i] === byte);
  const prefix = isPosix ? readText(block.subarray(345, 500)) : "";
  if (prefix !== "") name = `${prefix}/${name}`;
  return { name, size, type };
}

/** Reads text in UTF-8, up to the first NUL. */
export function readText(field: Uint8Array): string {
  const end = field.indexOf(0);
  try {
    return UTF8.decode(end < 0 ? field : field.subarray(0, end));
  } catch {
    throw new TarHeaderProblem("has a name that is not UTF-8");
  }
}

/**
 * Reads the records of a PAX header: `"<length> <key>=<value>\n"`, the length that of the whole record in bytes.
 *
 * @throws {TarHeaderProblem} When they are invalid.
 */
export function readPaxRecords(bytes: Uint8Array): Map<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < bytes.length;) {
    const space = bytes.subarray(at, at + 20).indexOf(SPACE);
    const digits = String.fromCharCode(...bytes.subarray(at, at + Math.max(space, 0)));
    const end = at + Number(digits);
    const equals = bytes.indexOf(EQUALS, at + space);
    const isRecord = /^\d+$/.test(digits) && end <= bytes.length && bytes[end - 1] === NEWLINE &&
      equals > at + space && equals < end;
    if (!isRecord) throw new TarHeaderProblem("has PAX records that cannot be read");
    try {
      const key = UTF8.decode(bytes.subarray(at + space + 1, equals));
      records.set(key, UTF8.decode(bytes.subarray(equals + 1, end - 1)));
    } catch {
      throw new TarHeaderProblem("has PAX records that are not UTF-8");
    }
    at = end;
  }
  return records;
}

/** Reads a size in a PAX record, which is decimal digits. */
export function readPaxSize(text: string): number {
  if (/^\d{1,16}$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  throw new TarHeaderProblem(
    `has a size that cannot be read: ${JSON.stringify(text.slice(0, 40))}`,
  );
}

function checkSum(block: Uint8Array): void {
  let unsigned = 0;
  let signed = 0;
  for (let i = 0; i < BLOCK_SIZE; i++) {
    const byte = i >= 148 && i < 156 ? SPACE : block[i]!;
    unsigned += byte;
    signed += byte << 24 >> 24;
  }
  const sum = parseOctal(block.subarray(148, 156));
  // Some old writers added up signed bytes.
  if (sum !== unsigned && sum !== signed) throw new TarHeaderProblem("has a wrong checksum");
}

function readNumber(field: Uint8Array, name: string): number {
  if (field[0]! & 0x80) return readBase256(field, name);
  const value = parseOctal(field);
  if (value === undefined) throw new TarHeaderProblem(`has a ${name} that cannot be read`);
  return value;
}

/** Reads a number too large for octal digits, as GNU writes it: 95 bits in two's complement, big-endian. */
function readBase256(field: Uint8Array, name: string): number {
  if (field[0] === 0xff) throw new TarHeaderProblem(`has a negative ${name}`);
  let value = field[0]! & 0x7f;
  for (const byte of field.subarray(1)) value = 256 * value + byte;
  if (!Number.isSafeInteger(value)) throw new TarHeaderProblem(`has a ${name} that is too large`);
  return value;
}

function parseOctal(field: Uint8Array): number | undefined {
  const [, digits] = /^ *([0-7]*)[ \0]*(?:\0[^]*)?$/.exec(String.fromCharCode(...field)) ?? [];
  return digits === undefined ? undefined : digits === "" ? 0 : parseInt(digits, 8);
}

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
/** `ustar` and a NUL. */
const MAGIC = [0x75, 0x73, 0x74, 0x61, 0x72, 0];
const SPACE = 0x20;
const EQUALS = 0x3d;
const NEWLINE = 0x0a;
