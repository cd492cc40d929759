import { sharedBytes, WORD } from "./_shared_layout.ts";

/** More ranks would need more memory for their exchange than they save time. */
const MOST = 64;

/**
 * Makes the memory through which the ranks of a parallel training exchange numbers. Give it to each of them, by
 * `postMessage` to workers, and there to `sharedCommunicator`. It is about 4 MB a rank.
 * A browser has such memory only for pages that are isolated from those of other origins.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { sharedCommunicator, sharedMemory } from "@rill/rill/models";
 *
 * const { rank, size } = sharedCommunicator(sharedMemory(4), 3);
 * assertEquals([rank, size], [3, 4]);
 * ```
 *
 * @param size How many ranks there will be, from 1 to 64.
 * @returns The memory.
 * @throws {RangeError} If there cannot be so many.
 */
export function sharedMemory(size: number): SharedArrayBuffer {
  if (!Number.isSafeInteger(size) || size < 1 || size > MOST) {
    throw new RangeError(
      `Cannot share memory between ${size} ranks: it must be a whole number from 1 to ${MOST}`,
    );
  }
  const memory = new SharedArrayBuffer(sharedBytes(size));
  new Int32Array(memory)[WORD.size] = size;
  return memory;
}
