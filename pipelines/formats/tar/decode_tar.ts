/**
 * Tar archives decoded file by file.
 *
 * @module
 */

import { ByteReader } from "../../_bytes/byte_reader.ts";
import { checkInteger } from "../../_arguments/check_integer.ts";
import { pluralize } from "../../_arguments/text.ts";
import { type Extension, readPaxRecords } from "./_pax_records.ts";
import {
  BLOCK_SIZE,
  NO_CONTENT,
  readField,
  readTarHeader,
  TarHeaderProblem,
} from "./_tar_header.ts";
import { decodeName, findNameProblem, quoteName } from "./_tar_name.ts";
import type { Stage } from "../../stage/stage.ts";
import type { TarEntry } from "./tar_entry.ts";
import { TarError, type TarWarning } from "./tar_error.ts";
import { type StageInput, stageOf } from "../../stage/stage_of.ts";

export { TarError, type TarProgress, type TarWarning } from "./tar_error.ts";
export type { TarEntry } from "./tar_entry.ts";

/** Options of {@linkcode decodeTar}. */
export interface DecodeTarOptions {
  /**
   * The most bytes that a file may have. A larger one is refused, so that a broken archive cannot ask for all of the
   * memory.
   *
   * @default {2147483647}
   */
  readonly maxEntrySize?: number;
  /**
   * Whether to read on behind the end of an archive, as `tar --ignore-zeros` does: for archives one behind the other, as
   * `cat a.tar b.tar` makes them.
   *
   * @default {false}
   */
  readonly ignoreZeros?: boolean;
  /**
   * Called where an archive can be read, though something may be missing: its end isn't marked, data follows behind the end,
   * or the rest of a file from another volume is left out. What it throws fails the stream.
   *
   * @default {({ source, reason }) => console.warn(`Warning: in the tar stream ${source}, ${reason}`)}
   */
  readonly onWarning?: (warning: TarWarning) => void;
  /** The name of the stream, for errors and warnings: a path or an address. */
  readonly source?: string | undefined;
}

/**
 * Decodes a tar archive from its bytes, which come in chunks of any size. Gives its files in the archive's order, each
 * with memory of its own. Holds one chunk and one file.
 *
 * Reads POSIX ustar and PAX (`path`, `size`), GNU's long names and base-256 sizes, and the formats before them. Members of
 * an unknown type are files, as POSIX has it. Directories, links and devices are left out; nothing is ever written or
 * followed. A name that isn't UTF-8 comes with its bytes, so that a stage behind can decode it or fail.
 *
 * An archive ends at its first block of zeros, as for GNU tar, bsdtar and Python, or where the stream does, with a warning
 * then. The stream is read to its end, so a compressed stream's own checksum is tested, too. For compressed archives, put
 * {@linkcode gunzip} before it.
 *
 * @example Usage
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { collect, decodeTar, encodeTar, type TarEntry } from "@rill/rill/pipelines";
 *
 * const file: TarEntry = { name: "0001.cls", bytes: new TextEncoder().encode("9") };
 * const entries = pipe(ReadableStream.from([file]), encodeTar(), decodeTar());
 * assertEquals(await collect(entries), [{ ...file, index: 0 }]);
 * ```
 *
 * @example Warnings are errors
 * ```ts
 * import { assertRejects } from "@std/assert";
 * import { decodeTar, drain, encodeTar, take, TarError } from "@rill/rill/pipelines";
 *
 * const files = ReadableStream.from([{ name: "0001.cls", bytes: new TextEncoder().encode("9") }]);
 * const withoutEnd = take(1)(encodeTar()(files));
 * const strict = decodeTar({
 *   onWarning: (warning) => {
 *     throw new TarError(warning.reason, warning);
 *   },
 * });
 * await assertRejects(() => drain(strict(withoutEnd)), TarError, "the stream ended after 1024 bytes");
 * ```
 *
 * @param options The limits, what to do behind the end, and the stream's name.
 * @returns The stage. It fails with a {@linkcode TarError} at a header whose checksum is wrong, a file's name that leads
 * out of the archive (absolute, with `..`, with a drive letter), a file that is sparse or too large, and an archive that
 * is empty or cut short within a member.
 * @throws {RangeError} When `maxEntrySize` is not an integer from 1 to 2147483647.
 */
export function decodeTar(
  {
    maxEntrySize = MAX_ENTRY_SIZE,
    ignoreZeros = false,
    onWarning = printWarning,
    source,
  }: DecodeTarOptions = {},
): Stage<Uint8Array, TarEntry> {
  checkInteger(`decode tar entries of up to ${maxEntrySize} bytes`, "maximum", maxEntrySize, {
    min: 1,
    max: MAX_ENTRY_SIZE,
  });
  const options = { maxEntrySize, ignoreZeros, onWarning, source };
  return stageOf({ name: "decode", begin: ({ input }) => decodeEntries(input, options) });
}

function printWarning({ source, reason }: TarWarning): void {
  const stream = source === undefined ? "a tar stream" : `the tar stream ${source}`;
  console.warn(`Warning: in ${stream}, ${reason}`);
}

const MAX_ENTRY_SIZE = 2 ** 31 - 1;

/** The most bytes of a name in a header of its own. */
const MAX_NAME_SIZE = 2 ** 20;

/** The type flags of headers that extend the next one: PAX, as Sun wrote it first, too, and GNU's long names. */
const EXTENSIONS = "LKxgX";

/** The type flags of what has content and is no file: access lists, directories, parts of files, labels. */
const OTHERS = "ADMV";

async function* decodeEntries(
  source: StageInput<Uint8Array>,
  { maxEntrySize, ignoreZeros, onWarning, source: name }:
    & Required<Omit<DecodeTarOptions, "source">>
    & Pick<DecodeTarOptions, "source">,
): AsyncGenerator<TarEntry, void, undefined> {
  const reader = new ByteReader(source);
  let entries = 0;
  /** The position of the current header. */
  let start = 0;
  const makeProgress = (entry?: string, position = start) => (
    { position, entries, source: name, entry }
  );
  const makeError = (reason: string, entry?: string, position?: number): TarError =>
    new TarError(reason, makeProgress(entry, position));
  const warn = (reason: string, entry?: string) => onWarning({ reason, ...makeProgress(entry) });
  const describeEnd = () => `the stream ended after ${pluralize(reader.position, "byte")}`;
  const makeEndError = (what: string, entry?: string) =>
    makeError(`${what} is not complete: ${describeEnd()}`, entry, reader.position);
  const read = async (length: number, what: string, entry?: string) => {
    const bytes = await reader.read(length);
    if (bytes.length < length) throw makeEndError(what, entry);
    return bytes;
  };
  const skip = async (length: number, what: string, entry?: string) => {
    if (await reader.skip(length) < length) throw makeEndError(what, entry);
  };
  const explain = (error: unknown): unknown =>
    error instanceof TarHeaderProblem
      ? makeError(`the header at byte ${start} ${error.message}`)
      : error;

  const readExtension = async (type: string, size: number): Promise<Extension> => {
    const what = `the header at byte ${start}`;
    let extension: Extension = {};
    if (type === "L") {
      if (size > MAX_NAME_SIZE) {
        throw makeError(`${what} is extended by ${size} bytes: there may be ${MAX_NAME_SIZE}`);
      }
      extension = { name: readField(await read(size, what)) };
    } else if (type === "K") {
      // The targets of links do not matter.
      await skip(size, what);
    } else {
      const input = {
        read: (length: number) => read(length, what),
        skip: (length: number) => skip(length, what),
      };
      extension = await readPaxRecords(input, size);
    }
    await skip(getPadding(size), what);
    return extension;
  };

  let shared: Extension = {};
  let own: Extension | undefined;
  let index = 0;
  let isEnded = false;
  while (true) {
    start = reader.position;
    const block = await reader.read(BLOCK_SIZE);
    const isZero = isAllZero(block);
    if (own && isZero) throw makeError(`the header before byte ${start} extends no member`);
    if (block.length < BLOCK_SIZE) {
      if (start === 0) throw makeEndError("the first header");
      if (!isZero) throw makeEndError(`the header at byte ${start}`);
      if (!isEnded) warn(`the end is not marked: ${describeEnd()}, and may have been cut short`);
      return;
    }
    if (isZero) {
      if (!ignoreZeros) break;
      // Another archive may begin.
      isEnded = true;
      shared = {};
      index = 0;
      continue;
    }
    isEnded = false;

    let header;
    try {
      header = readTarHeader(block);
      if (EXTENSIONS.includes(header.type)) {
        const extension = await readExtension(header.type, header.size);
        if (header.type === "g") shared = { ...shared, ...extension };
        else own = { ...own, ...extension };
        continue;
      }
    } catch (error) {
      throw explain(error);
    }
    const { type } = header;
    const extension = { ...shared, ...own };
    own = undefined;
    const { name: entry, nameBytes } = decodeName(extension.name ?? header.name);
    const quoted = quoteName(entry);
    const what = `the content of ${quoted}`;
    if (NO_CONTENT.includes(type)) continue;
    const size = extension.size ?? header.size;
    if (OTHERS.includes(type) || entry.endsWith("/")) {
      if (type === "M") warn(`${quoted} is left out: it is the rest of a file from another volume`);
      await skip(size + getPadding(size), what, entry);
      continue;
    }
    const problem = findNameProblem(entry);
    if (problem) throw makeError(`the name ${quoted} at byte ${start} ${problem}`, entry);
    if (type === "S" || extension.sparse) {
      throw makeError(`the file ${quoted} is sparse, in GNU's format`, entry);
    }
    if (size > maxEntrySize) {
      const most = pluralize(maxEntrySize, "byte");
      throw makeError(`the file ${quoted} has ${size} bytes: a file may have ${most}`, entry);
    }
    const bytes = await read(size, what, entry);
    entries++;
    yield { name: entry, ...(nameBytes && { nameBytes }), bytes, index: index++ };
    await skip(getPadding(size), what, entry);
  }

  let warned = false;
  for (let chunk; (chunk = await reader.readChunk());) {
    if (warned || isAllZero(chunk)) continue;
    warned = true;
    warn(`the end is at byte ${start}, and data follows behind it`);
  }
}

const getPadding = (size: number): number => -size & (BLOCK_SIZE - 1);

const isAllZero = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);
