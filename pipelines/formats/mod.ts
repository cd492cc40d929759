/**
 * Decoders and encoders of streams of bytes: IDX, tar, WebDataset, CSV and gzip.
 *
 * @module
 */
export * from "./cache_file/mod.ts";
export * from "./csv/mod.ts";
export * from "./gzip/mod.ts";
export * from "./idx/mod.ts";
export * from "./tar/mod.ts";
