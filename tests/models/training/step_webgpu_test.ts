// What a training step does on WebGPU besides giving the right numbers: how often it calls the device, and what it leaves.
import * as tf from "@tensorflow/tfjs-core";
import { assert, assertEquals } from "@std/assert";
import {
  adam,
  alexnet,
  build,
  conv2d,
  dropout,
  exportParams,
  flatten,
  initTrainState,
  linear,
  maxPool2d,
  type Network,
  type Optimizer,
  randomKey,
  readMetrics,
  relu,
  sequential,
  sgd,
  type StepMetrics,
  type TrainState,
  trainStep,
} from "@rill/rill/models";
import { DISCRETE } from "../../../models/kernels/webgpu/gemm/_gemm_parameters.ts";
import { getTuning, useTuning } from "../../../models/kernels/webgpu/gemm/_tuning.ts";
import { nightly } from "../../_nightly.ts";
import { type Calls, countCalls } from "../_count_calls.ts";
import { getOrThrow, randomBatch, withBackend } from "../_helpers.ts";
import { gpuBackend } from "../_programs.ts";
import { webgpuTest, withFastCompiler } from "../_webgpu.ts";

const device = () => gpuBackend().device as unknown as GPUDevice;

/** Counts what a second step does. */
async function countSecondStep(
  network: Network,
  optimizer: Optimizer,
  size: number,
): Promise<Calls> {
  const step = trainStep(network, optimizer);
  let state = initTrainState(network, optimizer, randomKey(1));
  const classes = network.outputShape[0]!;
  const batches = [0, 1].map((i) => randomBatch(size, network.inputShape, classes, i));
  const pending: StepMetrics[] = [];
  let calls: Calls | undefined;
  for (const batch of batches) {
    calls = countCalls(device(), () => {
      const [next, metrics] = step(state, batch);
      state = next;
      pending.push(metrics);
    });
  }
  await readMetrics(pending);
  assert(calls);
  return calls;
}

const network = getOrThrow(build(alexnet(), [67, 67, 1]));

// On one backend: a software adapter compiles alexnet's programs for half a minute.
webgpuTest(
  "a step of alexnet with any optimizer is few calls",
  () =>
    withBackend("webgpu", async () => {
      for (const optimizer of [adam(), sgd(), sgd({ momentum: 0.9 })]) {
        const step = await countSecondStep(network, optimizer, 2);
        assert(step.dispatches < 60, `${step.dispatches} dispatches`);
        // The batch, its labels and the gradient's seed are written when their buffers are made.
        assertEquals([step.submits, step.uploads, step.reads], [1, 0, 0]);
      }
    }),
);

webgpuTest(
  "a step of alexnet is few calls as graphics cards take it",
  () =>
    withBackend("webgpu", async () => {
      // One tile for each product and many groups wanted: nearly all inner dimensions are split.
      useTuning(gpuBackend().device, { sets: DISCRETE, groups: 256 });
      const step = await countSecondStep(network, adam(), 2);
      assert(step.dispatches < 60, `${step.dispatches} dispatches`);
      assertEquals([step.submits, step.uploads, step.reads], [1, 0, 0]);
    }),
  withFastCompiler,
);

webgpuTest(
  "a step of alexnet makes so many dispatches",
  () =>
    withBackend("webgpu", async () => {
      useTuning(gpuBackend().device, { ...getTuning(gpuBackend()), groups: 1 });
      const larger = getOrThrow(build(alexnet(), [99, 99, 1]));
      const step = await countSecondStep(larger, adam(), 1);
      // Nothing split: 8 products, 3 pools, a transposition and the loss forward; backward for each but the first product two
      // and four reversed filters, 3 pools and a transposition; and the updates: of six large parameters, and of ten small
      // ones together.
      const most = device().limits.maxStorageBuffersPerShaderStage;
      const updates = 6 + Math.ceil(10 / Math.min(8, Math.floor(most / 4)));
      assertEquals(step.dispatches, 13 + 15 + 4 + 4 + updates);
    }),
  () => nightly,
);

const small = getOrThrow(build(
  sequential([
    conv2d({ filters: 4, kernelSize: 3, padding: 1 }),
    relu(),
    maxPool2d({ poolSize: 2 }),
    conv2d({ filters: 6, kernelSize: 3, strides: 2 }),
    relu(),
    flatten(),
    linear(16),
    relu(),
    dropout(0.4),
    linear(5),
    dropout(0.1),
  ]),
  [9, 9, 1],
));

interface Held {
  readonly tensors: number;
  readonly data: number;
  readonly used: number;
  readonly free: number;
  readonly bytes: number;
}

/** Counts what the library and its backend hold. */
function held(): Held {
  const backend = tf.backend() as unknown as {
    numDataIds(): number;
    bufferManager: {
      getNumUsedBuffers(): number;
      getNumFreeBuffers(): number;
      numBytesAllocated: number;
    };
  };
  return {
    tensors: tf.memory().numTensors,
    data: backend.numDataIds(),
    used: backend.bufferManager.getNumUsedBuffers(),
    free: backend.bufferManager.getNumFreeBuffers(),
    bytes: backend.bufferManager.numBytesAllocated,
  };
}

for (const optimizer of [adam(), sgd({ momentum: 0.9 })]) {
  webgpuTest(
    `memory is the same after 3 steps and after 60, with ${optimizer.rule.name}`,
    () =>
      withBackend("webgpu", async (backend) => {
        const step = trainStep(small, optimizer);
        let state = initTrainState(small, optimizer, randomKey(1));
        const after: Held[] = [];
        const created: number[] = [];
        for (let i = 0; i < 60; i++) {
          const batch = randomBatch(4, small.inputShape, 5, i);
          let pending: StepMetrics | undefined;
          const calls = countCalls(device(), () => {
            const [next, metrics] = step(state, batch);
            state = next;
            pending = metrics;
          });
          if (pending) await readMetrics([pending]);
          created.push(calls.buffers);
          if (i % 10 === 9) await backend.sync();
          after.push(held());
        }
        assertEquals(after[59], after[2]);
        assertEquals(after[58], after[2]);
        // The batch and labels pass through a buffer each, and what changes from step to step has a few.
        assert(created[59]! <= 6, `${created[59]} buffers`);
      }),
  );
}

webgpuTest(
  "a step doesn't depend on what came before it in the process, to the bit",
  () =>
    withBackend("webgpu", async () => {
      const optimizer = adam();
      const train = async (): Promise<Record<string, unknown>> => {
        let state: TrainState = initTrainState(small, optimizer, randomKey(3));
        for (let i = 0; i < 4; i++) {
          const [next, metrics] = trainStep(small, optimizer)(
            state,
            randomBatch(5, small.inputShape, 5, i),
          );
          state = next;
          await readMetrics([metrics]);
        }
        return await exportParams(small, state);
      };
      const first = await train();
      assertEquals(await train(), first);
    }),
);
