/**
 * Decompresses streams of bytes in gzip.
 *
 * @module
 */
export * from "./gunzip.ts";
