// Trains a network as PyTorch did for the references, on any number of ranks, and compares each step.
import * as models from "@rill/rill/models";
import {
  build,
  type Communicator,
  exportOptimizerState,
  exportParams,
  getOrThrow,
  initTrainState,
  type Network,
  predictStep,
  randomKey,
  readMetrics,
  sgd,
  trainStep,
} from "@rill/rill/models";
import { assertClose } from "../_helpers.ts";
import { runRanks } from "../parallel/_run_ranks.ts";
import {
  assertDigests,
  importSeeded,
  makeReferenceBatch,
  readAtRest,
  readNetworkReference,
} from "./_references.ts";

const BUILDERS = {
  alexnet_torchvision: models.alexnetTorchvision({ classes: 10, dropout: 0 }),
  alexnet2012: models.alexnet2012({ dropout: 0 }),
  // Of images of 99 x 99.
  alexnet2012_small: models.alexnet2012({ dropout: 0 }),
  densenet121: models.densenet121({ classes: 10 }),
  googlenet: models.googlenet({ classes: 10, dropout: 0 }),
  googlenet_transform: models.googlenet({ classes: 10, dropout: 0, transformInput: true }),
  lenet: models.lenet(),
  lenet_relu: models.lenet({ activation: "relu" }),
  mobilenet_v2: models.mobilenetV2({ classes: 10, dropout: 0 }),
  nin: models.nin({ dropout: 0 }),
  resnet18: models.resnet18({ classes: 10 }),
  resnet34: models.resnet34({ classes: 10 }),
  resnet50: models.resnet50({ classes: 10 }),
  resnet8: models.resnet8({ filters: 8 }),
  squeezenet1_1: models.squeezenet1_1({ classes: 10, dropout: 0 }),
  vgg11: models.vgg11({ classes: 10, dropout: 0 }),
  vgg11_bn: models.vgg11({ classes: 10, batchNorm: true, dropout: 0 }),
  vgg16: models.vgg16({ classes: 10, dropout: 0 }),
  vgg16_bn: models.vgg16({ classes: 10, batchNorm: true, dropout: 0 }),
};

/** The name of a network that there is a reference of. */
export type ReferenceName = keyof typeof BUILDERS;

/** How far off numbers may be, in units of the largest of those that they are among. */
export const TOLERANCE = 1e-4;

/** Builds a network for images of a shape in PyTorch's order, `[size, channels, height, width]`. */
export function buildReference(name: ReferenceName, shape: readonly number[]): Network {
  const [, channels = 0, height = 0, width = 0] = shape;
  return getOrThrow(build(BUILDERS[name], [height, width, channels]));
}

/** Fails unless the logits of the seeded network, on the backend that is open, are PyTorch's for images of each size. */
export async function compareLogits(name: ReferenceName): Promise<void> {
  const reference = await readNetworkReference(name);
  const networks = reference.use.map(({ shape }) => buildReference(name, shape));
  const variables = importSeeded(networks[0]!, reference);
  for (const [i, use] of reference.use.entries()) {
    const batch = makeReferenceBatch(reference, use);
    const { data } = await predictStep(networks[i]!)(variables, batch);
    assertClose(data, use.logits, TOLERANCE, `${name}'s logits for ${use.shape.join(" x ")}`, 0);
  }
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
  const batch = makeReferenceBatch(reference, reference.training);
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
    // Of a single step the parameters aren't compared, and those of VGG's networks take a second to export.
    const variables = Object.keys(expected.params).length > 0
      ? await exportParams(network, state)
      : await readAtRest(network.buffers, state.buffers);
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
