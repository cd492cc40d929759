/**
 * Samples of WebDataset's layout, grouped from the files of archives.
 *
 * @module
 */

import { checkInteger } from "../../_arguments/check_integer.ts";
import type { Stage } from "../../stage/stage.ts";
import { StageError } from "../../stage/stage_error.ts";
import { decodeName, isReserved, quoteName } from "./_tar_name.ts";
import type { TarEntry } from "./tar_entry.ts";
import { stageOf } from "../../stage/stage_of.ts";

export { StageError } from "../../stage/stage_error.ts";

/** Options of {@linkcode webDataset}. */
export interface WebDatasetOptions {
  /**
   * The most bytes that a sample may have. A larger one is refused, so that a broken archive cannot ask for all of the
   * memory.
   *
   * @default {2147483647}
   */
  readonly maxSampleSize?: number;
}

/**
 * Groups the files of an archive in samples, in the layout of the WebDataset library: files that follow each other and
 * share their path up to the first dot of its last part are one sample. `a/1.left.jpg` and `a/1.cls` are the fields
 * `left.jpg` and `cls` of the sample `a/1`. Holds one sample and the first file of the next.
 *
 * As in WebDataset, files without an extension are left out, and so are those that are in a folder like `__this__`, or
 * whose whole name is like it; a field that comes twice is an error; and a sample ends with its archive: of two archives,
 * one behind the other, each has samples of its own, also where their names are the same. Entries say by their `index`
 * where an archive begins; those without one are all of one archive.
 *
 * Unlike there, hidden files are left out, where WebDataset makes a sample with the key `d/` of `d/.DS_Store`; and names
 * whose bytes aren't UTF-8 are told apart by the bytes.
 *
 * @example Usage
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { collect, type TarEntry, webDataset } from "@rill/rill/pipelines";
 *
 * // More often: pipe(await openShard(), gunzip(), decodeTar(), webDataset()).
 * const files = ["1.jpg", "1.cls", "2.jpg"].map((name): TarEntry => ({
 *   name,
 *   bytes: new Uint8Array(),
 * }));
 * const samples = await collect(pipe(ReadableStream.from(files), webDataset()));
 * assertEquals(samples.map(({ key, fields }) => [key, Object.keys(fields)]), [
 *   ["1", ["jpg", "cls"]],
 *   ["2", ["jpg"]],
 * ]);
 * ```
 *
 * @param options The limits.
 * @returns The stage. A field that comes twice and a sample that is too large fail the stream with a
 * {@linkcode StageError}, whose position is that of the file.
 * @throws {RangeError} When `maxSampleSize` is not an integer of at least 1.
 */
export function webDataset(
  { maxSampleSize = 2 ** 31 - 1 }: WebDatasetOptions = {},
): Stage<TarEntry, WebDatasetSample> {
  checkInteger(`group samples of up to ${maxSampleSize} bytes`, "maximum", maxSampleSize, {
    min: 1,
  });
  return stageOf({ name: "group", begin: ({ input }) => groupEntries(input, maxSampleSize) });
}

async function* groupEntries(
  source: AsyncIterable<TarEntry>,
  maxSampleSize: number,
): AsyncGenerator<WebDatasetSample, void, undefined> {
  /** The key, as bytes in a string where it isn't UTF-8, and as it is given. */
  let stem: string | undefined;
  let key: SampleKey = { key: "" };
  let fields = new Map<string, Uint8Array<ArrayBuffer>>();
  let size = 0;
  let position = -1;
  let lastIndex = -1;
  const makeSample = (): WebDatasetSample => ({ ...key, fields: Object.fromEntries(fields) });
  const makeError = (reason: string) =>
    new StageError(
      "group",
      position,
      new Error(`the sample ${quoteName(key.key)} ${reason}`),
    );
  for await (const { name, nameBytes, bytes, index } of source) {
    position++;
    const isOtherArchive = index !== undefined && index <= lastIndex;
    if (index !== undefined) lastIndex = index;
    if (isOtherArchive && stem !== undefined) {
      yield makeSample();
      stem = undefined;
    }
    if (isReserved(name)) continue;
    const raw = nameBytes ? formatBytes(nameBytes) : name;
    const [, base, rest] = /^((?:.*\/)?[^./][^./]*)\.([^/]*)$/s.exec(raw) ?? [];
    if (base === undefined || rest === undefined) continue;
    if (base !== stem) {
      if (stem !== undefined) yield makeSample();
      stem = base;
      key = nameBytes ? decodeKey(base) : { key: base };
      fields = new Map();
      size = 0;
    }
    const extension = (nameBytes ? decodeKey(rest).key : rest).toLowerCase();
    if (fields.has(extension)) throw makeError(`has two fields ${quoteName(extension)}`);
    // Many empty files need memory, too.
    size += bytes.length + FIELD_SIZE;
    if (size > maxSampleSize) throw makeError(`has more than ${maxSampleSize} bytes`);
    fields.set(extension, bytes);
  }
  if (stem !== undefined) yield makeSample();
}

type SampleKey = Pick<WebDatasetSample, "key" | "keyBytes">;

/** Makes a string of bytes, each a character. */
const formatBytes = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");

function decodeKey(bytes: string): SampleKey {
  const { name, nameBytes } = decodeName(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)));
  return { key: name, ...(nameBytes && { keyBytes: nameBytes }) };
}

/** The bytes that a field counts in addition to its content. */
const FIELD_SIZE = 512;

/**
 * A sample of a WebDataset: the files of one name, told apart by their extensions.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import type { WebDatasetSample } from "@rill/rill/pipelines";
 *
 * const sample: WebDatasetSample = {
 *   key: "boots/0001",
 *   fields: { "cls": new TextEncoder().encode("9"), "json": new TextEncoder().encode("{}") },
 * };
 * assertEquals(Number(new TextDecoder().decode(sample.fields.cls)), 9);
 * ```
 */
export interface WebDatasetSample {
  /** The path of the files up to the first dot of their last part. */
  readonly key: string;
  /** The bytes of the key, where they aren't UTF-8: `key` has U+FFFD in place of what can't be read then. */
  readonly keyBytes?: Uint8Array<ArrayBuffer>;
  /** The content of each file by its extension, which is all that follows that dot, in lower case. */
  readonly fields: Readonly<Record<string, Uint8Array<ArrayBuffer>>>;
}
