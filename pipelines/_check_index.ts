import { plural } from "./_plural.ts";

/**
 * Refuses an index that is none of a source.
 *
 * @throws {RangeError} As `Cannot get item 5: there are 5 items, from 0`.
 */
export function checkIndex(index: number, length: number): void {
  if (Number.isInteger(index) && index >= 0 && index < length) return;
  throw new RangeError(`Cannot get item ${index}: there are ${plural(length, "item")}, from 0`);
}
