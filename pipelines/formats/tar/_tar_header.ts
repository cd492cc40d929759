/** The size of a block; headers and padded contents are made of blocks. */
export const BLOCK_SIZE = 512;

/** The content of a header block. */
export interface TarHeader {
  /** The bytes of the name, which an extension may replace. */
  readonly name: Uint8Array<ArrayBuffer>;
  /** How many bytes of content follow. */
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
  const flag = block[156] ?? 0;
  const type = flag === 0 ? "0" : String.fromCharCode(flag);
  const size = NO_CONTENT.includes(type) ? 0 : readNumber(block.subarray(124, 136), "size");
  const name = readField(block.subarray(0, 100));
  // With GNU's own magic there are other fields in place of the prefix.
  const isPosix = MAGIC.every((byte, i) => block[257 + i] === byte);
  const prefix = isPosix ? readField(block.subarray(345, 500)) : name.subarray(0, 0);
  return { name: prefix.length > 0 ? joinPath(prefix, name) : name, size, type };
}

/** The type flags of links, devices, directories and pipes, which may give a size, but have no content. */
export const NO_CONTENT = "123456";

/** Copies the bytes of a field up to the first NUL. */
export function readField(field: Uint8Array): Uint8Array<ArrayBuffer> {
  const end = field.indexOf(0);
  return new Uint8Array(end < 0 ? field : field.subarray(0, end));
}

function joinPath(prefix: Uint8Array, name: Uint8Array): Uint8Array<ArrayBuffer> {
  const path = new Uint8Array(prefix.length + 1 + name.length);
  path.set(prefix);
  path[prefix.length] = SLASH;
  path.set(name, prefix.length + 1);
  return path;
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

/** `ustar` and a NUL. */
const MAGIC = [0x75, 0x73, 0x74, 0x61, 0x72, 0];
const SPACE = 0x20;
const SLASH = 0x2f;
