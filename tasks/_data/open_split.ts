import {
  collect,
  decodeIdx,
  type Example,
  type IdxArray,
  type IndexedSource,
  map,
  take,
  zip,
} from "../../pipelines/mod.ts";
import type { Dataset } from "./dataset.ts";
import { openIdx } from "./open_idx.ts";

/**
 * Reads one split of a data set into memory.
 *
 * @param limit How many examples to read, from the first on; all of them unless given.
 * @returns The examples: images of one channel, bytes from 0 to 255.
 */
export async function openSplit(
  dataset: Dataset,
  split: "train" | "test",
  { limit = Infinity }: { limit?: number } = {},
): Promise<IndexedSource<Example<Uint8Array<ArrayBuffer>>>> {
  const images = await openIdx(dataset.files[`${split}Images`]);
  const labels = await openIdx(dataset.files[`${split}Labels`]);
  const pairs = zip(decodeIdx()(labels))(decodeIdx()(images));
  const examples = map(toExample)(pairs);
  const items = await collect(take(limit)(examples));
  return { length: items.length, get: (index) => items[index] };
}

function toExample(
  [image, label]: readonly [IdxArray, IdxArray],
): Example<Uint8Array<ArrayBuffer>> {
  const [height, width] = image.shape;
  return {
    image: { data: image.data as Uint8Array<ArrayBuffer>, height, width, channels: 1 },
    label: Number(label.data[0]),
  };
}
