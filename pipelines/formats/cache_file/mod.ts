/**
 * The errors of a cache of items in a file. The stage itself has an entry point of its own, `pipelines/cache-file`, as
 * it reads files.
 *
 * @module
 */
export * from "./cache_file_error.ts";
