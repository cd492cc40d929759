import { BLOCK_SIZE } from "./_tar_header.ts";
import { encodeName, findNameProblem, isUtf8, quoteName } from "./_tar_name.ts";
import type { TarEntry } from "./tar_entry.ts";

/** The end of an archive: two blocks of zeros. */
export const TAR_END: Uint8Array<ArrayBuffer> = new Uint8Array(2 * BLOCK_SIZE);

/**
 * Encodes a file of an archive: a PAX header where one is needed, its header, its content, and zeros up to the next
 * block.
 *
 * @throws {RangeError} When the name is unsafe or useless as a path.
 */
export function encodeTarEntry(
  entry: TarEntry,
  modified: number,
  mode: number,
): Uint8Array<ArrayBuffer> {
  const { name, bytes } = entry;
  const problem = findNameProblem(name) ?? (name.endsWith("/") ? "ends with a slash" : undefined);
  if (problem) throw new RangeError(`the name ${quoteName(name)} ${problem}`);
  const encoded = encodeName(entry);
  const parts = splitName(encoded);
  const records = parts ? new Uint8Array() : encodePaxPath(encoded);
  const extension = parts ? 0 : BLOCK_SIZE + pad(records.length);
  const output = new Uint8Array(extension + BLOCK_SIZE + pad(bytes.length));
  if (!parts) {
    const header = output.subarray(0, BLOCK_SIZE);
    writeHeader(header, [UTF8.encode("@PaxHeader"), NONE], records.length, "x", modified, mode);
    output.set(records, BLOCK_SIZE);
  }
  const short: NameParts = parts ?? [cutName(encoded), NONE];
  const header = output.subarray(extension, extension + BLOCK_SIZE);
  writeHeader(header, short, bytes.length, "0", modified, mode);
  output.set(bytes, extension + BLOCK_SIZE);
  return output;
}

/** Calculates the size of a file in an archive, in bytes. */
export function measureTarEntry(entry: TarEntry): number {
  const encoded = encodeName(entry);
  const extension = splitName(encoded) ? 0 : BLOCK_SIZE + pad(encodePaxPath(encoded).length);
  return extension + BLOCK_SIZE + pad(entry.bytes.length);
}

/** The last part of a name and the parts before it, without the slash between them. */
type NameParts = readonly [name: Uint8Array, prefix: Uint8Array];

/** Splits a name so that a ustar header can hold it, if that is possible. PAX has UTF-8 that isn't ASCII. */
function splitName(name: Uint8Array): NameParts | undefined {
  if (!name.every((byte) => byte < 0x80) && isUtf8(name)) return undefined;
  if (name.length <= NAME_SIZE) return [name, NONE];
  const slash = name.lastIndexOf(SLASH, PREFIX_SIZE);
  const isSplit = slash > 0 && name.length - slash - 1 <= NAME_SIZE;
  return isSplit ? [name.subarray(slash + 1), name.subarray(0, slash)] : undefined;
}

/** Cuts off as much of a name as there is no room for, at a whole character, for readers that do not know PAX. */
function cutName(name: Uint8Array): Uint8Array {
  let end = Math.min(name.length, NAME_SIZE);
  if (end < name.length) { while (end > 0 && (name[end]! & 0xc0) === 0x80) end--; }
  return name.subarray(0, end);
}

function writeHeader(
  block: Uint8Array,
  [name, prefix]: NameParts,
  size: number,
  type: string,
  modified: number,
  mode: number,
): void {
  const write = (at: number, text: string) => block.set(UTF8.encode(text), at);
  const formatOctal = (value: number, digits: number) => value.toString(8).padStart(digits, "0");
  block.set(name);
  write(100, formatOctal(mode, 7));
  write(108, formatOctal(0, 7)); // The owner is root.
  write(116, formatOctal(0, 7));
  write(124, formatOctal(size, 11));
  write(136, formatOctal(modified, 11));
  write(148, " ".repeat(8));
  write(156, type);
  write(257, "ustar\0" + "00");
  block.set(prefix, 345);
  const sum = block.reduce((sum, byte) => sum + byte, 0);
  write(148, `${formatOctal(sum, 6)}\0 `);
}

/** Encodes the record of a name, and what says that it isn't UTF-8, as bsdtar does. */
function encodePaxPath(name: Uint8Array): Uint8Array {
  const path = encodePaxRecord("path", name);
  if (isUtf8(name)) return path;
  const charset = encodePaxRecord("hdrcharset", UTF8.encode("BINARY"));
  const records = new Uint8Array(charset.length + path.length);
  records.set(charset);
  records.set(path, charset.length);
  return records;
}

/** Encodes a PAX record, whose length includes its own digits. */
function encodePaxRecord(key: string, value: Uint8Array): Uint8Array {
  const rest = key.length + value.length + 3;
  let length = rest + 1;
  while (length !== rest + `${length}`.length) length = rest + `${length}`.length;
  const record = new Uint8Array(length);
  record.set(UTF8.encode(`${length} ${key}=`));
  record.set(value, length - value.length - 1);
  record[length - 1] = 0x0a;
  return record;
}

/** Rounds a size up to whole blocks. */
const pad = (size: number): number => Math.ceil(size / BLOCK_SIZE) * BLOCK_SIZE;

const UTF8 = new TextEncoder();
const NONE = new Uint8Array();
const NAME_SIZE = 100;
const PREFIX_SIZE = 155;
const SLASH = 0x2f;
