import { assertEquals } from "@std/assert";

/**
 * Gives the only item of a list.
 *
 * @throws {AssertionError} When there is none, or more than one.
 */
export function getOnly<T>(items: readonly T[]): T {
  assertEquals(items.length, 1);
  const [item] = items as readonly [T];
  return item;
}
