/**
 * Predictions with what each layer gives.
 *
 * @module
 */

import type { LayerNode, Network } from "../layers/network.ts";
import { type LayerWatch, watchLayers } from "../layers/_watch.ts";
import * as ops from "../ops/_ops.ts";
import { checkUnconsumed } from "../types/_consumption.ts";
import type { Tensor, Variables } from "../types/tensor.ts";
import { checkBatch, toInputTensor } from "./_to_input_tensor.ts";
import type { Prediction } from "./predict_step.ts";
import type { InputBatch, InputOptions, SizedBatch } from "./training_batch.ts";

export type { LayerNode, Network } from "../layers/network.ts";
export type { Variables } from "../types/tensor.ts";
export type { Prediction } from "./predict_step.ts";
export type { BatchInput, InputBatch, InputOptions, SizedBatch } from "./training_batch.ts";

/** What a layer gives for a batch. */
export interface LayerOutput extends Prediction {
  /** The layer: one of the network's `layers`. */
  readonly node: LayerNode;
}

/** A network's outputs for a batch, with those of its layers. */
export interface LayeredPrediction extends Prediction {
  /** What went into the network: the numbers of the batch as its `input` makes them. */
  readonly input: Prediction;
  /** The outputs of the network's `layers`, in the order in which they were computed. */
  readonly layers: readonly LayerOutput[];
}

/**
 * Makes a function that predicts as `predictStep` does, and gives besides what each of the network's `layers` gives. Each layer
 * is computed by itself for that, and all outputs are kept until they are read, so it takes more time and memory.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import * as rill from "@rill/rill/models";
 *
 * await using _backend = await rill.openBackend("wasm");
 * const layers = { fc: rill.linear(1), relu: rill.relu() };
 * const network = rill.getOrThrow(rill.build(rill.sequential(layers), [2]));
 * const variables = rill.getOrThrow(rill.importParams(network, {
 *   "fc.weight": { shape: [1, 2], data: Float32Array.of(1, -2) },
 *   "fc.bias": { shape: [1], data: Float32Array.of(0) },
 * }));
 * const images = { data: Float32Array.of(3, 4), shape: [1, 2] };
 * const { data, layers: seen } = await rill.predictLayers(network)(variables, { images, size: 1 });
 * assertEquals(seen.map(({ node, data }) => [node.name, data[0]]), [["fc", -5], ["relu", 0]]);
 * assertEquals(data, Float32Array.of(0));
 * ```
 *
 * @typeParam B The batches.
 * @param network The network.
 * @param options Makes the network's input of a batch; by default it is the numbers of `images` as they are.
 * @returns The function. It throws a `RangeError` for a batch that doesn't fit, and for variables that a step has consumed.
 */
export function predictLayers<B extends SizedBatch = InputBatch>(
  network: Network,
  { input }: InputOptions<B> = {},
): (variables: Variables, batch: B) => Promise<LayeredPrediction> {
  const nodes = new Map(network.layers.map((node) => [node.name, node]));
  return async (variables, batch) => {
    checkUnconsumed("predict", variables);
    checkBatch(network, batch, input);
    const kept: Tensor[] = [];
    const keep = (tensor: Tensor): Tensor => {
      const own = ops.keep(ops.share(tensor));
      kept.push(own);
      return own;
    };
    const seen: { readonly node: LayerNode; readonly tensor: Tensor }[] = [];
    const watch: LayerWatch = {
      seeInput: (_, x) => x,
      seeParameter: (_layer, _name, parameter) => parameter,
      seeOutput({ name, layer }, y) {
        const node = nodes.get(name);
        // A layer called "" in another has its name; what it is differs.
        if (node?.layer === layer) seen.push({ node, tensor: keep(y) });
        return y;
      },
    };
    try {
      const [x, output] = ops.tidy(() => {
        const x = keep(toInputTensor(network, batch, input));
        return [x, keep(watchLayers(watch, () => network.apply(variables, x)).output)] as const;
      });
      const layers: LayerOutput[] = [];
      for (const { node, tensor } of seen) layers.push({ node, ...await readNumbers(tensor) });
      return { ...await readNumbers(output), input: await readNumbers(x), layers };
    } finally {
      for (const tensor of kept) tensor.dispose();
    }
  };
}

const readNumbers = async (tensor: Tensor): Promise<Prediction> => ({
  data: Float32Array.from(await tensor.data()),
  shape: [...tensor.shape],
});
