import { permute } from "./_permute.ts";
import { initialize } from "./_initialize.ts";
import * as ops from "./_ops.ts";
import type { Either } from "./either.ts";
import { foldIn } from "./fold_in.ts";
import type { Layer } from "./layer.ts";
import type { Network } from "./network.ts";
import type { ShapeError } from "./shape_error.ts";

/**
 * Builds a model for an input shape. Nothing is allocated on the backend.
 *
 * @example Usage
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import { alexnet, build } from "@rill/rill/models";
 *
 * const network = build(alexnet({ classes: 10 }), [224, 224, 1]);
 * assert(network._tag === "Right");
 * assertEquals(network.right.outputShape, [10]);
 *
 * const tooSmall = build(alexnet(), [64, 64, 1]);
 * assert(tooSmall._tag === "Left");
 * assertEquals(tooSmall.left.layer, "conv.12");
 * ```
 *
 * @param layer The model's description.
 * @param inputShape The shape of one example: `[height, width, channels]` or `[features]`.
 * @returns The network, or the error that names the layer, what it got and what it needs.
 */
export function build(layer: Layer, inputShape: readonly number[]): Either<ShapeError, Network> {
  const built = layer.build(inputShape, "");
  if (built._tag === "Left") return built;
  const { parameters } = built.right;
  return {
    _tag: "Right",
    right: {
      ...built.right,
      inputShape: [...inputShape],
      init: (key, initializer = "pytorch") =>
        Object.fromEntries(parameters.map((spec, index) => {
          const drawn = initialize(foldIn(key, index), spec, initializer);
          return [
            spec.name,
            ops.tensor(
              permute(drawn, spec.shape, spec.order),
              spec.order.map((d) => spec.shape[d]),
            ),
          ];
        })),
    },
  };
}
