import { pipe } from "fp-ts/lib/function.js";
import * as models from "@rill/rill/models";
import * as ops from "../../../models/ops/_ops.ts";
import { registerKernels } from "../../../models/kernels/_register_kernels.ts";
import { getOrThrow, randomBatch } from "../_helpers.ts";

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
  readonly metrics: readonly models.Metrics[];
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

/** Trains as one of the ranks, on the backend that is open. */
export async function trainRank(
  communicator: models.Communicator,
  { optimizer: name, batches, from, failing, stock = false }: Job,
): Promise<Outcome> {
  registerKernels({ stock });
  const before = ops.countTensors();
  const optimizer = OPTIMIZERS[name];
  const start = from && {
    params: getOrThrow(models.importParams(network, from.params)),
    optimizer: getOrThrow(
      models.importOptimizerState(network, optimizer, from.optimizer, from.updates),
    ),
    step: from.step,
  };
  const key = models.randomKey(0);
  let state = models.initTrainState(network, optimizer, key, { ...start, communicator });
  const step = models.trainStep(network, optimizer, { communicator });
  const pending = [];
  for (const [i, size] of batches.entries()) {
    if (failing === communicator.rank && i === 1) {
      communicator.abort(new RangeError("no luck"));
      throw new RangeError("no luck");
    }
    const [next, metrics] = step(state, randomBatch(size, network.inputShape, 3, state.step));
    state = next;
    pending.push(metrics);
  }
  const slots = Object.values(state.optimizer.slots).flatMap((slot) => Object.values(slot));
  const metrics = await models.readMetrics(pending);
  const averages = optimizer.average ? models.averagedParams(network, state, communicator) : {};
  const exported = optimizer.average ? await models.exportParams(network, averages) : {};
  for (const tensor of Object.values(averages)) tensor.dispose();
  const sums = state.optimizer.accumulated ? 1 : 0;
  return {
    step: state.step,
    updates: state.optimizer.step,
    averages: exported,
    params: await models.exportParams(network, state.params),
    optimizer: await models.exportOptimizerState(network, state.optimizer, communicator),
    metrics,
    left: ops.countTensors() - before - slots.length - sums - network.parameters.length,
    kept: slots.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0),
  };
}
