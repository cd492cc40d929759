import * as ops from "../ops/_ops.ts";
import { simpleLayer } from "./_simple_layer.ts";
import type { Layer } from "./layer.ts";

/**
 * An image as a vector, channel by channel (C-H-W) as in PyTorch, so that the weights that follow have its order.
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
  return simpleLayer("Flatten()", (inputShape) => ({
    outputShape: [inputShape.reduce((a, b) => a * b, 1)],
    apply: (input) => ops.flatten(input),
  }));
}
