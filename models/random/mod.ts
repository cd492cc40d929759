/**
 * Keys of random numbers.
 *
 * @module
 */

export * from "./key.ts";
