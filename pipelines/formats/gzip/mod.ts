/** Streams compressed by gzip. @module */
export * from "./gunzip.ts";
