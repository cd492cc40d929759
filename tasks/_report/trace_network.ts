import type { InputBatch, InputOptions, Network, Variables } from "../../models/mod.ts";
import { watchLayers } from "../../models/layers/_watch.ts";
import * as ops from "../../models/ops/_ops.ts";
import { toInputTensor } from "../../models/training/_to_input_tensor.ts";
import type { Tensor } from "../../models/mod.ts";

/** What a layer gives for a picture. */
export interface LayerOutput {
  /** The layer's name in the network. */
  readonly name: string;
  /** The layer with its settings. */
  readonly layer: string;
  /** `[height, width, channels]` or `[features]`. */
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** The most layers that are shown of a network. */
const MOST_LAYERS = 12;

/**
 * Traces a picture through a network, as that is used: what the layers without children give. Of many it takes some from the first to
 * the last. Of several views of the picture it is the first.
 *
 * @param batch A batch of one picture.
 */
export async function traceNetwork(
  network: Network,
  variables: Variables,
  batch: InputBatch,
  { input }: InputOptions,
): Promise<LayerOutput[]> {
  const shown = chooseLayers(network);
  const kept = new Map<string, { readonly layer: string; readonly tensor: Tensor }>();
  try {
    watchLayers(
      {
        seeInput: (_, x) => x,
        seeParameter: (_layer, _name, parameter) => parameter,
        seeOutput({ name, layer }, y) {
          if (shown.has(name) && !kept.has(name)) kept.set(name, { layer, tensor: ops.keep(y) });
          return y;
        },
      },
      () =>
        ops.tidy(() => network.apply(variables, toInputTensor(network, batch, input)).output)
          .dispose(),
    );
    const outputs: LayerOutput[] = [];
    for (const [name, { layer, tensor }] of kept) {
      const [, ...shape] = tensor.shape;
      const length = shape.reduce((a, b) => a * b, 1);
      const data = Float32Array.from(await tensor.data()).subarray(0, length);
      outputs.push({ name, layer, shape, data });
    }
    return outputs;
  } finally {
    for (const { tensor } of kept.values()) tensor.dispose();
  }
}

/** Chooses which layers are shown, by name: of those with channels so many at the most, and the last. */
function chooseLayers({ layers, root }: Network): ReadonlySet<string> {
  const leaves = (layers.length > 0 ? layers : [root]).filter(({ children, outputShape }) =>
    children.length === 0 && (outputShape.length === 3 || outputShape.length === 1)
  );
  const spatial = leaves.filter(({ outputShape: { length } }) => length === 3);
  const count = Math.min(spatial.length, MOST_LAYERS);
  const chosen = Array.from(
    { length: count },
    (_, i) => spatial[Math.round(i * (spatial.length - 1) / Math.max(1, count - 1))]!,
  );
  const last = leaves.at(-1);
  return new Set([...chosen, ...last ? [last] : []].map(({ name }) => name));
}
