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
 *   { length: 5, get: pixel },
 *   readIndexed({ seed: 1, epoch: 0 }),
 *   normalize(),
 *   batch(2),
 * );
 * assertEquals((await collect(batches)).map(({ size }) => size), [2, 2, 1]);
 * ```
 *
 * @module
 */
export * from "./codecs/mod.ts";
export * from "./data/mod.ts";
export * from "./formats/mod.ts";
export * from "./http/mod.ts";
export * from "./images/mod.ts";
export * from "./indexed/mod.ts";
export * from "./items/mod.ts";
export * from "./measure/mod.ts";
export * from "./random/mod.ts";
export * from "./stage/mod.ts";
export * from "./workers/mod.ts";
