// Trainings whose outcome is compared to the bit.
import { pipe } from "fp-ts/lib/function.js";
import * as models from "@rill/rill/models";
import * as operations from "@rill/rill/models/ops";
import * as ops from "../../../models/ops/_ops.ts";
import { completeParams } from "../../../models/parallel/_partial_params.ts";
import { createTrainStep } from "../../../models/training/_create_train_step.ts";
import { getOrThrow, numbers, randomBatch } from "../_helpers.ts";
import { batchNorm } from "../_own_parts.ts";

/** A training that every rank does alike. */
export interface Job {
  readonly network: keyof typeof NETWORKS;
  readonly optimizer: keyof typeof OPTIMIZERS;
  readonly batches: readonly number[];
  /** What is measured; the usual cross-entropy by default. */
  readonly measure?: "soft" | "mixed" | "regression";
}

/** A training's outcome, the bits of numbers as a hash. */
export interface Outcome {
  readonly tensors: Readonly<Record<string, string>>;
  readonly metrics: readonly models.Metrics<string>[];
  /** How many more tensors are alive after the last step than two steps before, where there are so many. */
  readonly left: number;
}

const { conv2d, linear, relu, sequential, flatten } = models;

/** A layer of public operations: what it learns is used as it is, moved, and computed with before the batch meets it. */
const own = () =>
  models.layer<"scale" | "shift" | "mix">("Own()", (input) => {
    const channels = input.at(-1)!;
    return {
      outputShape: input,
      params: {
        scale: { shape: [channels], initializer: models.constant(0.1) },
        shift: { shape: [2, channels / 2], role: "bias", initializer: models.constant(0.2) },
        mix: { shape: [channels, channels] },
      },
      apply(x, { scale, shift, mix }) {
        const rows = x.shape.slice(0, -1).reduce((a, b) => a * b, 1);
        const scaled = operations.multiply(x, operations.exp(scale));
        const shifted = operations.add(scaled, operations.reshape(shift, [channels]));
        const flat = operations.reshape(shifted, [rows, channels]);
        const mixed = operations.matMul(flat, operations.transpose(mix));
        return operations.add(x, operations.reshape(operations.tanh(mixed), x.shape));
      },
    };
  });

/** A layer that multiplies twice by one matrix, once the lines of a stack. */
const tied = () =>
  models.layer<"weight">("Tied()", ([features = 1]) => ({
    outputShape: [features],
    params: { weight: { shape: [features, features] } },
    apply(x, { weight }) {
      const lines = operations.reshape(x, [x.shape[0]!, 1, features]);
      const once = operations.tanh(operations.matMul(lines, weight));
      const twice = operations.matMul(operations.reshape(once, x.shape), weight);
      return operations.add(x, twice);
    },
  }));

const separable = (filters: number, strides: number) =>
  sequential([
    conv2d({ filters: 8, kernelSize: 3, padding: 1, strides, groups: 8, bias: false }),
    models.batchNorm2d(),
    models.relu6(),
    conv2d({ filters, kernelSize: 1, bias: false }),
    models.batchNorm2d(),
  ]);

const NETWORKS = {
  lenet: () => [models.lenet(), [28, 28, 1]],
  resnet8: () => [models.resnet8(), [32, 32, 3]],
  alexnet: () => [models.alexnet(), [67, 67, 1]],
  /** Depthwise convolutions, in a block with a shortcut. */
  mobile: () => [
    sequential([
      conv2d({ filters: 8, kernelSize: 3, strides: 2 }),
      models.residual(separable(8, 1)),
      separable(12, 2),
      models.globalAvgPool2d(),
      linear(10),
    ]),
    [17, 17, 3],
  ],
  /** Branches that are concatenated, groups, dilation, and normalizations of each example. */
  branches: () => [
    sequential([
      conv2d({ filters: 16, kernelSize: 3, padding: 1 }),
      relu(),
      models.localResponseNorm({ size: 5 }),
      models.parallel([
        conv2d({ filters: 16, kernelSize: 3, padding: 1 }),
        sequential([models.maxPool2d({ poolSize: 3, strides: 1, padding: 1 }), own()]),
        conv2d({ filters: 4, kernelSize: 3, padding: 2, dilation: 2, groups: 2 }),
      ]),
      models.layerNorm(),
      models.gelu(),
      models.avgPool2d({ poolSize: 2 }),
      flatten(),
      linear(10),
    ]),
    [9, 9, 2],
  ],
  /** Products that are shared by their outputs, and dropout; statistics over the batch by a layer of one's own. */
  dense: () => [
    sequential([
      flatten(),
      linear(203),
      batchNorm(),
      relu(),
      models.dropout(0.3),
      linear(187, { bias: false }),
      models.sigmoid(),
      tied(),
      linear(10),
    ]),
    [13, 13, 1],
  ],
  /** Filters whose gradients are shared by their rows: of strides, without padding, of one pixel. */
  deep: () => [
    sequential([
      conv2d({ filters: 31, kernelSize: 3, strides: 2, padding: 1 }),
      relu(),
      conv2d({ filters: 60, kernelSize: 3, strides: 2, padding: 1, bias: false }),
      models.batchNorm2d(),
      models.residual(sequential([
        conv2d({ filters: 62, kernelSize: 3, padding: 1, bias: false }),
        models.batchNorm2d(),
        relu(),
        conv2d({ filters: 60, kernelSize: 3, padding: 1 }),
      ])),
      conv2d({ filters: 93, kernelSize: 2 }),
      relu(),
      conv2d({ filters: 130, kernelSize: 1 }),
      flatten(),
      linear(10),
    ]),
    [7, 7, 3],
  ],
} as const satisfies Record<string, () => readonly [models.Layer, readonly number[]]>;

const OPTIMIZERS = {
  sgd: () => models.sgd({ learningRate: 0.05, momentum: 0.9 }),
  adam: () => models.adam({ learningRate: 0.01 }),
  clipped: () => pipe(models.adam(), models.clipByGlobalNorm(0.1)),
  rmsprop: () => models.rmsprop({ learningRate: 0.001 }),
  pieces: () =>
    pipe(
      models.adamw({ learningRate: 0.01 }),
      models.clipByGlobalNorm(0.25),
      models.accumulate(2),
      models.averaged(0.5),
      models.frozen("*.bias"),
    ),
};

/** Makes a batch, of the kind that the measure takes. */
function makeBatch(size: number, shape: readonly number[], seed: number, measure: Job["measure"]) {
  const batch = randomBatch(size, shape, 10, seed);
  const { labels: _, ...rest } = batch;
  const pairs = { data: Float32Array.from({ length: 2 * size }, (_, i) => i % 2 ? 0.3 : 0.7) };
  if (measure === "mixed") {
    const labels = Int32Array.from({ length: 2 * size }, (_, i) => (i * 7 + seed) % 10);
    return {
      ...rest,
      mixedLabels: { data: labels, shape: [size, 2] },
      shares: { ...pairs, shape: [size, 2] },
    };
  }
  if (measure !== "regression") return batch;
  return { ...rest, targets: { data: numbers(10 * size, seed), shape: [size, 10] } };
}

// deno-lint-ignore no-explicit-any -- of batches of several kinds
const MEASURES: Record<NonNullable<Job["measure"]>, any> = {
  soft: {
    loss: models.crossEntropy({
      labelSmoothing: 0.1,
      classWeights: [1, 0.3, 2, 1, 1, 1, 1, 1, 1, 0.7],
    }),
    metrics: { top3: models.topKAccuracy(3) },
  },
  mixed: { loss: models.crossEntropy() },
  regression: { loss: models.huber(), metrics: { squared: models.meanSquaredError() } },
};

async function hash(data: Float32Array): Promise<string> {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return Array.from(new Uint8Array(digest, 0, 8), (x) => x.toString(16)).join(" ");
}

/** Trains as one of the ranks, on the backend that is open. */
export async function trainRank(
  communicator: models.Communicator,
  { network: name, optimizer: kind, batches, measure }: Job,
): Promise<Outcome> {
  const [layer, shape] = NETWORKS[name]();
  const network = getOrThrow(models.build(layer, shape));
  const optimizer = OPTIMIZERS[kind]();
  let state = models.initTrainState(network, optimizer, models.randomKey(3), { communicator });
  const step = createTrainStep(network, optimizer, {
    communicator,
    keepsParts: true,
    ...measure && MEASURES[measure],
  });
  const pending: models.StepMetrics<string>[] = [];
  const alive: number[] = [];
  for (const [i, size] of batches.entries()) {
    const [next, metrics] = step(state, makeBatch(size, shape, i, measure) as models.TrainingBatch);
    state = next;
    pending.push(metrics);
    alive.push(ops.countTensors());
  }
  completeParams(network, state.params, communicator);
  const tensors: Record<string, string> = {};
  for (const [name, tensor] of Object.entries({ ...state.params, ...state.buffers })) {
    tensors[name] = await hash(ops.viewNumbers(tensor));
  }
  const running = await models.exportOptimizerState(network, state.optimizer, communicator);
  for (const [name, { data }] of Object.entries(running)) {
    tensors[`optimizer/${name}`] = await hash(data as Float32Array);
  }
  const left = alive.at(-1)! - (alive.at(-3) ?? alive.at(-1)!);
  return { tensors, metrics: await models.readMetrics(pending), left };
}
