/**
 * Running averages of parameters.
 *
 * @module
 */

import { setField } from "./_pieces.ts";
import { checkSetting } from "./_settings.ts";
import type { Optimizer } from "./optimizer.ts";

export type { Average, Optimizer, OptimizerState } from "./optimizer.ts";

/**
 * Keeps a running average of parameters beside them, which is often better at what they do:
 * `average = decay · average + (1 - decay) · parameter` after each update, and the parameters themselves after the first one.
 * PyTorch's `AveragedModel` with that as its `avg_fn`. `averagedParams` gives them.
 *
 * @example Usage
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { adam, averaged } from "@rill/rill/models";
 *
 * assertEquals(pipe(adam(), averaged(0.999)).average, { decay: 0.999 });
 * ```
 *
 * @param decay How much of the average stays.
 * @returns A function that sets an optimizer's `average`. It throws a `RangeError` if that is set already.
 * @throws {RangeError} If the decay is out of range.
 */
export function averaged(decay: number): (optimizer: Optimizer) => Optimizer {
  checkSetting("averaged", "decay", decay, 0, 1);
  return (optimizer) => setField(optimizer, "average", { decay });
}
