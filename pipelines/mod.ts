/**
 * Stream stages: how data moves. Knows nothing of tensors or of models, and needs nothing but the language and web
 * streams, so it runs in browsers, Deno and Node alike.
 *
 * @example Usage
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { batch, collect, type Example, normalize, readIndexed } from "@rill/rill/pipelines";
 *
 * const pixel = (label: number): Example => ({
 *   image: { data: Uint8Array.of(255), height: 1, width: 1, channels: 1 },
 *   label,
 * });
 * const batches = pipe(
 *   readIndexed({ length: 5, get: pixel }, { seed: 1, epoch: 0 }),
 *   normalize(),
 *   batch(2),
 * );
 * assertEquals((await collect(batches)).map(({ size }) => size), [2, 2, 1]);
 * ```
 *
 * @module
 */
export * from "./batch.ts";
export * from "./collect.ts";
export * from "./decode_idx.ts";
export * from "./drain.ts";
export * from "./example.ts";
export * from "./filter.ts";
export * from "./idx_array.ts";
export * from "./idx_error.ts";
export * from "./image.ts";
export * from "./image_batch.ts";
export * from "./index_permutation.ts";
export * from "./indexed_source.ts";
export * from "./map.ts";
export * from "./normalize.ts";
export * from "./prefetch.ts";
export * from "./read_indexed.ts";
export * from "./reduce.ts";
export * from "./resize.ts";
export * from "./resize_image.ts";
export * from "./scan.ts";
export * from "./shuffle.ts";
export * from "./skip.ts";
export * from "./stage.ts";
export * from "./stage_error.ts";
export * from "./take.ts";
export * from "./tap.ts";
export * from "./zip.ts";
