import { readEnv } from "../_cli/env.ts";
import { joinPath, writeTextFileAtomically } from "../_files/files.ts";
import { findCacheDir } from "./fetch/find_cache_dir.ts";
import type { Preprocessing } from "./prepare/preprocessing.ts";
import { showProgress } from "./prepare/read_all.ts";
import { prepareImages, type PrepareOptions } from "./prepare_images.ts";
import type { Split } from "./sets/data_set.ts";
import { hashText } from "./sets/splits.ts";

/** Mean and standard deviation of each channel, of samples from 0 to 1. */
export interface Statistics {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** Options for {@linkcode computeStatistics}. */
export interface StatisticsOptions extends Pick<PrepareOptions, "workers" | "pool" | "badRecords"> {
  readonly quiet?: boolean | undefined;
  /** The folder to keep them in; Rill's in the user's cache directory by default. */
  readonly cacheDir?: string | undefined;
}

/**
 * Computes mean and standard deviation of each channel over all pixels of a split, as they are after resizing, with a progress
 * bar. The deviation is that of the pixels themselves (divided by their number), as it is usually given for a data set. The
 * result is kept by the fingerprint of the data and the preprocessing.
 *
 * @throws {RangeError} If the split has no records.
 */
export async function computeStatistics(
  split: Split,
  preprocessing: Omit<Preprocessing, "mean" | "std">,
  { workers = 0, pool, badRecords, quiet, cacheDir = findCacheDir(readEnv) }: StatisticsOptions =
    {},
): Promise<Statistics> {
  const { side, channels, resize, shorterSide = null, orientation } = preprocessing;
  const fingerprint = await split.fingerprint();
  const parts = [FORMAT, fingerprint, side, channels, resize, shorterSide, orientation];
  const dir = cacheDir && joinPath(cacheDir, "statistics");
  const path = dir && joinPath(dir, `${hashText(JSON.stringify(parts))}.json`);
  const kept = path && await readKept(path, channels);
  if (kept) return kept;
  const examples = showProgress(
    prepareImages(preprocessing, { workers, pool, badRecords })(
      split.read({ seed: 0, epoch: 0, shuffle: false }),
    ),
    "computing mean and standard deviation",
    { count: split.length, quiet },
  );
  // How often each value comes: sums of these are exact, whatever the order.
  const counts = new Float64Array(channels * 256);
  for await (const { image: { data } } of examples) {
    if (channels === 1) { for (let i = 0; i < data.length; i++) counts[data[i]!]!++; }
    else {
      for (let i = 0; i < data.length; i += 3) {
        counts[data[i]!]!++;
        counts[256 + data[i + 1]!]!++;
        counts[512 + data[i + 2]!]!++;
      }
    }
  }
  const each = Array.from(
    { length: channels },
    (_, channel) => summarize(counts.subarray(256 * channel, 256 * (channel + 1))),
  );
  const statistics = { mean: each.map(({ mean }) => mean), std: each.map(({ std }) => std) };
  if (dir && path) await keep(dir, path, statistics);
  return statistics;
}

/** The version of what is kept. */
const FORMAT = 1;

function summarize(counts: Float64Array): { readonly mean: number; readonly std: number } {
  const count = counts.reduce((a, b) => a + b);
  if (count === 0) {
    throw new RangeError("Cannot compute mean and standard deviation: there are no images");
  }
  const mean = counts.reduce((sum, count, value) => sum + count * value, 0) / count;
  const variance = counts.reduce((sum, count, value) => sum + count * (value - mean) ** 2, 0) /
    count;
  return { mean: mean / 255, std: Math.sqrt(variance) / 255 };
}

async function readKept(path: string, channels: number): Promise<Statistics | undefined> {
  try {
    const { mean, std } = JSON.parse(await Deno.readTextFile(path));
    const isGood = (values: unknown) =>
      Array.isArray(values) && values.length === channels && values.every(Number.isFinite);
    return isGood(mean) && isGood(std) ? { mean, std } : undefined;
  } catch {
    return undefined;
  }
}

async function keep(dir: string, path: string, statistics: Statistics): Promise<void> {
  try {
    await Deno.mkdir(dir, { recursive: true });
    await writeTextFileAtomically(path, JSON.stringify(statistics));
  } catch {
    // The directory is read-only, or the disk full: they are computed again next time.
  }
}
