import { createHash } from "node:crypto";
import { flow, pipe } from "fp-ts/lib/function.js";
import type { IndexedSource } from "../../../pipelines/indexed/indexed_source.ts";
import { readIndexed } from "../../../pipelines/indexed/read_indexed.ts";
import { sampleIndexed } from "../../../pipelines/indexed/sample_indexed.ts";
import { selectIndexed } from "../../../pipelines/indexed/select_indexed.ts";
import { splitIndexed } from "../../../pipelines/indexed/split_indexed.ts";
import { stratifyIndexed } from "../../../pipelines/indexed/stratify_indexed.ts";
import { map } from "../../../pipelines/items/map.ts";
import { shardBatches } from "../../../pipelines/items/shard_batches.ts";
import type { BatchShards, IndexedSplit, ReadOrder, Split, StoredRecord } from "./data_set.ts";

/** The facts of a split whose records can be had in any order. */
export interface IndexedSplitOptions {
  readonly labels: ArrayLike<number>;
  readonly size?: Split["size"];
  readonly name?: (index: number) => string;
  readonly fingerprint: () => Promise<string>;
  /** The fingerprint by default, where that is of the content alone. */
  readonly outline?: (() => Promise<string>) | undefined;
  readonly findChanged?: Split["findChanged"];
  /** How many records are asked for at a time, where each is a file; 1 by default. */
  readonly concurrency?: number | undefined;
}

/** How many files are read at a time: to wait for one takes longer than to read it. */
export const FILES_AT_A_TIME = 8;

/** Creates a split of records that can be had in any order. */
export function createIndexedSplit(
  source: IndexedSource<StoredRecord>,
  { labels, size, name = (index) => `record ${index}`, findChanged, concurrency, ...marks }:
    IndexedSplitOptions,
): IndexedSplit {
  const { fingerprint, outline = fingerprint } = marks;
  let hash: Promise<string> | undefined;
  let outlined: Promise<string> | undefined;
  return {
    length: source.length,
    labels,
    size,
    indexed: true,
    source,
    concurrency,
    read: ({ seed, epoch, shuffle, from = 0, shards }) =>
      readSource(
        source,
        flow(readIndexed({ seed, epoch, shuffle, from }), takeShards(shards)),
        concurrency,
      ),
    name,
    fingerprint: () => hash ??= fingerprint(),
    outline: () => outlined ??= outline(),
    findChanged,
  };
}

/** Makes the stage that gives of each batch the part that is to be read. */
export const takeShards = (
  shards: BatchShards | undefined,
): <T>(records: AsyncIterable<T>) => AsyncIterable<T> =>
  shards ? shardBatches(shards.size, shards.share) : (records) => records;

/** Reads a source in an order, so many records at a time; they come in that order. */
function readSource(
  source: IndexedSource<StoredRecord>,
  order: <T>(source: IndexedSource<T>) => AsyncIterable<T>,
  concurrency = 1,
): AsyncIterable<StoredRecord> {
  if (concurrency === 1) return order(source);
  const indices = { length: source.length, get: (index: number) => index };
  return pipe(order(indices), map((index) => source.get(index), { concurrency }));
}

const isIndexed = (split: Split): split is IndexedSplit => split.indexed && "source" in split;

/** A split of a stream: records can be left out while it is read. */
export interface StreamedSplit extends Split {
  readonly indexed: false;
  /** Creates the split of the records of these indices, which ascend. */
  select(indices: readonly number[]): StreamedSplit;
}

/**
 * Selects records of a split. Of a stream the others are read past, so its order stays, whatever that of the indices.
 *
 * @param indices Indices into the split's own order.
 */
export function selectSplit(split: Split, indices: readonly number[]): Split {
  if (!isIndexed(split)) return (split as StreamedSplit).select(indices.toSorted((a, b) => a - b));
  return createIndexedSplit(selectIndexed(indices)(split.source), {
    labels: pickLabels(split.labels, indices),
    size: split.size,
    concurrency: split.concurrency,
    name: (index) => split.name(indices[index]!),
    fingerprint: async () => hashText(`${await split.fingerprint()} ${indices.join()}`),
    outline: async () => hashText(`${await split.outline()} ${indices.join()}`),
    findChanged: split.findChanged,
  });
}

/** Picks the labels of some records. */
export const pickLabels = (
  labels: ArrayLike<number>,
  indices: readonly number[],
): Int32Array => Int32Array.from(indices, (index) => labels[index]!);

/** Hashes a text to a fingerprint. */
export const hashText = (text: string): string =>
  createHash("sha256").update(text).digest("hex").slice(0, 32);

/** Takes the first records of a split. */
export const takeSplit = (split: Split, count: number): Split =>
  count >= split.length ? split : selectSplit(split, Array.from({ length: count }, (_, i) => i));

/**
 * Divides the indices of labels in two parts, with the classes in the proportions of the whole; each part ascends. A class of
 * at least two records has one in each part; a single record is in the second.
 *
 * @param fraction How large the first part is, from 0 to 1.
 */
export function divideLabels(
  labels: ArrayLike<number>,
  { fraction, seed }: { readonly fraction: number; readonly seed: number },
): readonly [first: number[], second: number[]] {
  const byClass = new Map<number, number[]>();
  for (let i = 0; i < labels.length; i++) {
    const indices = byClass.get(labels[i]!);
    if (indices) indices.push(i);
    else byClass.set(labels[i]!, [i]);
  }
  const first: number[] = [];
  const second: number[] = [];
  // How much the classes so far are short of their share, so that rounding doesn't add up.
  let owed = 0;
  for (const [label, indices] of [...byClass].sort(([a], [b]) => a - b)) {
    const wanted = indices.length * fraction + owed;
    const least = fraction > 0 && indices.length > 1 ? 1 : 0;
    const most = fraction < 1 ? indices.length - 1 : indices.length;
    const count = Math.min(Math.max(Math.round(wanted), least), most);
    owed = wanted - count;
    const source = { length: indices.length, get: (index: number) => indices[index]! };
    const options = { fraction: count / indices.length, seed: seed + label };
    const [chosen, rest] = splitIndexed(options)(source);
    for (let i = 0; i < chosen.length; i++) first.push(chosen.get(i) as number);
    for (let i = 0; i < rest.length; i++) second.push(rest.get(i) as number);
  }
  const ascend = (a: number, b: number) => a - b;
  return [first.sort(ascend), second.sort(ascend)];
}

/** Splits off a part of a split with the classes in the proportions of the whole: its validation set. */
export function splitOff(
  split: Split,
  options: { readonly fraction: number; readonly seed: number },
): { readonly rest: Split; readonly part: Split } {
  const [part, rest] = divideLabels(split.labels, options);
  return { rest: selectSplit(split, rest), part: selectSplit(split, part) };
}

/**
 * Takes a part of a split with the classes nearly in the proportions of the whole. A smaller part of the same seed is a part of
 * a larger one.
 */
export function takeStratified(split: Split, count: number, seed: number): Split {
  if (count >= split.length) return split;
  const indices = { length: split.length, get: (index: number) => index };
  const order = stratifyIndexed({ labels: split.labels, seed })(indices);
  const taken = Array.from({ length: count }, (_, i) => order.get(i) as number);
  return selectSplit(split, taken.sort((a, b) => a - b));
}

/**
 * Computes the weight of each class for the loss: `n / (classes * count)`, so that all count alike in sum. A class without
 * records has 0.
 */
export function computeClassWeights(labels: ArrayLike<number>, classes: number): number[] {
  const counts = countLabels(labels, classes);
  const present = counts.filter((count) => count > 0).length;
  return counts.map((count) => count === 0 ? 0 : labels.length / (present * count));
}

/** Counts the records of each class. */
export function countLabels(labels: ArrayLike<number>, classes: number): number[] {
  const counts = Array.from({ length: classes }, () => 0);
  for (let i = 0; i < labels.length; i++) counts[labels[i]!]!++;
  return counts;
}

/**
 * Creates a split from which each epoch draws as many records as the split has, with replacement, and all classes equally
 * often.
 *
 * @throws {RangeError} If the split is a stream.
 */
export function balanceSplit(split: Split, classes: number): Split {
  if (!isIndexed(split)) {
    throw new RangeError(
      "Cannot draw the classes equally often from a stream, as that takes records in any order",
    );
  }
  const { source, labels, concurrency } = split;
  const perClass = computeClassWeights(labels, classes);
  const weights = Float64Array.from(labels, (label) => perClass[label]!);
  return {
    ...split,
    read: ({ seed, epoch, shuffle, from = 0, shards }: ReadOrder) => {
      const order = <T>(source: IndexedSource<T>) =>
        pipe(
          shuffle ? sampleIndexed({ weights, seed, epoch })(source) : source,
          readIndexed({ from }),
          takeShards(shards),
        );
      return readSource(source, order, concurrency);
    },
  };
}
