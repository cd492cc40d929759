/**
 * Items with their positions.
 *
 * @module
 */

import { stageOf } from "../stage/stage_of.ts";

/**
 * Gives each item with its position in the epoch, from 0. Holds one item.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { collect, enumerate } from "@rill/rill/pipelines";
 *
 * const numbered = enumerate()(ReadableStream.from(["a", "b"]));
 * assertEquals(await collect(numbered), [[0, "a"], [1, "b"]]);
 * ```
 *
 * @returns The stage.
 */
export function enumerate(): <T>(
  source: AsyncIterable<T>,
) => AsyncIterable<readonly [index: number, item: T]> {
  return <T>(source: AsyncIterable<T>) =>
    stageOf({ name: "enumerate", each: (item: T, index) => [index, item] as const })(source);
}
