// The examples of a batch that a rank works on.
import { type BatchShare, computeBatchShare } from "../parallel/_share.ts";
import type { Communicator } from "../parallel/communicator.ts";
import { getPart, sliceBatch } from "./_batch_fields.ts";
import type { SizedBatch } from "./training_batch.ts";

/** A rank's share of a batch, and what it computes with. */
export interface TakenShare<B extends SizedBatch> extends BatchShare {
  /** The number of the whole batch's examples. */
  readonly whole: number;
  /** The examples of the share. */
  readonly own: B;
  /** Whether the share is empty: such a rank makes the same calls as the others, with an example that doesn't count. */
  readonly empty: boolean;
}

/**
 * Takes a rank's share of a batch, which may be a part of a larger one.
 *
 * @throws {RangeError} If the batch lacks some of it.
 */
export function takeShare<B extends SizedBatch>(
  batch: B,
  { rank, size }: Pick<Communicator, "rank" | "size">,
): TakenShare<B> {
  const { first, whole } = getPart(batch);
  const share = computeBatchShare(whole, rank, size);
  const [start, end] = share.examples;
  const empty = start === end;
  if (empty) {
    // Any example does.
    const at = Math.min(Math.max(start - first, 0), batch.size - 1);
    return { ...share, whole, empty, own: sliceBatch(batch, at, at + 1) };
  }
  if (start < first || end > first + batch.size) {
    throw new RangeError(
      `Cannot take examples ${start} to ${end} of a batch of ${whole}, the share of rank ${rank} of ${size}, ` +
        `of a part with examples ${first} to ${first + batch.size}`,
    );
  }
  const isAll = batch.part === undefined && end - start === whole;
  return {
    ...share,
    whole,
    empty,
    own: isAll ? batch : sliceBatch(batch, start - first, end - first),
  };
}
