import { type Example, map } from "../../pipelines/mod.ts";
import { UsageError } from "../_cli/errors.ts";
import { joinPath } from "../_files/files.ts";
import { openPictures, writePictures } from "./prepare/picture_file.ts";
import type { Preprocessing } from "./prepare/preprocessing.ts";
import { showProgress } from "./prepare/read_all.ts";
import { prepareImages, type PrepareOptions } from "./prepare_images.ts";
import type { Split } from "./sets/data_set.ts";
import { createIndexedSplit, hashText, pickLabels } from "./sets/splits.ts";

/** Options for {@linkcode cacheImages}. */
export interface CacheOptions extends Pick<PrepareOptions, "workers" | "badRecords"> {
  /** Where to keep them: `"memory"`, or a folder, which is created. */
  readonly cache: string;
  readonly quiet?: boolean | undefined;
  /** Takes the lines that tell what is done. */
  readonly log?: (line: string) => void;
  /** The most bytes to keep in memory. */
  readonly most?: number;
}

/** The most bytes to keep in memory: what an array may have in the engine, and few machines have more to spare. */
const MOST = 2 ** 32;

/**
 * Keeps the pictures of a split decoded and resized, before what is drawn anew at each epoch. They are made by a pass with a
 * progress bar; in a folder they are found again by the fingerprint of the data and the preprocessing.
 *
 * @returns The split of what is kept: of images of one size, in any order, also where the data is a stream. Records that were
 * left out as they are bad are not in it.
 * @throws {UsageError} If there are too many for the memory.
 */
export async function cacheImages(
  split: Split,
  preprocessing: Omit<Preprocessing, "mean" | "std">,
  { cache, workers = 0, badRecords, quiet, log = () => {}, most = MOST }: CacheOptions,
): Promise<Split> {
  const { side, channels, resize, orientation } = preprocessing;
  const size = side * side * channels;
  const skipped = new Set<number>();
  const policy = badRecords?.policy;
  const examples = showProgress(
    prepareImages(preprocessing, {
      workers,
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
  const image = (data: Uint8Array<ArrayBuffer>) => ({ data, height: side, width: side, channels });
  const createSplit = (
    indices: readonly number[] | null,
    length: number,
    read: (index: number) => Uint8Array<ArrayBuffer> | Promise<Uint8Array<ArrayBuffer>>,
  ): Split => {
    const labels = indices ? pickLabels(split.labels, indices) : split.labels;
    const toExample = (data: Uint8Array<ArrayBuffer>, index: number) => ({
      image: image(data),
      label: labels[index]!,
    });
    return createIndexedSplit({
      length,
      get: (index) => {
        const data = read(index);
        return data instanceof Promise
          ? data.then((data) => toExample(data, index))
          : toExample(data, index);
      },
    }, {
      labels,
      size: { height: side, width: side },
      name: (index) => split.name(indices ? indices[index]! : index),
      fingerprint: () => split.fingerprint(),
    });
  };

  if (cache === "memory") {
    if (split.length * size > most) {
      throw new UsageError(
        `Cannot keep ${split.length} images of ${side} x ${side} x ${channels} in memory as they take ` +
          `${
            (split.length * size / 1e9).toFixed(1)
          } GB: name a folder with --cache DIR, or reduce --side`,
      );
    }
    const pixels = new Uint8Array(split.length * size);
    let count = 0;
    for await (const { image } of examples) pixels.set(image.data, size * count++);
    return createSplit(
      listKept(),
      count,
      (index) => pixels.subarray(index * size, (index + 1) * size),
    );
  }

  const fingerprint = await split.fingerprint();
  const key = hashText(JSON.stringify([fingerprint, side, channels, resize, orientation]));
  const path = joinPath(cache, `${key}.pictures`);
  let file = await openPictures(path, key);
  // Where the first bad record is to fail the run, it does so here too.
  if (!file || (file.facts.indices && !policy)) {
    await file?.close();
    await Deno.mkdir(cache, { recursive: true });
    let count = 0;
    const pixels = map(({ image }: Example<Uint8Array<ArrayBuffer>>) => {
      count++;
      return image.data;
    })(examples);
    await writePictures(path, pixels, () => ({ key, size, count, indices: listKept() }));
    log(`cache: ${count} images of ${side} x ${side} x ${channels} written to ${path}`);
    file = await openPictures(path, key);
    if (!file) throw new Error(`Cannot read ${path}, which was written just now`);
  } else {
    const left = split.length - file.facts.count;
    const bad = left === 0 ? "" : `; ${left} bad records were left out when it was made`;
    log(`cache: ${file.facts.count} images from ${path}${bad}`);
  }
  const { facts, read } = file;
  return createSplit(facts.indices, facts.count, read);
}
