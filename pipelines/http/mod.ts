/**
 * Reads files over HTTP and goes on where a connection breaks: as a stream of bytes, as a part of a file, or as records
 * in any order.
 *
 * @module
 */
export * from "./http_error.ts";
export * from "./http_options.ts";
export * from "./http_records.ts";
export * from "./http_source.ts";
export * from "./read_http_range.ts";
