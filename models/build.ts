/**
 * Models built for an input shape.
 *
 * @module
 */

import { initialize } from "./layers/_initialize.ts";
import { checkInput } from "./layers/_make_layer.ts";
import type { Layer } from "./layers/layer.ts";
import type { Network } from "./layers/network.ts";
import { ShapeError } from "./layers/shape_error.ts";
import * as ops from "./ops/_ops.ts";
import { foldIn } from "./random/key.ts";
import { type Either, left, right } from "./types/either.ts";
import { importTensor } from "./weights/_stored_tensors.ts";

export type { Layer } from "./layers/layer.ts";
export type { Initializer, Network } from "./layers/network.ts";
export { ShapeError } from "./layers/shape_error.ts";
export { type Either, getOrThrow } from "./types/either.ts";

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
 * @throws {RangeError} If two parameters have the same name, which takes a layer named `""`.
 */
export function build(layer: Layer, inputShape: readonly number[]): Either<ShapeError, Network> {
  if (!inputShape.every((length) => Number.isSafeInteger(length) && length > 0)) {
    return left(new ShapeError("", layer.description, inputShape, "lengths of at least 1"));
  }
  const built = layer.build(inputShape, "");
  if (built._tag === "Left") return built;
  const { parameters } = built.right;
  checkDistinct(parameters.map(({ name }) => name));
  return right({
    ...built.right,
    inputShape: [...inputShape],
    apply(params, input, context) {
      checkInput("the network", inputShape, input.shape);
      return ops.tidy(() => built.right.apply(params, input, context));
    },
    init: (key, initializer = "pytorch") =>
      Object.fromEntries(parameters.map((spec, index) => {
        const data = initialize(foldIn(key, index), spec, initializer);
        const tensor = importTensor(spec, { shape: spec.shape, data });
        // The tensor has a copy.
        ops.releaseNumbers(data);
        return [spec.name, tensor];
      })),
  });
}

function checkDistinct(names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new RangeError(`Cannot build a model with two parameters called ${twice}`);
  }
}
