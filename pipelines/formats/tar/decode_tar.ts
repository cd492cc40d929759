/**
 * Tar archives decoded file by file.
 *
 * @module
 */

import { ByteReader } from "../../_bytes/byte_reader.ts";
import { checkInteger } from "../../_arguments/check_integer.ts";
import { pluralize } from "../../_arguments/text.ts";
import {
  BLOCK_SIZE,
  readPaxRecords,
  readPaxSize,
  readTarHeader,
  readText,
  TarHeaderProblem,
} from "./_tar_header.ts";
import { findNameProblem, quoteName } from "./_tar_name.ts";
import type { Stage } from "../../stage/stage.ts";
import type { TarEntry } from "./tar_entry.ts";
import { TarError } from "./tar_error.ts";
import { type StageInput, stageOf } from "../../stage/stage_of.ts";

export { TarError, type TarProgress } from "./tar_error.ts";
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
  /** The name of the stream, for errors: a path or an address. */
  readonly source?: string | undefined;
}

/**
 * Decodes a tar archive from its bytes, which come in chunks of any size. Gives its files in the archive's order, each
 * with memory of its own. Holds one chunk and one file.
 *
 * Reads POSIX ustar and PAX (`path`, `size`), GNU's long names and base-256 sizes, and the formats before them.
 * Directories, links and devices are left out; nothing is ever written or followed. The archive is read to the stream's
 * end, so a compressed stream's own checksum is tested, too. For compressed archives, put {@linkcode gunzip} before it.
 *
 * @example Usage
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { collect, decodeTar, encodeTar, type TarEntry } from "@rill/rill/pipelines";
 *
 * const files: TarEntry[] = [{ name: "0001.cls", bytes: new TextEncoder().encode("9") }];
 * const entries = pipe(ReadableStream.from(files), encodeTar(), decodeTar());
 * assertEquals(await collect(entries), files);
 * ```
 *
 * @param options The limits, and the stream's name.
 * @returns The stage. It fails with a {@linkcode TarError} at a header whose checksum is wrong, a name that leads out
 * of the archive (absolute, with `..`, with a drive letter), a file that is sparse or too large, and an archive that is
 * cut short or goes on after its end.
 * @throws {RangeError} When `maxEntrySize` is not an integer from 1 to 2147483647.
 */
export function decodeTar(
  { maxEntrySize = MAX_ENTRY_SIZE, source: name }: DecodeTarOptions = {},
): Stage<Uint8Array, TarEntry> {
  checkInteger(`decode tar entries of up to ${maxEntrySize} bytes`, "maximum", maxEntrySize, {
    min: 1,
    max: MAX_ENTRY_SIZE,
  });
  return stageOf({
    name: "decode",
    begin: ({ input }) => decodeEntries(input, maxEntrySize, name),
  });
}

const MAX_ENTRY_SIZE = 2 ** 31 - 1;

/** The most bytes of a header's extension: names and PAX records. */
const MAX_EXTENSION_SIZE = 2 ** 20;

/** The type flags of files; `7` is a file that some systems would lay out in one piece. */
const FILE_TYPES = "07";

/** The facts about a member in the headers before its own. */
interface Extension {
  readonly name?: string;
  readonly size?: number;
}

async function* decodeEntries(
  source: StageInput<Uint8Array>,
  maxEntrySize: number,
  name: string | undefined,
): AsyncGenerator<TarEntry, void, undefined> {
  const reader = new ByteReader(source);
  let entries = 0;
  /** The position of the current header. */
  let start = 0;
  const makeError = (reason: string, entry?: string, position = start): TarError =>
    new TarError(reason, { position, entries, source: name, entry });
  const read = async (length: number, what: string, entry?: string) => {
    const bytes = await reader.read(length);
    if (bytes.length === length) return bytes;
    const end = `the stream ended after ${pluralize(reader.position, "byte")}`;
    throw makeError(`${what} is not complete: ${end}`, entry, reader.position);
  };
  const parse = <T>(fn: () => T): T => {
    try {
      return fn();
    } catch (error) {
      if (!(error instanceof TarHeaderProblem)) throw error;
      throw makeError(`the header at byte ${start} ${error.message}`);
    }
  };
  const getPadding = (size: number) => -size & (BLOCK_SIZE - 1);

  let shared: Extension = {};
  let own: Extension = {};
  while (true) {
    start = reader.position;
    const block = await read(BLOCK_SIZE, start === 0 ? "the first header" : "its end");
    if (block.every((byte) => byte === 0)) break;
    const header = parse(() => readTarHeader(block));

    if (isExtension(header.type)) {
      if (header.size > MAX_EXTENSION_SIZE) {
        throw makeError(
          `the header at byte ${start} is extended by ${header.size} bytes: ` +
            `there may be ${MAX_EXTENSION_SIZE}`,
        );
      }
      const bytes = await read(header.size, `the header at byte ${start}`);
      const extension = parse(() => readExtension(header.type, bytes));
      if (header.type === "g") shared = { ...shared, ...extension };
      else own = { ...own, ...extension };
      await read(getPadding(header.size), `the header at byte ${start}`);
      continue;
    }

    const entry = own.name ?? shared.name ?? header.name;
    const size = own.size ?? shared.size ?? header.size;
    own = {};
    const problem = findNameProblem(entry);
    if (problem) throw makeError(`the name ${quoteName(entry)} at byte ${start} ${problem}`, entry);
    if (header.type === "S") {
      throw makeError(`the file ${quoteName(entry)} is sparse, in GNU's format`, entry);
    }
    const what = `the content of ${quoteName(entry)}`;
    if (!FILE_TYPES.includes(header.type) || entry.endsWith("/")) {
      // Links and devices may give a size, but have no content.
      const content = "123456".includes(header.type) ? 0 : size + getPadding(size);
      if (await reader.skip(content) < content) await read(1, what, entry);
      continue;
    }
    if (size > maxEntrySize) {
      const most = pluralize(maxEntrySize, "byte");
      throw makeError(
        `the file ${quoteName(entry)} has ${size} bytes: a file may have ${most}`,
        entry,
      );
    }
    const bytes = await read(size, what, entry);
    entries++;
    yield { name: entry, bytes };
    await read(getPadding(size), what, entry);
  }

  for (let chunk; (chunk = await reader.readChunk());) {
    if (chunk.every((byte) => byte === 0)) continue;
    throw makeError(`its end is at byte ${start}: the stream goes on with data`);
  }
}

const isExtension = (type: string): boolean => "LKxg".includes(type);

function readExtension(type: string, bytes: Uint8Array): Extension {
  // The targets of links do not matter.
  if (type === "K") return {};
  if (type === "L") return { name: readText(bytes) };
  const records = readPaxRecords(bytes);
  for (const key of records.keys()) {
    if (key.startsWith("GNU.sparse.")) throw new TarHeaderProblem("is that of a sparse file");
  }
  const name = records.get("path");
  const size = records.get("size");
  return {
    ...(name !== undefined && { name }),
    ...(size !== undefined && { size: readPaxSize(size) }),
  };
}
