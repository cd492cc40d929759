/**
 * Stages over items of any type: mapping, filtering, joining, shuffling, caching, folding.
 *
 * @module
 */

export * from "./cache.ts";
export * from "./collect.ts";
export * from "./concat.ts";
export * from "./drain.ts";
export * from "./enumerate.ts";
export * from "./filter.ts";
export * from "./flat_map.ts";
export * from "./interleave.ts";
export * from "./map.ts";
export * from "./mix.ts";
export * from "./prefetch.ts";
export * from "./reduce.ts";
export * from "./repeat.ts";
export * from "./scan.ts";
export * from "./shard.ts";
export * from "./shard_batches.ts";
export * from "./shuffle.ts";
export * from "./skip.ts";
export * from "./take.ts";
export * from "./tap.ts";
export * from "./until_aborted.ts";
export * from "./window.ts";
export * from "./zip.ts";
