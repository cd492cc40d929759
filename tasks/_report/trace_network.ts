import {
  type InputBatch,
  type InputOptions,
  type Network,
  predictLayers,
  type Variables,
} from "../../models/mod.ts";
import { countElements } from "../../models/types/_shape.ts";

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
  options: InputOptions,
): Promise<LayerOutput[]> {
  const shown = chooseLayers(network);
  const { layers } = await predictLayers(network, options)(variables, batch);
  const outputs = new Map<string, LayerOutput>();
  for (const { node: { name, layer }, data, shape: [, ...shape] } of layers) {
    if (!shown.has(name) || outputs.has(name)) continue;
    const length = countElements(shape);
    outputs.set(name, { name, layer, shape, data: data.subarray(0, length) });
  }
  return [...outputs.values()];
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
