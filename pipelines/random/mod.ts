/**
 * Randomness as data: an order of items that is a function of a seed, an epoch and a position, and the options that all
 * random stages share.
 *
 * @module
 */
export * from "./choose_stage.ts";
export * from "./index_permutation.ts";
export * from "./random_options.ts";
export * from "./random_stage_of.ts";
export * from "./with_seed.ts";
