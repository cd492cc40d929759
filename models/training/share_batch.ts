/**
 * The shares of a batch in parallel training.
 *
 * @module
 */

import { computeBatchShare } from "../parallel/_share.ts";
import type { Communicator } from "../parallel/communicator.ts";
import { sliceBatch } from "./_batch_fields.ts";
import type { SizedBatch } from "./training_batch.ts";

export type { Communicator } from "../parallel/communicator.ts";
export type { SizedBatch } from "./training_batch.ts";

/**
 * Takes a rank's share of a batch: examples one behind the other, about as many for each rank. Where the batch is smaller than
 * the number of ranks, some shares are empty.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { shareBatch } from "@rill/rill/models";
 *
 * const images = { data: Float32Array.of(1, 2, 3), shape: [3, 1] };
 * const batch = { images, labels: Int32Array.of(4, 5, 6), size: 3 };
 * const { images: part, labels } = shareBatch(batch, { rank: 1, size: 2 });
 * assertEquals([[...part.data], part.shape, [...labels]], [[2, 3], [2, 1], [5, 6]]);
 * ```
 *
 * @param batch The whole batch.
 * @param communicator The rank, and the number of ranks.
 * @returns The share, with views of the batch's typed arrays.
 * @throws {RangeError} If a field of the batch doesn't have one entry for each example.
 */
export function shareBatch<B extends SizedBatch>(
  batch: B,
  { rank, size }: Pick<Communicator, "rank" | "size">,
): B {
  return sliceBatch(batch, ...computeBatchShare(batch.size, rank, size).examples);
}
