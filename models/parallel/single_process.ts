/**
 * Training that is not parallel.
 *
 * @module
 */

import type { Communicator } from "./communicator.ts";

export type { Communicator } from "./communicator.ts";

/**
 * Makes the communicator of a training that is not parallel: its only rank owns all numbers, so nothing is exchanged.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { singleProcess } from "@rill/rill/models";
 *
 * const { rank, size } = singleProcess();
 * assertEquals([rank, size], [0, 1]);
 * ```
 *
 * @returns The communicator.
 */
export function singleProcess(): Communicator {
  return { rank: 0, size: 1, allGather() {}, exchange() {}, abort() {} };
}
