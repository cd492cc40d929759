/**
 * Some of an indexed source's items.
 *
 * @module
 */

import { checkInteger } from "../_arguments/check_integer.ts";
import { reorder } from "./_reorder.ts";
import type { IndexedSource } from "./indexed_source.ts";

export type { IndexedSource } from "./indexed_source.ts";

/**
 * Selects items of an indexed source, in any order: those at the given indices.
 *
 * @example Usage
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { collect, readIndexed, selectIndexed } from "@rill/rill/pipelines";
 *
 * const letters = { length: 6, get: (index: number) => "abcdef"[index] };
 * const selected = pipe(letters, selectIndexed([4, 0, 4]), readIndexed());
 * assertEquals(await collect(selected), ["e", "a", "e"]);
 * ```
 *
 * @param indices The indices, an array or a typed one, which is kept, not copied. An index may come more than once.
 * @returns A function from the source to that of these items.
 * @throws {RangeError} When an index is not an integer from 0 to `source.length - 1`.
 */
export function selectIndexed(
  indices: ArrayLike<number>,
): <T>(source: IndexedSource<T>) => IndexedSource<T> {
  return (source) => {
    const max = source.length - 1;
    for (let i = 0; i < indices.length; i++) {
      const index = indices[i]!;
      checkInteger(`select item ${index}`, "index", index, { max });
    }
    return reorder(source, indices.length, (position) => indices[position]!);
  };
}
