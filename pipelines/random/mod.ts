/** Randomness as data: permutations and draws that are functions of a seed, an epoch and an index. @module */
export * from "./index_permutation.ts";
export * from "./random_options.ts";
