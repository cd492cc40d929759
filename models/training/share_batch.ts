/**
 * The shares of a batch in parallel training.
 *
 * @module
 */

import { computeBatchShare } from "../parallel/_share.ts";
import type { Communicator } from "../parallel/communicator.ts";
import { sliceBatch } from "./_batch_fields.ts";
import { takeShare } from "./_take_share.ts";
import type { SizedBatch } from "./training_batch.ts";

export type { Communicator } from "../parallel/communicator.ts";
export type { SizedBatch } from "./training_batch.ts";

/**
 * Takes a rank's share of a batch: examples one behind the other, about as many for each rank. A batch is cut into blocks, 12 of
 * fewer than 256 examples, and a share has whole ones; where there are more ranks than blocks, some shares are empty.
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
 * @param batch The batch, or a part of it that has the share.
 * @param communicator The rank, and the number of ranks.
 * @returns The share, with views of the batch's typed arrays.
 * @throws {RangeError} If a field of the batch doesn't have one entry for each example, or a part lacks some of the share.
 */
export function shareBatch<B extends SizedBatch>(
  batch: B,
  { rank, size }: Pick<Communicator, "rank" | "size">,
): B {
  const { own, empty } = takeShare(batch, { rank, size });
  return sliceBatch(own, 0, empty ? 0 : own.size);
}

/**
 * Finds the examples which a rank needs of a batch: its share, or where that is empty one to compute with that doesn't count. It may
 * be given these alone, as a batch whose `part` is `{ first: start, whole: examples }`.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { findBatchPart } from "@rill/rill/models";
 *
 * const ofRanks = (examples: number) =>
 *   [0, 1, 2].map((rank) => findBatchPart(examples, { rank, size: 3 }));
 * assertEquals(ofRanks(100), [[0, 33], [33, 66], [66, 100]]);
 * assertEquals(ofRanks(2), [[0, 1], [0, 1], [1, 2]]);
 * ```
 *
 * @param examples The number of the whole batch's examples, at least 1.
 * @param communicator The rank, and the number of ranks.
 * @returns The index of the first one, and that after the last one.
 */
export function findBatchPart(
  examples: number,
  { rank, size }: Pick<Communicator, "rank" | "size">,
): [start: number, end: number] {
  const [start, end] = computeBatchShare(examples, rank, size).examples;
  return [start, Math.max(end, start + 1)];
}
