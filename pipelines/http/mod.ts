/** Sources over HTTP. @module */
export * from "./http_error.ts";
export * from "./http_options.ts";
export * from "./http_records.ts";
export * from "./http_source.ts";
export * from "./read_http_range.ts";
