import { checkWhole } from "./_check_whole.ts";

/**
 * Refuses a share that there cannot be.
 *
 * @throws {RangeError} As `Cannot take shard 2 of 2: the index must be a whole number from 0 to 1`.
 */
export function checkShard(index: number, count: number): void {
  checkWhole(`take shard ${index} of ${count}`, "count", count, { min: 1 });
  checkWhole(`take shard ${index} of ${count}`, "index", index, { max: count - 1 });
}
