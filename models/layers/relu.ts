/**
 * Rectifiers.
 *
 * @module
 */

import * as ops from "../ops/_ops.ts";
import { countElements } from "../types/_shape.ts";
import { withFusion } from "./_fusion.ts";
import { type Layer, layer } from "./layer.ts";

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
  return layer("ReLU()", (input) =>
    withFusion({
      outputShape: input,
      kind: { type: "relu", attributes: {} },
      flops: countElements(input),
      apply: (x) => ops.relu(x),
    }, { epilogue: () => ({ relu: true }) }));
}
