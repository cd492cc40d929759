/**
 * The end of a pipeline that runs for what it does on the way.
 *
 * @module
 */

import { forEach } from "./_for_each.ts";

/**
 * Runs a stream to its end for what it does on the way, and drops its items.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { drain, tap } from "@rill/rill/pipelines";
 *
 * let sum = 0;
 * await drain(tap((n: number) => sum += n)(ReadableStream.from([1, 2, 3])));
 * assertEquals(sum, 6);
 * ```
 *
 * @param source The stream.
 * @returns A promise that resolves at the stream's end and rejects with its error.
 */
export function drain(source: AsyncIterable<unknown>): Promise<void> {
  return forEach(source, () => {});
}
