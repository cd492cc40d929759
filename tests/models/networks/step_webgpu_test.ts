// A training step of a network on WebGPU is programs of ours, and nothing is read back or uploaded for it.
import * as tf from "@tensorflow/tfjs-core";
import {
  adam,
  build,
  densenet121,
  googlenet,
  initTrainState,
  type Layer,
  mobilenetV2,
  randomKey,
  readMetrics,
  resnet18,
  squeezenet1_1,
  trainStep,
} from "@rill/rill/models";
import { assert, assertEquals } from "@std/assert";
import { countCalls } from "../_count_calls.ts";
import { getOrThrow, randomBatch, withBackend } from "../_helpers.ts";
import { webgpuTest, withFastCompiler } from "../_webgpu.ts";

/** Lists the programs of the dispatches while something runs, by their labels. */
function listPrograms(run: () => void): string[] {
  const labels: string[] = [];
  const prototype = GPUComputePassEncoder.prototype;
  const { setPipeline } = prototype;
  prototype.setPipeline = function (pipeline) {
    labels.push(pipeline.label);
    setPipeline.call(this, pipeline);
  };
  try {
    run();
  } finally {
    prototype.setPipeline = setPipeline;
  }
  return labels;
}

/** The networks, with the most dispatches of a step: those of tfjs's kernels were some thousands. */
const NETWORKS: Readonly<Record<string, readonly [describe: () => Layer, dispatches: number]>> = {
  densenet121: [() => densenet121({ classes: 10 }), 1800],
  googlenet: [() => googlenet({ classes: 10 }), 900],
  mobilenetV2: [() => mobilenetV2({ classes: 10 }), 700],
  resnet18: [() => resnet18({ classes: 10 }), 350],
  squeezenet1_1: [() => squeezenet1_1({ classes: 10 }), 250],
};

for (const [name, [describe, most]] of Object.entries(NETWORKS)) {
  webgpuTest(
    `a step of ${name} is programs of ours, on WebGPU`,
    () =>
      withBackend("webgpu", async () => {
        const { device } = tf.backend() as unknown as { device: GPUDevice };
        const input = [64, 64, 3];
        const network = getOrThrow(build(describe(), input));
        const optimizer = adam();
        const step = trainStep(network, optimizer);
        const batch = randomBatch(2, input, 10);
        let state = initTrainState(network, optimizer, randomKey(1));
        const run = () => {
          const [next, metrics] = step(state, batch);
          state = next;
          return metrics;
        };
        // The first compiles, and makes what stays.
        await readMetrics([run()]);
        let programs: string[] = [];
        const calls = countCalls(device, () => {
          programs = listPrograms(run);
        });
        // The loss is divided once, by the number of its examples.
        const others = programs.filter((label) => !label.startsWith("rill-"));
        assertEquals(others, ["BinaryOpProgram"]);
        assertEquals(calls.reads, 0);
        // The images.
        assert(calls.uploads <= 2, `${calls.uploads} uploads`);
        assert(calls.dispatches <= most, `${calls.dispatches} dispatches`);
        await readMetrics([run()]);
      }),
    withFastCompiler,
  );
}
