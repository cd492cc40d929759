import * as ops from "../ops/_ops.ts";
import { simpleLayer } from "./_simple_layer.ts";
import type { Layer } from "./layer.ts";

/**
 * The rectifier, `max(x, 0)`, for any shape.
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
  return simpleLayer("ReLU()", (inputShape) => ({
    outputShape: inputShape,
    flops: inputShape.reduce((a, b) => a * b, 1),
    epilogue: () => ({ relu: true }),
    apply: (input) => ops.relu(input),
  }));
}
