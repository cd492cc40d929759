/**
 * Rectifiers.
 *
 * @module
 */

import * as ops from "../ops/_ops.ts";
import { countElements } from "../types/_shape.ts";
import { makeLayer } from "./_make_layer.ts";
import type { Layer } from "./layer.ts";

export type { Layer } from "./layer.ts";

/**
 * Describes the rectifier, `max(x, 0)`, for any shape.
 *
 * @example Usage
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import { build, relu } from "@rill/rill/models";
 *
 * const layer = build(relu(), [54, 54, 96]);
 * assert(layer._tag === "Right");
 * assertEquals(layer.right.outputShape, [54, 54, 96]);
 * ```
 *
 * @returns The layer.
 */
export function relu(): Layer {
  return makeLayer("ReLU()", (inputShape) => ({
    outputShape: inputShape,
    flops: countElements(inputShape),
    epilogue: () => ({ relu: true }),
    apply: (input) => ops.relu(input),
  }));
}
