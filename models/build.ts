/**
 * Models built for an input shape.
 *
 * @module
 */

import { buildLayer, type BuiltTree, openPass } from "./layers/_build_layer.ts";
import { checkExamples, checkInput } from "./layers/_check.ts";
import { joinFileNames } from "./layers/_file_names.ts";
import { beginBuffer, type Beginning, beginParameter } from "./layers/_initialize.ts";
import type { Layer } from "./layers/layer.ts";
import type { LayerNode, Network } from "./layers/network.ts";
import { ShapeError } from "./layers/shape_error.ts";
import type { NamedSpec } from "./layers/variable_spec.ts";
import { markWholeSum } from "./ops/_batch_norm.ts";
import { checkFloats } from "./ops/_base/operands.ts";
import * as ops from "./ops/_ops.ts";
import { sum } from "./ops/reductions.ts";
import { foldIn, type Key, randomKey } from "./random/key.ts";
import { checkUnconsumed } from "./types/_consumption.ts";
import { matchesPattern } from "./types/_names.ts";
import { releaseNumbers } from "./types/_tensors.ts";
import { type Either, left, right } from "./types/either.ts";
import type { Tensor } from "./types/tensor.ts";
import { importTensor } from "./weights/_stored_tensors.ts";

export type { Layer } from "./layers/layer.ts";
export type { InitializerName } from "./layers/initializers.ts";
export type { LayerNode, Network, NetworkOutput } from "./layers/network.ts";
export { ShapeError } from "./layers/shape_error.ts";
export { type Either, getOrThrow } from "./types/either.ts";

/** The options of `build`. */
export interface BuildOptions {
  /**
   * The layers that are computed as in use while the network trains: batch normalization by its running statistics, which stay,
   * and dropout not at all. Each is a name or a pattern with `*`, as `frozen` takes; it means what is below a layer too.
   *
   * @default {none}
   */
  readonly inUse?: readonly string[] | undefined;
}

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
 * @param options Which layers don't train.
 * @returns The network, or the error that names the layer, what it got and what it needs.
 * @throws {RangeError} If two children of a layer, or two parameters or buffers, have the same name.
 */
export function build(
  layer: Layer,
  inputShape: readonly number[],
  { inUse = [] }: BuildOptions = {},
): Either<ShapeError, Network> {
  const isInUse = (name: string) => inUse.some((pattern) => matchesPattern(pattern, name));
  if (!inputShape.every((length) => Number.isSafeInteger(length) && length > 0)) {
    return left(new ShapeError("", layer.describe([]), inputShape, "lengths of at least 1"));
  }
  try {
    return right(toNetwork(buildLayer(layer, inputShape, { name: "", isInUse }), [...inputShape]));
  } catch (error) {
    if (error instanceof ShapeError) return left(error);
    throw error;
  }
}

function toNetwork(
  { built, node, parameters, buffers, fileNames }: BuiltTree,
  inputShape: readonly number[],
): Network {
  checkDistinct([...parameters, ...buffers]);
  return {
    inputShape,
    outputShape: built.outputShape,
    parameters,
    buffers,
    ...fileNames.length > 0 && { fileNames: joinFileNames(fileNames) },
    root: node,
    layers: listLayers(node),
    apply(variables, input, pass) {
      checkUnconsumed("apply the network", variables);
      checkFloats("apply the network to", input);
      checkInput("the network", inputShape, input.shape);
      return ops.tidy(() => {
        const next: Record<string, Tensor> = {};
        const [size = 0] = input.shape;
        const output = built(
          input,
          openPass({
            training: false,
            key: UNUSED_KEY,
            first: 0,
            size,
            sumOverBatch: markWholeSum((x) => {
              checkExamples(x.shape, size);
              return sum(x, { axis: 0 });
            }),
            ...pass,
          }, { variables, next }),
        );
        return { output, buffers: { ...variables.buffers, ...next } };
      });
    },
    init: (key, initializer = "pytorch") => ({
      params: beginAll(parameters, (spec) => beginParameter(spec, initializer), key, 0),
      buffers: beginAll(buffers, beginBuffer, key, parameters.length),
    }),
  };
}

/** Nothing is drawn in use. */
const UNUSED_KEY: Key = randomKey(0);

/** Makes the tensors that variables begin with, the first of which has the key of such an index. */
function beginAll<Spec extends NamedSpec>(
  specs: readonly Spec[],
  begin: (spec: Spec) => Beginning,
  key: Key,
  first: number,
): Record<string, Tensor> {
  return Object.fromEntries(specs.map((spec, i) => [
    spec.name,
    makeTensor(spec, begin(spec), foldIn(key, first + i)),
  ]));
}

function makeTensor(spec: NamedSpec, { distribution, draw }: Beginning, key: Key): Tensor {
  if (distribution) return ops.drawTensor(distribution, key, spec);
  const data = draw(key);
  const tensor = importTensor(spec, { shape: spec.shape, data });
  // The tensor has a copy.
  releaseNumbers(data);
  return tensor;
}

function listLayers(node: LayerNode): LayerNode[] {
  const below = node.children.flatMap(listLayers);
  const isListed = node.children.length === 0 || node.parameters + node.buffers > 0;
  return isListed ? [node, ...below] : below;
}

function checkDistinct(specs: readonly NamedSpec[]): void {
  const names = specs.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new RangeError(`Cannot build a model with two tensors called ${twice}`);
  }
}
