/**
 * Dropout.
 *
 * @module
 */

import * as ops from "../ops/_ops.ts";
import type { DropoutMask } from "../ops/_epilogue.ts";
import { countElements } from "../types/_shape.ts";
import { withFusion } from "./_fusion.ts";
import { type Layer, layer, type Pass } from "./layer.ts";

export type { Layer } from "./layer.ts";

/**
 * Describes a dropout layer (Srivastava et al., 2014): in training each element becomes 0 with probability `rate` and the
 * others are scaled by `1 / (1 - rate)`; otherwise the input passes. Which elements is a pure function of the pass's key and
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
  return layer(`Dropout(${rate})`, (input) => {
    const features = countElements(input);
    const maskOf = ({ training, key, first }: Pass): DropoutMask | undefined =>
      training && rate > 0 ? { rate, key, offset: first * features } : undefined;
    return withFusion({
      outputShape: input,
      kind: { type: "dropout", attributes: { rate } },
      apply: (x, _, pass) => {
        const mask = maskOf(pass);
        return mask ? ops.dropout(x, mask) : x;
      },
    }, { epilogue: (pass) => ({ dropout: maskOf(pass) }) });
  });
}
