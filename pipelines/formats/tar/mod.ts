/**
 * Decodes and encodes tar archives, and the samples of WebDataset in them.
 *
 * @module
 */
export * from "./decode_tar.ts";
export * from "./encode_tar.ts";
export * from "./tar_entry.ts";
export * from "./tar_error.ts";
export * from "./web_dataset.ts";
export * from "./write_shards.ts";
