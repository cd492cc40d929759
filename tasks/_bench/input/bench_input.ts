// Measures how images get to a WebGPU device, from stored examples to the network's input there: by stages, and as bytes.
// In turn in one process, or one of the two alone, so as to see its memory:
//
//   deno run -A tests/tasks/input_measure.ts [stages] [device] [--batch=128] [--side=224] [--batches=8] [--rounds=5]
import * as tf from "@tensorflow/tfjs-core";
import { parseArgs } from "@std/cli";
import { pipe } from "fp-ts/lib/function.js";
import { openBackend } from "@rill/rill/models";
import { type Batch, type Example, readIndexed, recycle } from "@rill/rill/pipelines";
import * as ops from "../../../models/ops/_ops.ts";
import { makeRandomImages } from "../pipelines/stored_images.ts";
import { imagePath } from "../../_model/image_path.ts";

const options = parseArgs(Deno.args, {
  string: ["batch", "side", "batches", "rounds"],
  default: { batch: "128", side: "224", batches: "8", rounds: "5" },
});
const [size, side, batches, rounds] = [
  options.batch,
  options.side,
  options.batches,
  options.rounds,
].map(Number);
const ways = options._.length > 0 ? options._.map(String) : ["stages", "device"];

const backend = await openBackend("webgpu");
const gpu = tf.backend() as unknown as { uploadToGPU(dataId: object): void };
const images = makeRandomImages(size * batches);
const examples = {
  length: size * batches,
  get: (index: number): Example<Uint8Array<ArrayBuffer>> => ({
    image: {
      data: images.subarray(index * 784, (index + 1) * 784),
      height: 28,
      width: 28,
      channels: 1,
    },
    label: 0,
  }),
};

/** A batch's input on the device, made for as long as it takes to make it. */
function toDevice({ images }: Batch, input?: ReturnType<typeof imagePath>["stepOptions"]["input"]) {
  const tensor = input
    ? input(images, [side, side, 1])
    : ops.tensor(images.data as Float32Array, images.shape);
  gpu.uploadToGPU((tensor as unknown as tf.Tensor).dataId);
  return tensor;
}

const seconds: Record<string, number[]> = {};
const own: Record<string, number[]> = {};
const before = Deno.memoryUsage().rss;
let peak = before;
for (let round = 0; round <= rounds; round++) {
  for (const way of ways) {
    const path = imagePath({ name: way === "device" ? "webgpu" : "wasm" }, {
      side,
      mean: 0,
      std: 1,
    });
    const start = performance.now();
    let waited = 0;
    for await (const batch of pipe(readIndexed(examples), path.batches(size))) {
      const tensor = toDevice(batch, path.stepOptions.input);
      recycle(batch);
      tensor.dispose();
      const given = performance.now();
      await backend.sync();
      waited += performance.now() - given;
      peak = Math.max(peak, Deno.memoryUsage().rss);
    }
    if (round === 0) continue;
    const all = performance.now() - start;
    (seconds[way] ??= []).push(all / 1000 / batches);
    (own[way] ??= []).push((all - waited) / 1000 / batches);
  }
}
console.log(`${backend.description}; ${size} images of 28 x 28 to ${side} x ${side}`);
const median = (values: number[]) =>
  `${(values.toSorted((a, b) => a - b)[values.length >> 1] * 1000).toFixed(1)} ms`;
for (const way of ways) {
  console.log(
    `${way}: ${median(seconds[way])} a batch, ${median(own[way])} of it on the main thread`,
  );
}
console.log(
  `resident memory: ${Math.round(before / 1e6)} MB before, ${Math.round(peak / 1e6)} MB at most`,
);
await backend.close();
