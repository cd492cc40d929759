/**
 * Gives a batch's memory back to the stage that made it, so that an epoch allocates only a few batches.
 *
 * @module
 */

import { findPool } from "./_pool.ts";
import type { ImageData } from "./image.ts";

/**
 * Gives the memory of a batch's images back to the {@linkcode batch} that made it, for one of its next. Where all
 * batches are given back, an epoch takes no more memory than the batches that are in use at a time, and no time to
 * clear more.
 *
 * A reference to the batch, or a view of its images, finds them gone: the arrays are of length 0 from then on, and
 * never show another batch's images. The labels stay. A batch that isn't given back is left to the garbage collector.
 *
 * @example Usage
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { batch, type Example, recycle } from "@rill/rill/pipelines";
 *
 * const examples = [1, 2, 3].map((label): Example => ({
 *   image: { data: Uint8Array.of(label), height: 1, width: 1, channels: 1 },
 *   label,
 * }));
 * for await (const one of pipe(ReadableStream.from(examples), batch(1))) {
 *   assertEquals(one.images.data, Uint8Array.of(...one.labels)); // A training step.
 *   recycle(one);
 *   assertEquals(one.images.data.length, 0);
 * }
 * ```
 *
 * @param batch The batch, whose images are not used any more.
 * @throws {TypeError} When its memory is already gone: it was recycled before, or transferred.
 */
export function recycle(
  { images: { data } }: { readonly images: { readonly data: ImageData } },
): void {
  const { buffer } = data;
  if (buffer.byteLength === 0) {
    throw new TypeError(
      "Cannot recycle the batch as its memory is gone: it was recycled before, or transferred",
    );
  }
  const pool = findPool(buffer);
  const moved = structuredClone(buffer, { transfer: [buffer] });
  pool?.take(moved);
}
