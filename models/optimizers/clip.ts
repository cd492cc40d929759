/**
 * Clipping of gradients.
 *
 * @module
 */

import { setField } from "./_pieces.ts";
import type { Clip, Optimizer } from "./optimizer.ts";

export type { Clip, Optimizer, OptimizerState } from "./optimizer.ts";

/**
 * Shortens all gradients together, so that the norm of all their numbers is at most `norm`: PyTorch's `clip_grad_norm_`. The norm
 * is of all trained parameters, and with several ranks of the whole gradients.
 *
 * @example Usage
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { adam, clipByGlobalNorm } from "@rill/rill/models";
 *
 * assertEquals(pipe(adam(), clipByGlobalNorm(1)).clip, { norm: 1 });
 * ```
 *
 * @param norm The largest norm.
 * @returns A function that sets an optimizer's `clip`. It throws a `RangeError` if that is set already.
 * @throws {RangeError} If the norm isn't above 0 and finite.
 */
export function clipByGlobalNorm(norm: number): (optimizer: Optimizer) => Optimizer {
  return setClip("norm", norm, { norm });
}

/**
 * Limits each number of the gradients to `[-value, value]`: PyTorch's `clip_grad_value_`.
 *
 * @example Usage
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { clipByValue, sgd } from "@rill/rill/models";
 *
 * assertEquals(pipe(sgd(), clipByValue(0.5)).clip, { value: 0.5 });
 * ```
 *
 * @param value The largest absolute value.
 * @returns A function that sets an optimizer's `clip`. It throws a `RangeError` if that is set already.
 * @throws {RangeError} If the value isn't above 0 and finite.
 */
export function clipByValue(value: number): (optimizer: Optimizer) => Optimizer {
  return setClip("value", value, { value });
}

function setClip(what: string, limit: number, clip: Clip): (optimizer: Optimizer) => Optimizer {
  if (!(limit > 0 && limit < Infinity)) {
    throw new RangeError(
      `Cannot clip gradients by ${what} ${limit}: it must be above 0 and finite`,
    );
  }
  return (optimizer) => setField(optimizer, "clip", clip);
}
