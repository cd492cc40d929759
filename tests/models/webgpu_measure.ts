// Measures the WebGPU kernels beside tfjs's own, in turn in one process:
//
//   deno run -A tests/models/webgpu_measure.ts [products] [step] [--ours] [--batch=8] [--side=224]
import * as tf from "@tensorflow/tfjs-core";
import { parseArgs } from "@std/cli";
import {
  adam,
  alexnet,
  type Backend,
  build,
  initTrainState,
  openBackend,
  randomKey,
  readMetrics,
  trainStep,
} from "@rill/rill/models";
import { registerKernels } from "../../models/kernels/register_kernels.ts";
import { randomBatch, right } from "./_helpers.ts";

const options = parseArgs(Deno.args, {
  boolean: ["ours"],
  string: ["batch", "side", "repeat"],
  default: { batch: "8", side: "224", repeat: "3" },
});
const batch = Number(options.batch);
const side = Number(options.side);
const repeat = Number(options.repeat);
const sets = options.ours ? [false] : [true, false];
const wants = (what: string) => options._.length === 0 || options._.includes(what);

const backend = await openBackend("webgpu");
console.log(`${backend.description}; batch ${batch}, side ${side}`);
if (wants("products")) await products();
if (wants("step")) await step();
await backend.close();

/** The best of some runs, in seconds, after one that compiles. */
async function best(backend: Backend, fn: () => tf.Tensor, runs: number): Promise<number> {
  let least = Infinity;
  for (let i = 0; i <= runs; i++) {
    // Enough of them that waiting for the queue, some 10 ms, counts for little.
    const count = i === 0 || least > 0.3 ? 1 : Math.min(20, Math.ceil(0.3 / least));
    const start = performance.now();
    for (let j = 0; j < count; j++) fn().dispose();
    await backend.sync();
    const seconds = (performance.now() - start) / 1000 / count;
    least = i === 0 ? seconds : Math.min(least, seconds);
  }
  return least;
}

async function products(): Promise<void> {
  const random = (...shape: number[]) => tf.randomUniform(shape, -1, 1);
  const rows: [string, number, () => tf.Tensor][] = [];
  const run = (kernel: string, inputs: object, attrs: object) =>
    tf.engine().runKernel(
      kernel,
      inputs as tf.NamedTensorMap,
      attrs as tf.NamedAttrMap,
    ) as tf.Tensor;
  const shapes: [string, number, number, number, number, number, number][] = [
    ["conv1", side, 1, 96, 11, 4, 1],
    ["conv2", 26, 96, 256, 5, 1, 2],
    ["conv3", 12, 256, 384, 3, 1, 1],
    ["conv4", 12, 384, 384, 3, 1, 1],
    ["conv5", 12, 384, 256, 3, 1, 1],
  ];
  for (const [name, size, channels, filters, kernel, strides, pad] of shapes) {
    const out = Math.floor((size + 2 * pad - kernel) / strides) + 1;
    const x = random(batch, size, size, channels);
    const filter = random(kernel, kernel, channels, filters);
    const dy = random(batch, out, out, filters);
    const flops = 2 * batch * out * out * filters * kernel * kernel * channels;
    const attrs = { strides, pad, dataFormat: "NHWC", dilations: 1 };
    rows.push([`${name} forward`, flops, () => run("Conv2D", { x, filter }, attrs)]);
    rows.push([
      `${name} input gradient`,
      flops,
      () => run("Conv2DBackpropInput", { dy, filter }, { ...attrs, inputShape: x.shape }),
    ]);
    rows.push([
      `${name} filter gradient`,
      flops,
      () => run("Conv2DBackpropFilter", { x, dy }, { ...attrs, filterShape: filter.shape }),
    ]);
  }
  for (const [name, inputs, outputs] of [["fc1", 6400, 4096], ["fc2", 4096, 4096]] as const) {
    const x = random(batch, inputs);
    const weight = random(inputs, outputs);
    const dy = random(batch, outputs);
    const flops = 2 * batch * inputs * outputs;
    rows.push([`${name} forward`, flops, () => tf.matMul(x, weight)]);
    rows.push([`${name} input gradient`, flops, () => tf.matMul(dy, weight, false, true)]);
    rows.push([`${name} weight gradient`, flops, () => tf.matMul(x, dy, true, false)]);
  }
  for (const [name, flops, fn] of rows) {
    const cells = [];
    for (const stock of sets) {
      registerKernels({ stock });
      const seconds = await best(backend, fn, repeat);
      cells.push(`${(seconds * 1000).toFixed(1)} ms ${(flops / seconds / 1e9).toFixed(2)} GFLOP/s`);
    }
    console.log(`| ${name} | ${cells.join(" | ")} |`);
  }
}

async function step(): Promise<void> {
  const network = right(build(alexnet(), [side, side, 1]));
  const optimizer = adam();
  const train = trainStep(network, optimizer);
  const gpu = tf.backend() as unknown as { device: GPUDevice };
  for (const stock of sets) {
    registerKernels({ stock });
    let state = initTrainState(network, optimizer, randomKey(1));
    for (let i = 0; i <= (stock ? 1 : repeat); i++) {
      const images = randomBatch(batch, network.inputShape, 10, i);
      const counts = count(gpu.device);
      const start = performance.now();
      const [next, metrics] = train(state, images);
      await backend.sync();
      const seconds = (performance.now() - start) / 1000;
      counts.stop();
      state = next;
      const [{ loss }] = await readMetrics([metrics]);
      console.log(
        `${stock ? "stock" : "ours"} step ${i}: ${seconds.toFixed(2)} s, loss ${
          loss.toFixed(4)
        }, ` +
          `${counts.dispatches} dispatches, ${counts.submits} submits, ${counts.uploads} uploads`,
      );
    }
    for (const tensors of [state.params, ...Object.values(state.optimizer.slots)]) {
      for (const tensor of Object.values(tensors)) tensor.dispose();
    }
  }
}

/** Counts what a device is told to do until it is stopped. */
function count(device: GPUDevice) {
  const counts = { dispatches: 0, submits: 0, uploads: 0, stop: () => {} };
  const stops: (() => void)[] = [];
  const wrap = (object: object, name: string, key: "dispatches" | "submits" | "uploads") => {
    const target = object as Record<string, (...args: unknown[]) => unknown>;
    const original = target[name];
    target[name] = function (...args) {
      counts[key]++;
      return original.apply(this, args);
    };
    stops.push(() => target[name] = original);
  };
  wrap(GPUComputePassEncoder.prototype, "dispatchWorkgroups", "dispatches");
  wrap(device.queue, "submit", "submits");
  wrap(device.queue, "writeBuffer", "uploads");
  counts.stop = () => stops.forEach((stop) => stop());
  return counts;
}
