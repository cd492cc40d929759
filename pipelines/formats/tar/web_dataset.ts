/**
 * Samples of WebDataset's layout, grouped from the files of archives.
 *
 * @module
 */

import { checkInteger } from "../../_arguments/check_integer.ts";
import type { Stage } from "../../stage/stage.ts";
import { StageError } from "../../stage/stage_error.ts";
import { quoteName } from "./_tar_name.ts";
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
 * As in WebDataset, files without an extension, hidden ones, and those whose whole name is like `__this__` are left
 * out.
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
  let key: string | undefined;
  let fields = new Map<string, Uint8Array<ArrayBuffer>>();
  let size = 0;
  let position = -1;
  const makeError = (reason: string) => new StageError("group", position, new Error(reason));
  for await (const { name, bytes } of source) {
    position++;
    const [, stem, rest] = /^((?:.*\/)?[^./][^./]*)\.([^/]*)$/s.exec(name) ?? [];
    if (stem === undefined || rest === undefined || /^__.*__$/s.test(name)) continue;
    const extension = rest.toLowerCase();
    if (stem !== key) {
      if (key !== undefined) yield { key, fields: Object.fromEntries(fields) };
      key = stem;
      fields = new Map();
      size = 0;
    }
    if (fields.has(extension)) {
      throw makeError(`the sample ${quoteName(key)} has two fields ${quoteName(extension)}`);
    }
    // Many empty files need memory, too.
    size += bytes.length + FIELD_SIZE;
    if (size > maxSampleSize) {
      throw makeError(`the sample ${quoteName(key)} has more than ${maxSampleSize} bytes`);
    }
    fields.set(extension, bytes);
  }
  if (key !== undefined) yield { key, fields: Object.fromEntries(fields) };
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
  /** The content of each file by its extension, which is all that follows that dot, in lower case. */
  readonly fields: Readonly<Record<string, Uint8Array<ArrayBuffer>>>;
}
