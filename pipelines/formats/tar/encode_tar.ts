/**
 * Files encoded as a tar archive.
 *
 * @module
 */

import { checkInteger } from "../../_arguments/check_integer.ts";
import { encodeTarEntry, TAR_END } from "./_tar_entry_bytes.ts";
import type { Stage } from "../../stage/stage.ts";
import type { TarEntry } from "./tar_entry.ts";
import { StageError } from "../../stage/stage_error.ts";
import { stageOf } from "../../stage/stage_of.ts";

export { StageError } from "../../stage/stage_error.ts";
export type { TarEntry } from "./tar_entry.ts";

/** Options of {@linkcode encodeTar}. */
export interface EncodeTarOptions {
  /**
   * The time of the files' last change, in seconds since 1970. The same for all, so that the same files give the same
   * archive.
   *
   * @default {0}
   */
  readonly modified?: number;
  /**
   * The files' permissions.
   *
   * @default {0o644}
   */
  readonly mode?: number;
}

/**
 * Encodes files as a tar archive: one chunk for each, and one for the archive's end. Holds one file.
 *
 * The archive is POSIX ustar; a name that it cannot hold (over 255 bytes, or not ASCII) goes into a PAX header.
 * GNU tar, bsdtar, Python and {@linkcode decodeTar} read it.
 *
 * @example Usage
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { collect, encodeTar, type TarEntry } from "@rill/rill/pipelines";
 *
 * const files: TarEntry[] = [{ name: "0001.cls", bytes: new TextEncoder().encode("9") }];
 * const chunks = await collect(pipe(ReadableStream.from(files), encodeTar()));
 * assertEquals(chunks.map(({ length }) => length), [1024, 1024]);
 * ```
 *
 * @param options The time and the permissions of the files.
 * @returns The stage. A name that {@linkcode decodeTar} would refuse fails the stream with a {@linkcode StageError}.
 * @throws {RangeError} When `modified` or `mode` is not an integer that fits its field.
 */
export function encodeTar(
  { modified = 0, mode = 0o644 }: EncodeTarOptions = {},
): Stage<TarEntry, Uint8Array<ArrayBuffer>> {
  checkInteger(`encode tar entries of time ${modified}`, "time", modified, { max: 8 ** 11 - 1 });
  checkInteger(`encode tar entries of mode ${mode}`, "mode", mode, { max: 0o7777 });
  return stageOf({
    name: "encode",
    begin: ({ input }) => encodeEntries(input, modified, mode),
  });
}

async function* encodeEntries(
  entries: AsyncIterable<TarEntry>,
  modified: number,
  mode: number,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  let index = 0;
  for await (const entry of entries) {
    let bytes: Uint8Array<ArrayBuffer>;
    try {
      bytes = encodeTarEntry(entry, modified, mode);
    } catch (cause) {
      throw new StageError("encode", index, cause);
    }
    index++;
    yield bytes;
  }
  yield TAR_END.slice();
}
