// Trains a network as PyTorch did for the references, on any number of ranks, and compares each step.
import {
  alexnet2012,
  build,
  type Communicator,
  exportOptimizerState,
  exportParams,
  getOrThrow,
  initTrainState,
  lenet,
  type Network,
  predictStep,
  randomKey,
  readMetrics,
  resnet18,
  resnet8,
  sgd,
  trainStep,
} from "@rill/rill/models";
import { assertClose } from "../_helpers.ts";
import { runRanks } from "../parallel/_run_ranks.ts";
import {
  assertDigests,
  importSeeded,
  makeReferenceBatch,
  readNetworkReference,
  type ReferenceName,
} from "./_references.ts";

const BUILDERS = {
  resnet18: resnet18({ classes: 10 }),
  resnet8: resnet8({ filters: 8 }),
  lenet: lenet(),
  lenet_relu: lenet({ activation: "relu" }),
  alexnet2012: alexnet2012({ dropout: 0 }),
  // Of images of 99 x 99.
  alexnet2012_small: alexnet2012({ dropout: 0 }),
};

/** How far off numbers may be, in units of the largest of those that they are among. */
const TOLERANCE = 1e-4;

/** Builds a network for images of a shape in PyTorch's order, `[size, channels, height, width]`. */
export function buildReference(name: ReferenceName, shape: readonly number[]): Network {
  const [, channels = 0, height = 0, width = 0] = shape;
  return getOrThrow(build(BUILDERS[name], [height, width, channels]));
}

/** Fails unless the logits of the seeded network, on the backend that is open, are PyTorch's. */
export async function compareLogits(name: ReferenceName): Promise<void> {
  const reference = await readNetworkReference(name);
  const network = buildReference(name, reference.use.shape);
  const variables = importSeeded(network, reference);
  const { data } = await predictStep(network)(variables, makeReferenceBatch(reference, "use"));
  assertClose(data, reference.use.logits, TOLERANCE, `${name}'s logits`, 0);
}

/** Trains as one of the ranks, on the backend that is open, and fails unless each step is PyTorch's. */
export async function trainAsRank(communicator: Communicator, name: ReferenceName): Promise<void> {
  const reference = await readNetworkReference(name);
  const { training: { shape, optimizer: settings, steps } } = reference;
  const network = buildReference(name, shape);
  const optimizer = sgd(settings);
  const step = trainStep(network, optimizer, { communicator });
  const variables = importSeeded(network, reference);
  let state = initTrainState(network, optimizer, randomKey(0), { variables, communicator });
  const batch = makeReferenceBatch(reference, "training");
  for (const [i, expected] of steps.entries()) {
    const what = `${name}, step ${i + 1}`;
    const [next, metrics] = step(state, batch);
    state = next;
    const [{ loss } = { loss: NaN }] = await readMetrics([metrics]);
    assertClose([loss], [expected.loss], TOLERANCE, `${what}, loss`, 0);
    // Every rank takes part in the export.
    const running = await exportOptimizerState(network, state.optimizer, communicator);
    if (communicator.rank > 0) continue;
    const sums = Object.fromEntries(
      Object.entries(running).map(([name, sum]) => [name.replace(/^momentum\//, ""), sum]),
    );
    const variables = await exportParams(network, state);
    assertDigests(sums, expected.momentum, TOLERANCE, `${what}, sums of gradients`);
    assertDigests(variables, expected.params, TOLERANCE, `${what}, parameters`);
    assertDigests(variables, expected.buffers, TOLERANCE, `${what}, buffers`);
  }
}

/** Trains with so many ranks, the first of them here on the backend that is open. */
export async function trainOnThreads(name: ReferenceName, threads: number): Promise<void> {
  const worker = new URL("_train_reference_worker.ts", import.meta.url);
  await runRanks(threads, worker, trainAsRank, name);
}
