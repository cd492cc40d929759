import { pipe } from "fp-ts/lib/function.js";
import * as models from "@rill/rill/models";
import * as ops from "../../../models/ops/_ops.ts";
import { registerWasmKernels } from "../../../models/kernels/_register_wasm.ts";
import { getOrThrow, randomBatch } from "../_helpers.ts";
import { batchNorm, meanOfLargest, weightedCrossEntropy } from "../_own_parts.ts";

/** A training that every rank does alike. */
export interface Job {
  readonly optimizer: "adam" | "sgd" | "momentum" | "pieces";
  /** The sizes of the batches. */
  readonly batches: readonly number[];
  /** The training to go on from; drawn parameters unless given. */
  readonly from?: Saved;
  /** The rank that fails at the second step. */
  readonly failing?: number;
  /** Whether tfjs's own kernels compute. */
  readonly stock?: boolean;
  /** The network, if it isn't that of every test. */
  readonly normalized?: boolean;
  /** Whether examples have weights, and a metric of its own is reported. */
  readonly weighted?: boolean;
}

/** A training as it was saved. */
export interface Saved {
  readonly step: number;
  /** The number of the optimizer's updates. */
  readonly updates: number;
  readonly params: Readonly<Record<string, models.StoredTensor>>;
  readonly optimizer: Readonly<Record<string, models.StoredTensor>>;
}

/** The outcome of a training. */
export interface Outcome extends Saved {
  readonly metrics: readonly models.Metrics<string>[];
  /** The averages of parameters, if the optimizer keeps them. */
  readonly averages: Readonly<Record<string, models.StoredTensor>>;
  /** Tensors that are alive beside the state's. */
  readonly left: number;
  /** The number of running values that this rank keeps. */
  readonly kept: number;
}

const OPTIMIZERS = {
  adam: models.adam(),
  sgd: models.sgd({ learningRate: 0.1 }),
  momentum: models.sgd({ learningRate: 0.1, momentum: 0.9 }),
  pieces: pipe(
    models.adamw({ learningRate: 0.01 }),
    models.clipByGlobalNorm(0.25),
    models.accumulate(4),
    models.averaged(0.5),
    models.byName([{ names: ["*.bias"], weightDecay: 0, learningRate: 2 }]),
    models.frozen("0.*"),
  ),
};

/** Its features are odd in number, so that shares begin in the middle of a block of random words. */
export const network: models.Network = getOrThrow(models.build(
  models.sequential([
    models.conv2d({ filters: 4, kernelSize: 3, strides: 2 }),
    models.relu(),
    models.maxPool2d({ poolSize: 2 }),
    models.flatten(),
    models.linear(7),
    models.relu(),
    models.dropout(0.5),
    models.linear(3),
  ]),
  [9, 9, 1],
));

/** Its statistics are the whole batch's, first of what all ranks have alike. */
export const normalized: models.Network = getOrThrow(models.build(
  models.sequential([
    models.flatten(),
    batchNorm(),
    models.linear(5),
    batchNorm(),
    models.relu(),
    models.linear(3),
  ]),
  [4, 4, 1],
));

/** Trains as one of the ranks, on the backend that is open. */
export async function trainRank(
  communicator: models.Communicator,
  { optimizer: name, batches, from, failing, stock = false, ...job }: Job,
): Promise<Outcome> {
  registerWasmKernels({ stock });
  const trained = job.normalized ? normalized : network;
  const before = ops.countTensors();
  const optimizer = OPTIMIZERS[name];
  const start = from && {
    variables: getOrThrow(models.importParams(trained, from.params)),
    optimizer: getOrThrow(
      models.importOptimizerState(trained, optimizer, from.optimizer, from.updates),
    ),
    step: from.step,
  };
  const key = models.randomKey(0);
  let state = models.initTrainState(trained, optimizer, key, { ...start, communicator });
  const plain = models.trainStep(trained, optimizer, { communicator });
  const weighted = models.trainStep(trained, optimizer, {
    communicator,
    loss: weightedCrossEntropy,
    metrics: { largest: meanOfLargest },
  });
  const pending: models.StepMetrics<string>[] = [];
  for (const [i, size] of batches.entries()) {
    if (failing === communicator.rank && i === 1) {
      communicator.abort(new RangeError("no luck"));
      throw new RangeError("no luck");
    }
    const batch = randomBatch(size, trained.inputShape, 3, state.step);
    // Some weigh nothing.
    const weights = Float32Array.from({ length: size }, (_, i) => (i + 1) % 4);
    const [next, metrics] = job.weighted
      ? weighted(state, { ...batch, weights })
      : plain(state, batch);
    state = next;
    pending.push(metrics);
  }
  const slots = Object.values(state.optimizer.slots).flatMap((slot) => Object.values(slot));
  const metrics = await models.readMetrics(pending);
  const averages = optimizer.average ? models.averagedParams(trained, state, communicator) : {};
  const exported = optimizer.average
    ? await models.exportParams(trained, { params: averages, buffers: state.buffers })
    : {};
  for (const tensor of Object.values(averages)) tensor.dispose();
  const sums = state.optimizer.accumulated ? 1 : 0;
  return {
    step: state.step,
    updates: state.optimizer.step,
    averages: exported,
    params: await models.exportParams(trained, state),
    optimizer: await models.exportOptimizerState(trained, state.optimizer, communicator),
    metrics,
    left: ops.countTensors() - before - slots.length - sums - trained.parameters.length -
      trained.buffers.length,
    kept: slots.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0),
  };
}
