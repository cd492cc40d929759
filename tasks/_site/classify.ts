import { type Backend, type LayerOutput, predictLayers, topK } from "../../models/mod.ts";
import { countElements } from "../../models/types/_shape.ts";
import { collect } from "../../pipelines/mod.ts";
import type { StoredRecord } from "../_data/sets/data_set.ts";
import { planInput } from "../_model/input_plan.ts";
import { planUse } from "../_model/views.ts";
import { type ClassShare, rankClasses } from "../_predict/print_prediction.ts";
import type { OpenedCheckpoint } from "./open_checkpoint.ts";

/** A gray picture of bytes. */
export interface Tile {
  readonly data: Uint8Array<ArrayBuffer>;
  readonly height: number;
  readonly width: number;
}

/** What a layer gives for a picture, as far as it is shown. */
export interface LayerView {
  /** The layer's name in the network, and what it is. */
  readonly name: string;
  readonly layer: string;
  /** The shape of its output. */
  readonly shape: readonly number[];
  /** The first of its channels, or its features in one row: from black, the least number of all, to white, the greatest. */
  readonly tiles: readonly Tile[];
  readonly least: number;
  readonly greatest: number;
}

/** What a network tells of a picture. */
export interface Classification {
  /** The likeliest classes, the likeliest first. */
  readonly ranked: readonly ClassShare[];
  /** The raw outputs, one for each class. */
  readonly logits: Float32Array<ArrayBuffer>;
  /** The picture as it went into the network, before mean and standard deviation: gray, or RGB. */
  readonly seen: Tile & { readonly channels: number };
  readonly layers: readonly LayerView[];
}

/** The most channels of a layer, and the most features, that are shown. */
const MOST_TILES = 8;
const MOST_FEATURES = 256;

/** Predicts what is on a picture, which is prepared as the checkpoint says, and gives what each layer made of it. */
export async function classify(
  backend: Pick<Backend, "name">,
  { model, network, variables }: Pick<OpenedCheckpoint, "model" | "network" | "variables">,
  record: StoredRecord,
  top = 10,
): Promise<Classification> {
  const input = planInput(backend, planUse(model), { size: undefined, channels: 3 });
  const [batch] = await collect(input.batches(1)(give(record)));
  if (!batch) throw new Error("Cannot classify a picture as none was given");
  const found = await predictLayers(network, input.stepOptions)(variables, batch);
  const names = model.classNames ??
    Array.from({ length: model.classes }, (_, label) => `class ${label}`);
  const { indices } = topK(found, Math.min(top, model.classes));
  const [ranked = []] = rankClasses(found, indices, names);
  return {
    ranked,
    logits: found.data,
    seen: restorePicture(found.input, model),
    layers: found.layers.map(viewLayer),
  };
}

/** A stream of one. Not every browser has `ReadableStream.from`. */
async function* give<T>(item: T): AsyncGenerator<T, void, undefined> {
  yield item;
}

/** Makes bytes again of what went into the network. */
function restorePicture(
  { data, shape: [, height = 1, width = 1, channels = 1] }: Pick<LayerOutput, "data" | "shape">,
  { mean, std }: Pick<OpenedCheckpoint["model"], "mean" | "std">,
): Classification["seen"] {
  const [means, stds] = [[mean].flat(), [std].flat()];
  const bytes = Uint8Array.from({ length: height * width * channels }, (_, i) => {
    const channel = i % channels;
    const sample = data[i]! * (stds[channel] ?? stds[0]!) + (means[channel] ?? means[0]!);
    return Math.min(Math.max(Math.round(sample * 255), 0), 255);
  });
  return { data: bytes, height, width, channels };
}

/** Makes pictures of the output of a layer, of the first view of the picture if the network looks at several. */
export function viewLayer(
  { node: { name, layer }, data, shape: [, ...shape] }: LayerOutput,
): LayerView {
  const isImage = shape.length === 3;
  const [height = 1, width = 1, channels = 1] = isImage
    ? shape
    : [1, Math.min(countElements(shape), MOST_FEATURES)];
  const count = Math.min(channels, MOST_TILES);
  const values = Array.from(
    { length: count },
    (_, channel) =>
      Float32Array.from({ length: height * width }, (_, i) => data[i * channels + channel]!),
  );
  let [least, greatest] = [Infinity, -Infinity];
  for (const tile of values) {
    for (const value of tile) {
      if (value < least) least = value;
      if (value > greatest) greatest = value;
    }
  }
  const range = greatest - least;
  const tiles = values.map((tile): Tile => ({
    data: Uint8Array.from(
      tile,
      (value) => range > 0 ? Math.round((value - least) / range * 255) : 0,
    ),
    height,
    width,
  }));
  return { name, layer, shape, tiles, least, greatest };
}
