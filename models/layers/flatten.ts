/**
 * Images as vectors.
 *
 * @module
 */

import * as ops from "../ops/_ops.ts";
import { countElements } from "../types/_shape.ts";
import { type Layer, layer } from "./layer.ts";

export type { Layer } from "./layer.ts";

/**
 * Describes a layer that turns an image into a vector, channel by channel (C-H-W) as in PyTorch, so that the weights that
 * follow have its order.
 *
 * @example Usage
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import { build, flatten } from "@rill/rill/models";
 *
 * const layer = build(flatten(), [5, 5, 256]);
 * assert(layer._tag === "Right");
 * assertEquals(layer.right.outputShape, [6400]);
 * ```
 *
 * @returns The layer.
 */
export function flatten(): Layer {
  return layer("Flatten()", (input) => ({
    outputShape: [countElements(input)],
    kind: { type: "flatten", attributes: {} },
    apply: (x) => ops.flatten(x),
  }));
}
