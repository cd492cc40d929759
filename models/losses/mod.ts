/**
 * Losses.
 *
 * @module
 */

export * from "./softmax_cross_entropy.ts";
