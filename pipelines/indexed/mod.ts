/**
 * Sources that can be read in any order, and views of them.
 *
 * @module
 */

export * from "./indexed_source.ts";
export * from "./map_indexed.ts";
export * from "./read_epochs.ts";
export * from "./read_indexed.ts";
export * from "./sample_indexed.ts";
export * from "./select_indexed.ts";
export * from "./shard_indexed.ts";
export * from "./shuffle_indexed.ts";
export * from "./split_indexed.ts";
export * from "./stratify_indexed.ts";
