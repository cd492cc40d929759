import type { EncodedImage, Example, IndexedSource } from "../../../pipelines/mod.ts";

/** A record as it is stored: an image of bytes, or a file that holds one. */
export type StoredRecord = Example<Uint8Array<ArrayBuffer>> | EncodedImage;

/** A record whose file could not be read: `problem` says why, and its bytes are none. Decoding it fails with that. */
export type UnreadableRecord = StoredRecord & { readonly problem?: string };

/** The order in which a split is read. */
export interface ReadOrder {
  readonly seed: number;
  readonly epoch: number;
  /** Whether the order is random; otherwise it is the split's own. */
  readonly shuffle: boolean;
  /** The position in the order to start at; 0 by default. */
  readonly from?: number;
  /** The batches of which one part alone is read; all of each by default. */
  readonly shards?: BatchShards | undefined;
}

/** Of each batch of an order the part that one rank trains on. */
export interface BatchShards {
  /** How many records a batch has. */
  readonly size: number;
  /** Finds which records of a batch of so many are of the part. */
  readonly share: (size: number) => readonly [first: number, end: number];
}

/** One split of a data set. */
export interface Split {
  /** How many records it has: known before training begins. */
  readonly length: number;
  /** The label of each record, in the split's own order. */
  readonly labels: ArrayLike<number>;
  /** The size of all images where it is one and known; undefined for pictures of any size. */
  readonly size: { readonly height: number; readonly width: number } | undefined;
  /**
   * Whether records can be had in any order. Otherwise shuffling is by shards and a buffer, and a resumed epoch reads past
   * what came before.
   */
  readonly indexed: boolean;
  /** Reads the split once. Each iteration reads anew. */
  read(order: ReadOrder): AsyncIterable<StoredRecord>;
  /** Names a record for messages: its path, or "record 12". */
  name(index: number): string;
  /**
   * Computes what tells this data from other, and from the same before it was changed: of paths, sizes and times, or of the
   * files' content. Statistics and caches are kept by it.
   */
  fingerprint(): Promise<string>;
  /**
   * Computes what the same data has wherever it lies, and other data hasn't: of the files' names and sizes, and of their content where
   * they are small.
   */
  outline(): Promise<string>;
  /**
   * Lists the files that are others by size or time than when this was called first, where each epoch reads them anew. Splits of the
   * same files share one. Absent where nothing is read anew.
   */
  readonly findChanged?: (() => Promise<readonly string[]>) | undefined;
}

/** A split whose records can be had in any order. */
export interface IndexedSplit extends Split {
  readonly indexed: true;
  readonly source: IndexedSource<StoredRecord>;
  /** How many records are asked for at a time; 1 where it isn't said. */
  readonly concurrency?: number | undefined;
}

/** Images by class, split for training. */
export interface DataSet {
  /** How it was named: `folder:photos`. */
  readonly spec: string;
  /** Its name for people. */
  readonly title: string;
  /** The names of the classes; a label is an index into them. */
  readonly classes: readonly string[];
  /** 3, unless all images are known to be gray. */
  readonly channels: 1 | 3;
  readonly train: Split;
  /** What decides about the best parameters and stopping. */
  readonly validation?: Split;
  /** The share of the training records that this is, where the data has no split of its own for that. */
  readonly heldOut?: number;
  /** What is scored once, at the end. */
  readonly test?: Split;
  /** Which files are no part of it though they lie there, in words: how many of each kind, and the path of one. */
  readonly leftOut?: readonly string[];
}

/** The splits of a data set that are there, by name. */
export const listSplits = (
  { train, validation, test }: Pick<DataSet, "train" | "validation" | "test">,
): readonly (readonly [name: SplitName, split: Split])[] => [
  ["train", train] as const,
  ...validation ? [["validation", validation] as const] : [],
  ...test ? [["test", test] as const] : [],
];

/** The name of a split. */
export type SplitName = "train" | "validation" | "test";
