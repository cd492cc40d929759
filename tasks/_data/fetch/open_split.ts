import type { Example, IndexedSource } from "../../../pipelines/mod.ts";
import type { Dataset } from "./dataset.ts";

/**
 * Opens one split of a data set, as its files lie in memory: their content was checked, and with it their headers.
 *
 * @param limit The number of examples to open, from the first on; all by default.
 * @returns The examples: images of one channel, bytes from 0 to 255.
 */
export function openSplit(
  { files }: Pick<Dataset, "files">,
  split: "train" | "test",
  { limit = Infinity }: { limit?: number } = {},
): IndexedSource<Example<Uint8Array<ArrayBuffer>>> & {
  readonly labels: Uint8Array<ArrayBuffer>;
} {
  const { shape: [count = 0, height = 0, width = 0], data } = viewItems(
    files[`${split}Images`].content,
  );
  const length = Math.min(count, limit);
  // Of a few, a copy: nobody needs the others.
  const pixels = length < count ? data.slice(0, length * height * width) : data;
  const labels = viewItems(files[`${split}Labels`].content).data.subarray(0, length);
  return {
    length,
    labels,
    get: (index) => ({
      image: {
        data: pixels.subarray(index * height * width, (index + 1) * height * width),
        height,
        width,
        channels: 1,
      },
      label: labels[index]!,
    }),
  };
}

/** Views the bytes of an IDX file's items, and gives their shape with their number in front. */
function viewItems(
  content: Uint8Array<ArrayBuffer>,
): { readonly shape: readonly number[]; readonly data: Uint8Array<ArrayBuffer> } {
  const view = new DataView(content.buffer, content.byteOffset);
  const shape = Array.from({ length: view.getUint8(3) }, (_, d) => view.getUint32(4 + 4 * d));
  return { shape, data: content.subarray(4 + 4 * shape.length) };
}
