/**
 * Texts of all ranks, such as what each was asked for.
 *
 * @module
 */

import { gatherNumbers } from "./_gather_numbers.ts";
import type { Communicator } from "./communicator.ts";

export type { Communicator } from "./communicator.ts";

/**
 * Gathers a text of each rank, so that they can see whether all have been given the same.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { gatherTexts, singleProcess } from "@rill/rill/models";
 *
 * assertEquals(gatherTexts("version 1", singleProcess()), ["version 1"]);
 * ```
 *
 * @param text The text of this rank. The others' may be longer or shorter.
 * @param communicator Joins the ranks, all of which must gather.
 * @returns The text of each rank, in their order.
 * @throws {CommunicatorError} If a rank has failed.
 */
export function gatherTexts(text: string, communicator: Communicator): string[] {
  const bytes = new TextEncoder().encode(text);
  // Small integers, one a byte, after their number: whatever is exchanged keeps them.
  const numbers = gatherNumbers(Float64Array.of(bytes.length, ...bytes), communicator);
  const texts: string[] = [];
  for (let at = 0; texts.length < communicator.size;) {
    const end = at + 1 + numbers[at]!;
    texts.push(new TextDecoder().decode(Uint8Array.from(numbers.subarray(at + 1, end))));
    at = end;
  }
  return texts;
}
