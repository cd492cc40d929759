/**
 * Where in a network numbers cease to be finite.
 *
 * @module
 */

import type { Network } from "../layers/network.ts";
import { type LayerWatch, type WatchedLayer, watchLayers } from "../layers/_watch.ts";
import { crossEntropy } from "../losses/cross_entropy.ts";
import type { Loss, Metric } from "../losses/loss.ts";
import * as ops from "../ops/_ops.ts";
import { singleProcess } from "../parallel/single_process.ts";
import { type Key, randomKey } from "../random/key.ts";
import { checkUnconsumed } from "../types/_consumption.ts";
import { disposeTensors } from "../types/_tensors.ts";
import type { Tensor, Variables } from "../types/tensor.ts";
import { differentiate } from "./_differentiate.ts";
import { findNotFiniteNumber, readNotFiniteNumber } from "./_finite.ts";
import { createMeasure, type Measure, measureWhole } from "./_measure.ts";
import { checkBatch, toInputTensor } from "./_to_input_tensor.ts";
import type { BatchInput, SizedBatch, TrainingBatch } from "./training_batch.ts";

export type { Network } from "../layers/network.ts";
export type { Loss, Metric } from "../losses/loss.ts";
export type { Key } from "../random/key.ts";
export type { Variables } from "../types/tensor.ts";
export type { BatchInput, SizedBatch, TrainingBatch } from "./training_batch.ts";

/** The place where numbers first cease to be finite. */
export interface NotFinitePlace {
  /**
   * What is computed there: nothing yet, where the network's `input` or a `parameter` isn't finite; a layer's output in the
   * `forward` pass; the `loss`; a gradient in the `backward` pass; or the `update` of a parameter by finite gradients.
   */
  readonly where: "input" | "parameter" | "forward" | "loss" | "backward" | "update";
  /** What isn't finite, in words: `the output of features.3, ReLU()`. */
  readonly subject: string;
  /** The name of the layer in the network, `""` for the whole; absent for input and loss. */
  readonly layer?: string | undefined;
  /** The name of the parameter that it is about, or whose gradient. */
  readonly parameter?: string | undefined;
}

/** How a pass is made that is looked into. */
export interface FindNotFiniteOptions<B extends SizedBatch = TrainingBatch> {
  /** The loss; by default the cross-entropy of classification. */
  readonly loss?: Loss<B, string> | undefined;
  /** Further numbers to report, by their names, which read of the batch what else is in it. */
  readonly metrics?: Readonly<Record<string, Metric<B>>> | undefined;
  /** Makes the network's input of a batch; by default the numbers of `images` as they are. */
  readonly input?: BatchInput<B> | undefined;
  /** The key of what is random in the pass. */
  readonly key?: Key | undefined;
  /**
   * Whether it is a pass as in training, with its gradients, or one as in use.
   *
   * @default {true}
   */
  readonly training?: boolean | undefined;
  /** The names of the parameters whose gradients are computed; all by default. */
  readonly trained?: readonly string[] | undefined;
}

/**
 * Finds where in a network numbers cease to be finite: makes one pass over a batch and looks at the input, at each layer's
 * parameters and output, at the loss, and on the way back at each gradient. The first that has a NaN or an infinity is told of;
 * of layers in layers the innermost. It takes more memory than a step, as nothing is computed in the place of something else.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import * as rill from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * await using _backend = await rill.openBackend("wasm");
 * const layers = { fc: rill.linear(2), power: rill.lambda(ops.exp) };
 * const network = rill.getOrThrow(rill.build(rill.sequential(layers), [1]));
 * const images = { data: Float32Array.of(1e6), shape: [1, 1] };
 * const batch = { images, labels: Int32Array.of(0), size: 1 };
 * const variables = rill.getOrThrow(rill.importParams(network, {
 *   "fc.weight": { shape: [2, 1], data: Float32Array.of(1, 2) },
 *   "fc.bias": { shape: [2], data: Float32Array.of(0, 0) },
 * }));
 * const place = await rill.findNotFinite(network, variables, batch);
 * assertEquals([place?.where, place?.layer], ["forward", "power"]);
 * ```
 *
 * @typeParam B The batches.
 * @param network The network.
 * @param variables The variables, or the state of a training; they stay as they are.
 * @param batch The batch.
 * @param options The loss, the input, and how the pass is made.
 * @returns The first place, or undefined if all numbers are finite.
 */
export async function findNotFinite<B extends SizedBatch = TrainingBatch>(
  network: Network,
  variables: Variables,
  batch: B,
  options: FindNotFiniteOptions<B> = {},
): Promise<NotFinitePlace | undefined> {
  checkUnconsumed("look into the network", variables);
  checkBatch(network, batch, options.input);
  const given = options.loss ?? crossEntropy() as unknown as Loss<B, string>;
  const measure = createMeasure<B>({ loss: given, metrics: options.metrics ?? {} });
  const record = createRecord();
  try {
    const { values, readMeans } = options.training === false
      ? measureInUse(network, variables, batch, { ...options, measure, record })
      : measureInTraining(network, variables, batch, { ...options, measure, record });
    const { loss } = readMeans(await ops.readNumbers(values), batch.size);
    values.dispose();
    const computed = await record.findFirst("forward");
    if (computed) return computed;
    if (!Number.isFinite(loss!.sum / loss!.weight)) return { where: "loss", subject: "the loss" };
    return await record.findFirst("backward");
  } finally {
    record.release();
  }
}

interface Watched<B extends SizedBatch> extends FindNotFiniteOptions<B> {
  readonly measure: Measure<B>;
  readonly record: LayerRecord;
}

function measureInUse<B extends SizedBatch>(
  network: Network,
  variables: Variables,
  batch: B,
  { input, measure, record }: Watched<B>,
) {
  return ops.tidy(() => {
    const x = toInputTensor(network, batch, input);
    const { output } = watchLayers(record.watch, () => network.apply(variables, x));
    return measureWhole(measure, output, batch);
  });
}

function measureInTraining<B extends SizedBatch>(
  network: Network,
  variables: Variables,
  batch: B,
  { input, measure, record, key = randomKey(0), trained }: Watched<B>,
) {
  const { gradients, values, readMeans, weight, buffers } = watchLayers(
    record.watch,
    () =>
      differentiate(network, variables, {
        batch,
        input,
        measure,
        key,
        trained: trained ?? network.parameters.map(({ name }) => name),
        communicator: singleProcess(),
        divides: true,
      }),
  );
  disposeTensors(gradients);
  if (typeof weight === "object") weight.dispose();
  for (const [name, tensor] of Object.entries(buffers)) {
    if (tensor !== variables.buffers[name]) tensor.dispose();
  }
  return { values, readMeans };
}

/** What was seen in a pass. */
interface LayerRecord {
  readonly watch: LayerWatch;
  /** Finds the first that wasn't finite on the way there or back. */
  findFirst(way: "forward" | "backward"): Promise<NotFinitePlace | undefined>;
  release(): void;
}

interface Seen {
  readonly place: NotFinitePlace;
  /** What was seen, where that can't be looked into before the pass is over. */
  readonly tensor?: Tensor;
}

function createRecord(): LayerRecord {
  const seen: Record<"forward" | "backward", Seen[]> = { forward: [], backward: [] };
  const note = (way: keyof typeof seen, place: NotFinitePlace, tensor: Tensor) => {
    if (!ops.isInHostMemory()) seen[way].push({ place, tensor: ops.keep(tensor) });
    else if (seen[way].length === 0 && findNotFiniteNumber(ops.viewNumbers(tensor)) !== undefined) {
      seen[way].push({ place });
    }
  };
  let isInput = true;
  let isLoss = true;
  const noteGradient = (place: Omit<NotFinitePlace, "where">, gradient: Tensor) => {
    const { layer, subject } = place;
    note(
      "backward",
      // The first that comes back is what the loss gives.
      isLoss
        ? { where: "backward", subject: "the gradient of the loss" }
        : { ...place, layer, subject: `the gradient of ${subject}`, where: "backward" },
      gradient,
    );
    isLoss = false;
  };
  return {
    watch: {
      seeInput({ name, layer }, x) {
        if (isInput) note("forward", { where: "input", subject: "the network's input" }, x);
        isInput = false;
        const subject = `the input of ${describeLayer({ name, layer })}`;
        return watchGradient(x, (dx) => noteGradient({ layer: name, subject }, dx));
      },
      seeParameter({ name: layer }, parameter, tensor) {
        const place = { layer, parameter, subject: parameter };
        note("forward", { ...place, where: "parameter" }, tensor);
        return watchGradient(tensor, (dp) => noteGradient(place, dp));
      },
      seeOutput({ name, layer }, y) {
        const place = { layer: name, subject: `the output of ${describeLayer({ name, layer })}` };
        note("forward", { ...place, where: "forward" }, y);
        return watchGradient(y, (dy) => noteGradient(place, dy));
      },
    },
    async findFirst(way) {
      for (const { place, tensor } of seen[way]) {
        if (!tensor || await readNotFiniteNumber(tensor) !== undefined) return place;
      }
      return undefined;
    },
    release() {
      for (const { tensor } of [...seen.forward, ...seen.backward]) tensor?.dispose();
    },
  };
}

/** Lets numbers pass, and shows the gradient that comes back. */
const watchGradient = (x: Tensor, see: (gradient: Tensor) => void): Tensor =>
  ops.isDifferentiating()
    ? ops.applyWithGradient(x, (x) => ({ value: ops.share(x), saved: [] }), (dy) => {
      see(dy);
      return dy;
    })
    : x;

/** The most characters of a layer's description. */
const MOST = 60;

const describeLayer = ({ name, layer }: WatchedLayer): string => {
  const short = layer.length > MOST ? `${layer.slice(0, MOST - 1)}…` : layer;
  return name === "" ? short : `${name}, ${short}`;
};
