/**
 * Samples split into tar shards of WebDataset's layout.
 *
 * @module
 */

import { checkInteger } from "../../_arguments/check_integer.ts";
import type { Stage } from "../../stage/stage.ts";
import { StageError } from "../../stage/stage_error.ts";
import { encodeTarEntry, measureTarEntry, TAR_END } from "./_tar_entry_bytes.ts";
import type { TarEntry } from "./tar_entry.ts";
import { encodeName, isReserved } from "./_tar_name.ts";
import type { WebDatasetSample } from "./web_dataset.ts";
import { type StageInput, stageOf } from "../../stage/stage_of.ts";

export { StageError } from "../../stage/stage_error.ts";

/** Options of {@linkcode writeShards}. */
export interface WriteShardsOptions {
  /**
   * The most samples of a shard.
   *
   * @default {100000}
   */
  readonly maxSamples?: number;
  /**
   * The most bytes of a shard. A sample that is larger gets a shard of its own.
   *
   * @default {1073741824}
   */
  readonly maxBytes?: number;
  /**
   * The name of a shard, from its number.
   *
   * @default {(index) => `shard-${index.toString().padStart(6, "0")}.tar`}
   */
  readonly name?: (index: number) => string;
}

/**
 * Splits samples into tar shards in WebDataset's layout. Gives each shard as its name and its bytes, which must be read
 * to their end before the next shard is pulled; the caller decides where they are kept. {@linkcode webDataset} reads
 * them again. Holds one sample.
 *
 * @example Usage
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { collect, decodeTar, webDataset, type WebDatasetSample, writeShards } from "@rill/rill/pipelines";
 *
 * const samples = [1, 2, 3].map((label): WebDatasetSample => ({
 *   key: `${label}`,
 *   fields: { cls: new TextEncoder().encode(`${label}`) },
 * }));
 * const keys: Record<string, string[]> = {};
 * for await (const { name, bytes } of writeShards({ maxSamples: 2 })(ReadableStream.from(samples))) {
 *   // await Deno.writeFile(name, ReadableStream.from(bytes));
 *   keys[name] = (await collect(pipe(bytes, decodeTar(), webDataset()))).map(({ key }) => key);
 * }
 * assertEquals(keys, { "shard-000000.tar": ["1", "2"], "shard-000001.tar": ["3"] });
 * ```
 *
 * @param options The limits of a shard, and its name.
 * @returns The stage. A sample without fields, or whose key or extensions {@linkcode webDataset} would read otherwise, as
 * where the sample before it in its shard has the same key, fails the shard that it belongs to with a
 * {@linkcode StageError}; so does pulling a shard before the one before it was read to its end.
 * @throws {RangeError} When `maxSamples` or `maxBytes` is not an integer of at least 1.
 */
export function writeShards(
  { maxSamples = 100_000, maxBytes = 2 ** 30, name = nameShard }: WriteShardsOptions = {},
): Stage<WebDatasetSample, TarShard> {
  checkInteger(`write shards of ${maxSamples} samples`, "maximum", maxSamples, { min: 1 });
  checkInteger(`write shards of ${maxBytes} bytes`, "maximum", maxBytes, { min: 1 });
  return stageOf({
    name: "write",
    begin: ({ input }) => writeEach(input, maxSamples, maxBytes, name),
  });
}

const nameShard = (index: number): string => `shard-${index.toString().padStart(6, "0")}.tar`;

async function* writeEach(
  samples: StageInput<WebDatasetSample>,
  maxSamples: number,
  maxBytes: number,
  name: (index: number) => string,
): AsyncGenerator<TarShard, void, undefined> {
  let position = -1;
  /** The files of the sample that begins the next shard, and its key's bytes. */
  let entries: readonly TarEntry[] | undefined;
  let key = "";
  const pull = async () => {
    entries = undefined;
    const { done, value } = await samples.pull();
    if (done) return;
    position++;
    try {
      entries = makeEntries(value);
      key = encodeName({ name: value.key, ...pickBytes(value.keyBytes) }).join();
    } catch (cause) {
      throw new StageError("shard", position, cause);
    }
  };
  let ended = false;
  async function* writeShard(): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
    let bytes = TAR_END.length;
    let last: string | undefined;
    for (let count = 0; entries && count < maxSamples; count++) {
      bytes += entries.reduce((sum, entry) => sum + measureTarEntry(entry), 0);
      if (count > 0 && bytes > maxBytes) break;
      if (key === last) {
        const cause = new RangeError("its key is that of the sample before it in its shard");
        throw new StageError("shard", position, cause);
      }
      last = key;
      for (const entry of entries) yield encodeTarEntry(entry, 0, 0o644);
      await pull();
    }
    yield TAR_END.slice();
    ended = true;
  }
  await pull();
  for (let index = 0; entries; index++) {
    ended = false;
    yield { name: name(index), bytes: writeShard() };
    if (!ended) {
      const cause = new Error("it was not read to its end when the next one was pulled");
      throw new StageError("write", index, cause);
    }
  }
}

function makeEntries({ key, keyBytes, fields }: WebDatasetSample): TarEntry[] {
  const quoted = JSON.stringify(key);
  if (!/^(?:.*\/)?[^./]+$/s.test(key)) {
    throw new RangeError(`the key ${quoted} is not a path whose last part has no dot`);
  }
  const entries = Object.entries(fields).map(([extension, bytes]) => {
    const name = `${key}.${extension}`;
    if (extension !== extension.toLowerCase() || extension.includes("/")) {
      const rule = "it must be in lower case and without a slash";
      throw new RangeError(
        `the sample ${quoted} has the field ${JSON.stringify(extension)}: ${rule}`,
      );
    }
    if (isReserved(name)) {
      throw new RangeError(`the name ${JSON.stringify(name)} is reserved`);
    }
    const nameBytes = keyBytes && joinBytes(keyBytes, UTF8.encode(`.${extension}`));
    const entry = { name, ...pickBytes(nameBytes), bytes };
    encodeTarEntry({ ...entry, bytes: new Uint8Array() }, 0, 0); // Refuses invalid names.
    return entry;
  });
  if (entries.length === 0) throw new RangeError(`the sample ${quoted} has no fields`);
  return entries;
}

const pickBytes = (nameBytes: Uint8Array<ArrayBuffer> | undefined) => nameBytes && { nameBytes };

function joinBytes(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}

const UTF8 = new TextEncoder();

/**
 * One of the tar files that a data set is split into: its name and its bytes.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { collect, type TarShard } from "@rill/rill/pipelines";
 *
 * const sizeOf = async ({ bytes }: TarShard): Promise<number> =>
 *   (await collect(bytes)).reduce((size, piece) => size + piece.length, 0);
 * const shard = { name: "shard-000000.tar", bytes: ReadableStream.from([new Uint8Array(1024)]) };
 * assertEquals(await sizeOf(shard), 1024);
 * ```
 */
export interface TarShard {
  /** The name of the file. */
  readonly name: string;
  /** Its content, in pieces, to be read once. */
  readonly bytes: AsyncIterable<Uint8Array<ArrayBuffer>>;
}
