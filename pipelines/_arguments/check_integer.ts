import { pluralize } from "./text.ts";

/**
 * Refuses a number that is not an integer or is out of its range.
 *
 * @param action The action that was asked for, with the number in it: `batch by 0`.
 * @param name The name of the number: `size`.
 * @throws {RangeError} As `Cannot batch by 0: the size must be an integer of at least 1`.
 */
export function checkInteger(
  action: string,
  name: string,
  value: number,
  { min = 0, max = Number.MAX_SAFE_INTEGER }: { min?: number; max?: number } = {},
): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
  throw new RangeError(`Cannot ${action}: the ${name} must be an integer ${range}`);
}

/**
 * Refuses an index that is out of a source's range.
 *
 * @throws {RangeError} As `Cannot get item 5: there are 5 items, from 0`.
 */
export function checkIndex(index: number, length: number): void {
  if (Number.isInteger(index) && index >= 0 && index < length) return;
  throw new RangeError(`Cannot get item ${index}: there are ${pluralize(length, "item")}, from 0`);
}

/**
 * Refuses a shard that does not exist.
 *
 * @throws {RangeError} As `Cannot take shard 2 of 2: the index must be an integer from 0 to 1`.
 */
export function checkShard(index: number, count: number): void {
  checkInteger(`take shard ${index} of ${count}`, "count", count, { min: 1 });
  checkInteger(`take shard ${index} of ${count}`, "index", index, { max: count - 1 });
}
