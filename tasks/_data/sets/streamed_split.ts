import { pipe } from "fp-ts/lib/function.js";
import { shuffle } from "../../../pipelines/items/shuffle.ts";
import { skip } from "../../../pipelines/items/skip.ts";
import { indexPermutation } from "../../../pipelines/random/index_permutation.ts";
import type { ReadOrder, StoredRecord } from "./data_set.ts";
import { hashText, pickLabels, type StreamedSplit, takeShards } from "./splits.ts";

/** A part of a stream that can be opened by itself: a shard. */
export interface StreamPart {
  /** How many records it has. */
  readonly length: number;
  /** Reads its records. */
  read(): AsyncIterable<StoredRecord>;
}

/** What a split of a stream is made of. */
export interface StreamedSplitOptions {
  readonly parts: readonly StreamPart[];
  /** The label of each record, part by part. */
  readonly labels: ArrayLike<number>;
  readonly name: (index: number) => string;
  readonly fingerprint: () => Promise<string>;
  readonly outline: () => Promise<string>;
}

/** How many records are chosen from when a stream is shuffled. */
export const BUFFER_SIZE = 1024;

/**
 * Creates a split of a stream. Shuffled, the parts come in a random order, and the records of a buffer likewise; both are a
 * function of seed and epoch.
 */
export function createStreamedSplit(options: StreamedSplitOptions): StreamedSplit {
  const { parts, labels, name, fingerprint, outline } = options;
  const starts = parts.map((_, i) =>
    parts.slice(0, i).reduce((sum, { length }) => sum + length, 0)
  );
  const all = parts.reduce((sum, { length }) => sum + length, 0);
  /** Makes the split of the records of these indices, which ascend; of all without. */
  const select = (indices: readonly number[] | undefined): StreamedSplit => {
    const chosen = indices && new Set(indices);
    const last = indices ? indices.at(-1) ?? -1 : all - 1;
    async function* readPart(part: number): AsyncGenerator<StoredRecord, void, undefined> {
      const start = starts[part]!;
      if (start > last || (indices && !hasAny(indices, start, start + parts[part]!.length))) return;
      let index = start;
      for await (const record of parts[part]!.read()) {
        if (!chosen || chosen.has(index)) yield record;
        if (++index > last) return;
      }
    }
    async function* readParts(order: (i: number) => number) {
      for (let i = 0; i < parts.length; i++) yield* readPart(order(i));
    }
    return {
      length: indices?.length ?? all,
      labels: indices ? pickLabels(labels, indices) : labels,
      size: undefined,
      indexed: false,
      read: ({ seed, epoch, shuffle: isShuffled, from = 0, shards }: ReadOrder) =>
        pipe(
          isShuffled
            ? pipe(
              readParts(indexPermutation(parts.length, { seed, epoch })),
              shuffle({ bufferSize: BUFFER_SIZE, seed, epoch }),
            )
            : readParts((i) => i),
          skip(from),
          takeShards(shards),
        ),
      name: (index) => name(indices ? indices[index]! : index),
      fingerprint: async () =>
        indices ? hashText(`${await fingerprint()} ${indices.join()}`) : await fingerprint(),
      outline: async () => hashText(`${await outline()} ${indices?.join()}`),
      select: (inner) => select(indices ? inner.map((i) => indices[i]!) : inner),
    };
  };
  return select(undefined);
}

/** Tells whether any of ascending indices is within bounds, by bisection. */
function hasAny(indices: readonly number[], from: number, to: number): boolean {
  let [low, high] = [0, indices.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (indices[middle]! < from) low = middle + 1;
    else high = middle;
  }
  return low < indices.length && indices[low]! < to;
}
