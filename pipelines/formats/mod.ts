/**
 * Decoders and encoders of streams of bytes: IDX, tar, WebDataset, CSV and gzip.
 *
 * @module
 */
export * from "./cache_file/cache_file_error.ts";
export * from "./csv/csv_error.ts";
export * from "./csv/decode_csv.ts";
export * from "./gzip/gunzip.ts";
export * from "./gzip/gzip_error.ts";
export * from "./idx/decode_idx.ts";
export * from "./idx/idx_array.ts";
export * from "./idx/idx_error.ts";
export * from "./tar/decode_tar.ts";
export * from "./tar/encode_tar.ts";
export * from "./tar/tar_entry.ts";
export * from "./tar/tar_error.ts";
export * from "./tar/web_dataset.ts";
export * from "./tar/write_shards.ts";
