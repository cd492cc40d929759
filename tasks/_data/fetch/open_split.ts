import {
  collect,
  decodeIdx,
  type Example,
  type IndexedSource,
  take,
  zip,
} from "../../../pipelines/mod.ts";
import type { Dataset } from "./dataset.ts";
import { openIdx } from "./open_idx.ts";

/**
 * Reads one split of a data set into memory.
 *
 * @param limit The number of examples to read, from the first on; all by default.
 * @returns The examples: images of one channel, bytes from 0 to 255.
 */
export async function openSplit(
  dataset: Dataset,
  split: "train" | "test",
  { limit = Infinity }: { limit?: number } = {},
): Promise<IndexedSource<Example<Uint8Array<ArrayBuffer>>>> {
  const images = decodeIdx()(await openIdx(dataset.files[`${split}Images`]));
  const labels = decodeIdx()(await openIdx(dataset.files[`${split}Labels`]));
  const pairs = await collect(take(limit)(zip(labels)(images)));
  const [height = 0, width = 0] = pairs[0]?.[0].shape ?? [];
  // One array for all, since many small ones are work for the garbage collector at every epoch.
  const pixels = new Uint8Array(pairs.length * height * width);
  pairs.forEach(([image], index) => pixels.set(image.data, index * height * width));
  const classes = Uint8Array.from(pairs, ([, label]) => label.data[0]!);
  return {
    length: pairs.length,
    get: (index) => ({
      image: {
        data: pixels.subarray(index * height * width, (index + 1) * height * width),
        height,
        width,
        channels: 1,
      },
      label: classes[index]!,
    }),
  };
}
