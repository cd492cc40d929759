/**
 * Accumulation of gradients.
 *
 * @module
 */

import { setField } from "./_pieces.ts";
import type { Optimizer } from "./optimizer.ts";

export type { Optimizer, OptimizerState } from "./optimizer.ts";

/**
 * Makes one update of the gradients of several batches, as if these were one: the losses' sums are added up, and divided by the
 * sum of their weights. The learning rate goes by updates, not by batches.
 *
 * @example Usage
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { accumulate, sgd } from "@rill/rill/models";
 *
 * assertEquals(pipe(sgd(), accumulate(4)).accumulate, 4);
 * ```
 *
 * @param batches The number of batches.
 * @returns A function that sets an optimizer's `accumulate`. It throws a `RangeError` if that is set already.
 * @throws {RangeError} If the number isn't an integer of at least 1.
 */
export function accumulate(batches: number): (optimizer: Optimizer) => Optimizer {
  if (!Number.isSafeInteger(batches) || batches < 1) {
    throw new RangeError(
      `Cannot accumulate gradients of ${batches} batches: it must be an integer of at least 1`,
    );
  }
  return (optimizer) => setField(optimizer, "accumulate", batches);
}
