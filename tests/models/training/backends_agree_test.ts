import { assertEquals } from "@std/assert";
import {
  adam,
  alexnet,
  build,
  conv2d,
  dropout,
  exportOptimizerState,
  exportParams,
  flatten,
  initTrainState,
  linear,
  maxPool2d,
  type Metrics,
  type Network,
  type Optimizer,
  randomKey,
  readMetrics,
  relu,
  sequential,
  sgd,
  type StoredTensor,
  trainStep,
} from "@rill/rill/models";
import { nightly } from "../../_nightly.ts";
import { assertClose, getOrThrow, randomBatch, withBackend } from "../_helpers.ts";
import { webgpuTest } from "../_webgpu.ts";

interface Run {
  readonly metrics: readonly Metrics[];
  readonly tensors: Readonly<Record<string, StoredTensor>>;
}

/** Trains from one seed on the batches of another. */
async function train(
  network: Network,
  optimizer: Optimizer,
  size: number,
  steps: number,
): Promise<Run> {
  const step = trainStep(network, optimizer);
  let state = initTrainState(network, optimizer, randomKey(1));
  const pending = [];
  for (let i = 0; i < steps; i++) {
    const batch = randomBatch(size, network.inputShape, network.outputShape[0]!, i);
    const [next, metrics] = step(state, batch);
    state = next;
    pending.push(metrics);
  }
  const tensors = {
    ...await exportParams(network, state),
    ...await exportOptimizerState(network, state.optimizer),
  };
  return { metrics: await readMetrics(pending), tensors };
}

async function compare(...args: Parameters<typeof train>): Promise<void> {
  const expected = await withBackend("wasm", () => train(...args));
  const actual = await withBackend("webgpu", () => train(...args));
  for (const key of ["loss", "accuracy"] as const) {
    const values = ({ metrics }: Run) => metrics.map((metrics) => metrics[key]);
    assertClose(values(actual), values(expected), 1e-4, key);
  }
  for (const [name, { data }] of Object.entries(expected.tensors)) {
    // Relative to the largest of each tensor, since gradients are small beside 1.
    assertClose(actual.tensors[name]!.data, data, 1e-3, name, 1e-12);
  }
}

const everyLayer = getOrThrow(build(
  sequential({
    conv: sequential([
      conv2d({ filters: 8, kernelSize: 5, strides: 2, padding: 2 }),
      relu(),
      maxPool2d({ poolSize: 3, strides: 2 }),
      conv2d({ filters: 12, kernelSize: 3, padding: 1 }),
      relu(),
      dropout(0.2),
    ]),
    flatten: flatten(),
    fc: sequential([linear(32), relu(), dropout(0.5), linear(10)]),
  }),
  [20, 20, 1],
));

webgpuTest("WebGPU and WASM train a small network with every layer alike", async () => {
  await compare(everyLayer, adam(), 6, 5);
});

webgpuTest("WebGPU trains to the same numbers every time, to the bit", async () => {
  const [first, second] = [
    await withBackend("webgpu", () => train(everyLayer, adam(), 6, 5)),
    await withBackend("webgpu", () => train(everyLayer, adam(), 6, 5)),
  ];
  assertEquals(second, first);
});

webgpuTest("WebGPU and WASM make the same step of alexnet", async () => {
  // After one step a momentum is the gradient itself. (Adam's first step has the same size for every gradient, so that
  // rounding decides where a gradient is nearly 0.)
  const optimizer = sgd({ learningRate: 0.1, momentum: 0.9 });
  await compare(getOrThrow(build(alexnet(), [67, 67, 1])), optimizer, 2, 1);
}, () => nightly);
