import {
  batchNorm2d,
  build,
  type Communicator,
  conv2d,
  exportParams,
  getOrThrow,
  globalAvgPool2d,
  initTrainState,
  linear,
  type Network,
  randomKey,
  readMetrics,
  relu,
  residual,
  sequential,
  sgd,
  type StoredTensor,
  trainStep,
} from "@rill/rill/models";
import { randomBatch } from "../_helpers.ts";

/** A training of a network with batch normalization. */
export interface NormalizedJob {
  /** The side of the images. */
  readonly side: number;
  /** The sizes of the batches. */
  readonly batches: readonly number[];
}

/** Builds a small residual network. */
export function buildNormalized(side: number): Network {
  const block = residual(sequential({
    conv: conv2d({ filters: 4, kernelSize: 3, padding: 1, bias: false }),
    bn: batchNorm2d(),
    relu: relu(),
  }));
  return getOrThrow(build(
    sequential({
      conv: conv2d({ filters: 4, kernelSize: 1 }),
      bn: batchNorm2d({ momentum: null }),
      relu: relu(),
      block,
      pool: globalAvgPool2d(),
      fc: linear(3),
    }),
    [side, side, 2],
  ));
}

/** Trains as one of the ranks, and gives the variables and losses. */
export async function trainNormalized(
  communicator: Communicator,
  { side, batches }: NormalizedJob,
): Promise<{
  readonly variables: Readonly<Record<string, StoredTensor>>;
  readonly losses: readonly number[];
}> {
  const network = buildNormalized(side);
  const optimizer = sgd({ learningRate: 0.1 });
  const step = trainStep(network, optimizer, { communicator });
  let state = initTrainState(network, optimizer, randomKey(4), { communicator });
  const losses: number[] = [];
  for (const [i, size] of batches.entries()) {
    const [next, metrics] = step(state, randomBatch(size, network.inputShape, 3, i));
    state = next;
    losses.push(...(await readMetrics([metrics])).map(({ loss }) => loss));
  }
  return { variables: await exportParams(network, state), losses };
}
