import { checkWhole } from "./_check_whole.ts";
import { reordered } from "./_reordered.ts";
import type { IndexedSource } from "./indexed_source.ts";

/**
 * Some items of an indexed source, in any order: those at the given indices.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { collect, readIndexed, selectIndexed } from "@rill/rill/pipelines";
 *
 * const letters = { length: 6, get: (index: number) => "abcdef"[index] };
 * assertEquals(await collect(readIndexed(selectIndexed(letters, [4, 0, 4]))), ["e", "a", "e"]);
 * ```
 *
 * @typeParam T The type of the items.
 * @param source The source.
 * @param indices The indices, an array or a typed one, which is kept, not copied. An index may come more than once.
 * @returns The source of these items.
 * @throws {RangeError} When an index is not a whole number from 0 to `source.length - 1`.
 */
export function selectIndexed<T>(
  source: IndexedSource<T>,
  indices: ArrayLike<number>,
): IndexedSource<T> {
  const max = source.length - 1;
  for (let i = 0; i < indices.length; i++) {
    checkWhole(`select item ${indices[i]}`, "index", indices[i], { max });
  }
  return reordered(source, indices.length, (position) => indices[position]);
}
