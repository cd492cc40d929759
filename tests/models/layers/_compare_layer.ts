// Layers as subjects of the comparison with double precision: see `../_float64.ts`.
import { build, getOrThrow, type Key, type Layer, randomKey, type Tensor } from "@rill/rill/models";
import type { Array64, Case, Draws } from "../_float64.ts";

type Arrays = Readonly<Record<string, Array64>>;

/** A layer to be compared with its reference. */
export interface LayerCase {
  readonly layer: Layer;
  /** A batch of inputs. */
  readonly x: Array64;
  /** Computes the outputs of `x` and of the layer's variables, which have its names and the order that they have in memory. */
  refer(inputs: Arrays): Array64;
  /** Buffers that take part as inputs do; those of `init` unless given. */
  readonly buffers?: Arrays;
  /** Whether it is compared as in training; true by default. */
  readonly training?: boolean;
  /** The least number of which parameters are drawn; -1 by default, and 1 the largest. */
  readonly low?: number;
  /** What is compared: by default the outputs. */
  readonly result?: (applied: { readonly output: Tensor; readonly buffers: Tensors }) => Tensor;
}

type Tensors = Readonly<Record<string, Tensor>>;

/** The key of every pass. */
export const KEY: Key = randomKey(31);

/** Draws the parameters of a layer, and makes a case of it. */
export function compareLayer(draws: Draws, drawn: LayerCase): Case {
  const { layer, x, refer, buffers = {}, training = true, low = -1, result } = drawn;
  const input = x.shape.slice(1);
  const network = getOrThrow(build(layer, input));
  const params = Object.fromEntries(
    network.parameters.map(({ name, shape, order }) =>
      [name, draws.values(order.map((d) => shape[d]!), low, 1)] as const
    ),
  );
  const pick = (tensors: Tensors, names: Arrays): Tensors =>
    Object.fromEntries(Object.keys(names).map((name) => [name, tensors[name]!]));
  return {
    inputs: { x, ...params, ...buffers },
    compute: (tensors) => {
      const applied = network.apply(
        {
          params: pick(tensors, params),
          buffers: { ...network.init(KEY).buffers, ...pick(tensors, buffers) },
        },
        tensors.x!,
        { training, key: KEY },
      );
      return result?.(applied) ?? applied.output;
    },
    refer,
    what: layer.describe(input),
  };
}

/** Adds a number to each channel, if there are some. */
export function addBias(x: Array64, bias: Array64 | undefined): Array64 {
  return bias ? { ...x, data: x.data.map((y, i) => y + bias.data[i % bias.data.length]!) } : x;
}
