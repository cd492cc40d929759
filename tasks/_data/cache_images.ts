import type { Example } from "../../pipelines/data/example.ts";
import type { Image } from "../../pipelines/data/image.ts";
import { map } from "../../pipelines/items/map.ts";
import { formatError, UsageError } from "../_cli/errors.ts";
import { joinPath } from "../_files/files.ts";
import { openPictures, writePictures } from "./prepare/picture_file.ts";
import type { Augmentation, Preprocessing } from "./prepare/preprocessing.ts";
import { showProgress } from "./prepare/read_all.ts";
import { prepareImages, type PrepareOptions } from "./prepare_images.ts";
import type { Split, StoredRecord, UnreadableRecord } from "./sets/data_set.ts";
import { createIndexedSplit, FILES_AT_A_TIME, hashText } from "./sets/splits.ts";

type Picture = Image<Uint8Array<ArrayBuffer>>;

/** Options for {@linkcode cacheImages}. */
export interface CacheOptions extends Pick<PrepareOptions, "workers" | "pool" | "badRecords"> {
  /** Where to keep them: `"memory"`, or a folder, which is created. */
  readonly cache: string;
  /** What the augmentation is given that the pictures are kept for; `"fitted"` by default. */
  readonly input?: Augmentation["input"];
  readonly quiet?: boolean | undefined;
  /** Takes the lines that tell what is done. */
  readonly log?: (line: string) => void;
  /** The most bytes to keep in memory. */
  readonly most?: number;
}

/** The most bytes to keep in memory: few machines have more to spare. */
const MOST = 2 ** 32;

/**
 * Keeps the pictures of a split decoded and resized, as far as the same is done at each epoch: what an augmentation is given.
 * They are made by a pass with a progress bar; in a folder they are found again by the fingerprint of the data and the
 * preprocessing.
 *
 * @returns The split of what is kept, in any order, also where the data is a stream. The same preprocessing makes of it what it
 * makes of the split itself. Records that are bad stay bad in it, so that its order is that
 * of the split itself.
 * @throws {UsageError} If they don't fit into memory.
 */
export async function cacheImages(
  split: Split,
  preprocessing: Omit<Preprocessing, "mean" | "std">,
  { cache, input = "fitted", workers = 0, pool, badRecords, quiet, log = () => {}, most = MOST }:
    CacheOptions,
): Promise<Split> {
  const skipped = new Set<number>();
  const policy = badRecords?.policy;
  const examples = showProgress(
    prepareImages(preprocessing, {
      workers,
      pool,
      forCache: input,
      badRecords: badRecords && policy && {
        ...badRecords,
        policy: async (bad) => {
          const recovery = await policy(bad);
          if (recovery === "skip") skipped.add(bad.error.position);
          return recovery;
        },
      },
    })(split.read({ seed: 0, epoch: 0, shuffle: false })),
    "caching",
    { count: split.length, quiet },
  );
  const listKept = (): number[] | null =>
    skipped.size === 0
      ? null
      : Array.from({ length: split.length }, (_, i) => i).filter((i) => !skipped.has(i));
  if (cache === "memory") {
    const pictures = await gatherPictures(examples, split.length, most);
    return createCachedSplit(split, listKept(), pictures, (index) => pictures[index]!);
  }

  const { side, channels, resize, shorterSide = null, orientation } = preprocessing;
  const facts = [
    await split.fingerprint(),
    side,
    channels,
    resize,
    shorterSide,
    orientation,
    input,
  ];
  const key = hashText(JSON.stringify(facts));
  const path = joinPath(cache, `${key}.pictures`);
  let file = await openPictures(path, key);
  // Where the first bad record is to fail the run, it does so here too.
  if (!file || (file.facts.indices && !policy)) {
    await file?.close();
    await Deno.mkdir(cache, { recursive: true }).catch((error) => {
      throw new UsageError(
        `Cannot use --cache ${cache} as the system refuses: ${formatError(error)}`,
      );
    });
    const [heights, widths]: [number[], number[]] = [[], []];
    const pixels = map(({ image }: Example<Uint8Array<ArrayBuffer>>) => {
      heights.push(image.height);
      widths.push(image.width);
      return image.data;
    })(examples);
    const getFacts = () => ({ key, channels, heights, widths, indices: listKept() });
    await writePictures(path, pixels, getFacts);
    log(`cache: ${heights.length} images written to ${path}`);
    file = await openPictures(path, key);
    if (!file) throw new Error(`Cannot read ${path}, which was written just now`);
  } else {
    const { length } = file.facts.heights;
    const left = split.length - length;
    const bad = left === 0 ? "" : `; ${left} bad records were left out when it was made`;
    log(`cache: ${length} images from ${path}${bad}`);
  }
  const { heights, widths, indices } = file.facts;
  const shapes = heights.map((height, i) => ({ height, width: widths[i]! }));
  return createCachedSplit(split, indices, shapes, file.read, FILES_AT_A_TIME);
}

/** Gathers pictures in memory: those of one size in one array, since many small ones are work for the garbage collector. */
async function gatherPictures(
  examples: AsyncIterable<Example<Uint8Array<ArrayBuffer>>>,
  count: number,
  most: number,
): Promise<Picture[]> {
  const pictures: Picture[] = [];
  let block = new Uint8Array();
  let [used, total] = [0, 0];
  for await (const { image } of examples) {
    const { data, ...shape } = image;
    total += data.length;
    if (total > most) {
      const share = `${pictures.length} of ${count}`;
      throw new UsageError(
        `Cannot keep ${count} images in memory as ${share} take ${(most / 1e9).toFixed(1)} GB: ` +
          "name a folder with --cache DIR, or reduce --side",
      );
    }
    if (used + data.length > block.length) {
      block = new Uint8Array(Math.max(BLOCK_SIZE, data.length));
      used = 0;
    }
    const own = block.subarray(used, used += data.length);
    own.set(data);
    pictures.push({ data: own, ...shape });
  }
  return pictures;
}

/** The bytes of memory that are taken at a time. */
const BLOCK_SIZE = 2 ** 24;

/** Creates the split of what is kept of another one. */
function createCachedSplit(
  split: Split,
  indices: readonly number[] | null,
  shapes: readonly { readonly height: number; readonly width: number }[],
  read: (index: number) => Picture | Promise<Picture>,
  concurrency?: number,
): Split {
  const { labels, length } = split;
  const [first] = shapes;
  const isUniform = shapes.every(({ height, width }) =>
    height === first?.height && width === first.width
  );
  /** Where a record is in what is kept; nowhere for one that was left out. */
  const places = indices && new Map(indices.map((index, place) => [index, place]));
  return createIndexedSplit({
    length,
    get: (index): StoredRecord | Promise<StoredRecord> => {
      const label = labels[index]!;
      const place = places ? places.get(index) : index;
      if (place === undefined) {
        const bad: UnreadableRecord = {
          bytes: new Uint8Array(),
          label,
          path: split.name(index),
          problem: "it could not be decoded when the cache was made",
        };
        return bad;
      }
      const image = read(place);
      return image instanceof Promise
        ? image.then((image) => ({ image, label }))
        : { image, label };
    },
  }, {
    labels,
    concurrency,
    size: isUniform && first ? { height: first.height, width: first.width } : undefined,
    name: (index) => split.name(index),
    fingerprint: () => split.fingerprint(),
    outline: () => split.outline(),
  });
}
