import { checkIndex } from "../_arguments/check_integer.ts";
import type { IndexedSource } from "./indexed_source.ts";

/** Makes a source that has at each position the item of another at `indexOf(position)`. */
export function reorder<T>(
  source: IndexedSource<T>,
  length: number,
  indexOf: (position: number) => number,
): IndexedSource<T> {
  return {
    length,
    get(position) {
      checkIndex(position, length);
      return source.get(indexOf(position));
    },
  };
}
