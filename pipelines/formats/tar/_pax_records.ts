import { TarHeaderProblem } from "./_tar_header.ts";

/** The facts about a member that the headers before its own may have. */
export interface Extension {
  /** The name's bytes. */
  readonly name?: Uint8Array<ArrayBuffer>;
  readonly size?: number;
  /** Whether the content is that of a sparse file, in one of GNU's ways. */
  readonly sparse?: boolean;
}

/** Reads exactly so many bytes of a header's extension, or skips them. */
export interface ExtensionInput {
  read(length: number): Promise<Uint8Array<ArrayBuffer>>;
  skip(length: number): Promise<void>;
}

/**
 * Reads the records of a PAX header: `"<length> <key>=<value>\n"`, the length that of the whole record in bytes. Holds
 * those that matter here. Others may be of any size and need not be text, as extended attributes are not. Zeros may
 * follow the last one.
 *
 * @param size The size of all records.
 * @throws {TarHeaderProblem} When they are invalid.
 */
export async function readPaxRecords(input: ExtensionInput, size: number): Promise<Extension> {
  /** The bytes that were read and not dropped, and how many were not read. */
  let bytes = new Uint8Array();
  let left = size;
  const fill = async (length: number) => {
    const more = Math.min(left, length - bytes.length);
    if (more <= 0) return;
    const joined = new Uint8Array(bytes.length + more);
    joined.set(bytes);
    joined.set(await input.read(more), bytes.length);
    bytes = joined;
    left -= more;
  };
  const drop = async (length: number) => {
    const held = Math.min(length, bytes.length);
    bytes = bytes.subarray(held);
    await input.skip(length - held);
    left -= length - held;
  };

  let extension: Extension = {};
  while (bytes.length + left > 0) {
    let head = readRecordHead(bytes);
    if (!head) {
      await fill(WINDOW_SIZE);
      head = readRecordHead(bytes);
    }
    if (!head && bytes[0] === 0) {
      // Some writers count the padding as a part of the records.
      while (bytes.every((byte) => byte === 0) && bytes.length + left > 0) {
        await drop(bytes.length);
        await fill(WINDOW_SIZE);
      }
      if (bytes.length === 0) break;
    }
    if (!head || head.length > bytes.length + left) throw new TarHeaderProblem(INVALID);
    const { key, start, length } = head;
    if (key.startsWith("GNU.sparse.")) extension = { ...extension, sparse: true };
    if (key === "path" || key === "size") {
      if (length > MAX_RECORD_SIZE) {
        const most = `there may be ${MAX_RECORD_SIZE}`;
        throw new TarHeaderProblem(`has a PAX record ${key} of ${length} bytes: ${most}`);
      }
      await fill(length);
      const value = bytes.slice(start, length - 1);
      extension = { ...extension, ...key === "path" ? { name: value } : { size: readSize(value) } };
    }
    await drop(length - 1);
    await fill(1);
    if (bytes[0] !== NEWLINE) throw new TarHeaderProblem(INVALID);
    await drop(1);
  }
  return extension;
}

/** Reads a record up to its value, where all of that is there. */
function readRecordHead(
  bytes: Uint8Array,
): { readonly key: string; readonly start: number; readonly length: number } | undefined {
  const space = bytes.subarray(0, MAX_DIGITS + 1).indexOf(SPACE);
  const equals = bytes.indexOf(EQUALS, space);
  if (space < 0 || equals < 0) return undefined;
  const digits = String.fromCharCode(...bytes.subarray(0, space));
  const length = Number(digits);
  const start = equals + 1;
  if (!/^\d+$/.test(digits) || equals === space + 1 || length <= start) return undefined;
  return { key: KEY.decode(bytes.subarray(space + 1, equals)), start, length };
}

/** Reads a size, which is decimal digits. */
function readSize(value: Uint8Array): number {
  const text = String.fromCharCode(...value.subarray(0, 40));
  if (/^\d{1,16}$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  throw new TarHeaderProblem(`has a size that cannot be read: ${JSON.stringify(text)}`);
}

/** The most bytes of a record that is held. */
const MAX_RECORD_SIZE = 2 ** 20;
/** As many bytes are read at a time, which is more than most headers have. */
const WINDOW_SIZE = 2 ** 16;
const MAX_DIGITS = 20;
const INVALID = "has PAX records that cannot be read";
/** The keys in use are ASCII. */
const KEY = new TextDecoder("latin1");
const SPACE = 0x20;
const EQUALS = 0x3d;
const NEWLINE = 0x0a;
