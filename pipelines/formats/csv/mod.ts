/**
 * Decodes tables in CSV.
 *
 * @module
 */
export * from "./csv_error.ts";
export * from "./decode_csv.ts";
