/**
 * Losses: what training makes small.
 *
 * @module
 */

export * from "./cross_entropy.ts";
export * from "./loss.ts";
