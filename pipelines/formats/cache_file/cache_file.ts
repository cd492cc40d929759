/**
 * A cache of items in a file, for the runs after the first. Reads and writes files.
 *
 * @module
 */

import { CacheReader, Unusable } from "./_cache_reader.ts";
import { CacheWriter } from "./_cache_writer.ts";
import { pack } from "./_pack.ts";
import { CacheFileError } from "./cache_file_error.ts";
import { StageError } from "../../stage/stage_error.ts";
import { carryRandom, findRandom, settleRandom } from "../../stage/_random.ts";
import { stageOf, type StageRun } from "../../stage/stage_of.ts";

export { CacheFileError } from "./cache_file_error.ts";
export { StageError } from "../../stage/stage_error.ts";

/** Options of {@linkcode cacheFile}. */
export interface CacheFileOptions {
  /**
   * A name for all that the items depend on: the data set, the stages before this one and their options, a version. A
   * file with another key is built anew.
   */
  readonly key: string;
  /** Called with the reason before the file is built: `it does not exist`, `it is cut short`. */
  readonly onBuild?: (reason: string) => void;
}

/**
 * Keeps the items in a file: the first run passes them on and writes them, later ones read them and only close their
 * source. Holds one item, and a buffer.
 *
 * The file can be trusted after a crash. It is written under a temporary name and renamed when it is complete and on
 * the disk; a run that ends before its source does leaves nothing. Each item has a checksum. A file that is cut short,
 * damaged or has another key is built anew; if the damage is found in the middle, the items before it have been given,
 * and as many of the source's are skipped then, so the source must give the same items each time.
 *
 * Items may be made of plain objects, arrays, typed arrays, strings, numbers, booleans, `null` and `undefined`:
 * examples, batches, and most other items of stages. Packed, an item may have up to 2147483647 bytes; a larger one fails the
 * stream. Items that are read are copies with memory of their own.
 *
 * Runs where there are files: in Deno, which needs `--allow-read` and `--allow-write`, and in Node.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { collect } from "@rill/rill/pipelines";
 * import { cacheFile } from "@rill/rill/pipelines/cache-file";
 *
 * const path = await Deno.makeTempFile();
 * let calculated = 0;
 * async function* squares() {
 *   for (let n = 0; n < 3; n++, calculated++) yield n * n;
 * }
 * const cached = cacheFile(path, { key: "squares 1" });
 * assertEquals(await collect(cached(squares())), [0, 1, 4]);
 * assertEquals(await collect(cached(squares())), [0, 1, 4]);
 * assertEquals(calculated, 3);
 * await Deno.remove(path);
 * ```
 *
 * @param path The file, in a directory that exists.
 * @param options The key, and a function to call before building.
 * @returns The stage. An item that cannot be kept, or is too large, fails the stream with a {@linkcode StageError}, and a
 * file that can be neither read nor built with a {@linkcode CacheFileError}.
 * @throws {TypeError} When `path` is empty.
 */
export function cacheFile(
  path: string,
  { key, onBuild = () => {} }: CacheFileOptions,
): <T>(source: AsyncIterable<T>) => AsyncIterable<T> {
  if (path === "") throw new TypeError("Cannot use a cache file without a path");
  return <T>(source: AsyncIterable<T>) => {
    const items = stageOf({
      name: "cacheFile",
      begin: ({ input }: StageRun<T>) => readOrBuild(input, path, key, onBuild),
    })(source);
    const random = findRandom(source);
    return carryRandom(items, random && settleRandom(random));
  };
}

async function* readOrBuild<T>(
  source: AsyncIterable<T>,
  path: string,
  key: string,
  onBuild: (reason: string) => void,
): AsyncGenerator<T, void, undefined> {
  const attempt = async <R>(action: () => Promise<R>): Promise<R> => {
    try {
      return await action();
    } catch (cause) {
      throw cause instanceof Unusable ? cause : new CacheFileError(path, { cause });
    }
  };
  let given = 0;
  let reader: CacheReader | undefined;
  try {
    reader = await attempt(() => CacheReader.open(path, key));
    for (let next; (next = await attempt(() => reader!.next()));) {
      yield next.item as T;
      given++;
    }
    return;
  } catch (error) {
    if (!(error instanceof Unusable)) throw error;
    onBuild(error.message);
  } finally {
    await reader?.close();
  }

  const writer = await attempt(() => CacheWriter.create(path, key));
  try {
    let position = 0;
    for await (const item of source) {
      const packed = packItem(item, position);
      await attempt(() => writer.add(packed));
      if (position++ >= given) yield item;
    }
    await attempt(() => writer.finish());
  } finally {
    await writer.discard();
  }
}

function packItem(item: unknown, position: number): Uint8Array {
  try {
    return pack(item);
  } catch (cause) {
    throw new StageError("cache", position, cause);
  }
}
