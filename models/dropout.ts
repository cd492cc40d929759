import * as ops from "./_ops.ts";
import { simpleLayer } from "./_simple_layer.ts";
import type { Layer } from "./layer.ts";

/**
 * Dropout (Srivastava et al., 2014): in training each element becomes 0 with probability `rate` and the others are
 * scaled by `1 / (1 - rate)`; otherwise the input passes. Which elements is a pure function of the context's key.
 *
 * @example Usage
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { dropout } from "@rill/rill/models";
 *
 * dropout(0.5);
 * assertThrows(() => dropout(1), RangeError);
 * ```
 *
 * @param rate The probability, from 0 to less than 1.
 * @returns The layer.
 * @throws {RangeError} If the rate is outside.
 */
export function dropout(rate: number): Layer {
  if (!(rate >= 0 && rate < 1)) {
    throw new RangeError(
      `Cannot describe a dropout layer with rate ${rate}: it must be from 0 to less than 1`,
    );
  }
  return simpleLayer(`Dropout(${rate})`, (inputShape) => ({
    outputShape: inputShape,
    epilogue: ({ training, key }) => training && rate > 0 ? { dropout: { rate, key } } : {},
    apply: (input, _, context) =>
      context.training && rate > 0 ? ops.dropout(input, rate, context.key) : input,
  }));
}
