/**
 * Dropout.
 *
 * @module
 */

import * as ops from "../ops/_ops.ts";
import type { DropoutMask } from "../ops/_epilogue.ts";
import { countElements } from "../types/_shape.ts";
import { makeLayer } from "./_make_layer.ts";
import type { ApplyContext, Layer } from "./layer.ts";

export type { Layer } from "./layer.ts";

/**
 * Describes a dropout layer (Srivastava et al., 2014): in training each element becomes 0 with probability `rate` and the
 * others are scaled by `1 / (1 - rate)`; otherwise the input passes. Which elements is a pure function of the context's key and
 * of their positions in the whole batch.
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
  return makeLayer(`Dropout(${rate})`, (inputShape) => {
    const features = countElements(inputShape);
    const maskOf = ({ training, key, first = 0 }: ApplyContext): DropoutMask | undefined =>
      training && rate > 0 ? { rate, key, offset: first * features } : undefined;
    return {
      outputShape: inputShape,
      epilogue: (context) => ({ dropout: maskOf(context) }),
      apply: (input, _, context) => {
        const mask = maskOf(context);
        return mask ? ops.dropout(input, mask) : input;
      },
    };
  });
}
