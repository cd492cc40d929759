/**
 * A stream's items as an array.
 *
 * @module
 */

import { forEach } from "./_for_each.ts";

/**
 * Gathers a stream's items in an array.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { collect } from "@rill/rill/pipelines";
 *
 * assertEquals(await collect(ReadableStream.from([1, 2, 3])), [1, 2, 3]);
 * ```
 *
 * @typeParam T The type of the items.
 * @param source The stream.
 * @returns All its items, in order. Rejects with the stream's error.
 */
export async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  await forEach(source, (item) => void items.push(item));
  return items;
}
