import * as tf from "@tensorflow/tfjs-core";
import { pipe } from "fp-ts/lib/function.js";
import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  adam,
  type BatchInput,
  build,
  conv2d,
  evalStep,
  flatten,
  imageInput,
  type ImageInputOptions,
  initTrainState,
  type InputBatch,
  linear,
  maxPool2d,
  type Metrics,
  randomKey,
  readMetrics,
  relu,
  sequential,
  type Tensor,
  trainStep,
} from "@rill/rill/models";
import { batch, collect, normalize, recycle, resize } from "@rill/rill/pipelines";
import { onCpu } from "../_cpu_backend.ts";
import { backendTest, getOrThrow, withBackend } from "../_helpers.ts";
import { webgpuTest } from "../_webgpu.ts";

type Shape = readonly [size: number, height: number, width: number, channels: number];

/** Draws bytes of all values, the extremes more often than others. */
function bytes([size, height, width, channels]: Shape, seed = 0): Uint8Array<ArrayBuffer> {
  const data = new Uint8Array(size * height * width * channels);
  let state = seed * 2 + 1;
  for (let i = 0; i < data.length; i++) {
    state = Math.imul(state, 1664525) + 1013904223 | 0;
    const value = state >>> 22;
    data[i] = value < 300 ? value : value < 600 ? 0 : value < 800 ? 255 : value;
  }
  return data;
}

/** Converts a batch of bytes by stages. */
async function convertByStages(
  data: Uint8Array<ArrayBuffer>,
  [size, height, width, channels]: Shape,
  [toHeight, toWidth]: readonly [number, number],
  options: ImageInputOptions,
): Promise<Float32Array<ArrayBuffer>> {
  const length = height * width * channels;
  const examples = Array.from({ length: size }, (_, i) => ({
    image: { data: data.slice(i * length, (i + 1) * length), height, width, channels },
    label: 0,
  }));
  const [all] = await collect(pipe(
    ReadableStream.from(examples),
    resize({ height: toHeight, width: toWidth }),
    normalize(options),
    batch(size),
  ));
  assert(all);
  return all.images.data;
}

async function take(tensor: Tensor): Promise<Float32Array<ArrayBuffer>> {
  const data = Float32Array.from(await tensor.data());
  tensor.dispose();
  return data;
}

const rgb = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

const CASES: readonly [string, Shape, readonly [number, number], ImageInputOptions][] = [
  ["28 to 224", [2, 28, 28, 1], [224, 224], {}],
  ["28 to 67", [3, 28, 28, 1], [67, 67], { mean: 0.286, std: 0.353 }],
  ["28 to 9", [5, 28, 28, 1], [9, 9], {}],
  ["the same size", [2, 12, 12, 1], [12, 12], { scale: 1 }],
  ["only one side", [2, 5, 12, 2], [5, 31], { mean: [1, -2] }],
  ["50 x 37 to 21 x 64, RGB", [3, 50, 37, 3], [21, 64], rgb],
  ["bytes that don't fill a word", [1, 3, 3, 1], [7, 2], {}],
  ["5 channels", [3, 3, 5, 5], [4, 4], { std: 3 }],
  ["a pixel", [1, 1, 1, 1], [9, 70], {}],
  ["to a pixel", [7, 31, 70, 3], [1, 1], rgb],
];

const check = async () => {
  for (const [what, shape, to, options] of CASES) {
    const data = bytes(shape);
    const input = imageInput(options);
    // From within a larger array, as a batch may be.
    const wider = new Uint8Array(data.length + 11);
    wider.set(data, 5);
    for (const [where, view] of [["alone", data], ["inside", wider.subarray(5, -6)]] as const) {
      const tensor = input({ images: { data: view, shape }, size: shape[0] }, [...to, shape[3]]);
      assertEquals(tensor.shape, [shape[0], ...to, shape[3]]);
      const actual = await take(tensor);
      const expected = await convertByStages(data, shape, to, options);
      // Bit for bit: as words, so that -0 isn't 0. assertEquals alone would take long.
      const words = ({ buffer }: Float32Array<ArrayBuffer>) => new Int32Array(buffer);
      const at = words(expected).findIndex((word, i) => word !== words(actual)[i]);
      assertEquals([at, actual[at]], [-1, undefined], `${what}, ${where}: not ${expected[at]}`);
      assertEquals(actual.length, expected.length);
    }
  }
};

backendTest("imageInput() gives what resize and normalize give, to the bit", check);
Deno.test("imageInput() gives what resize and normalize give, to the bit, on the CPU backend", () =>
  onCpu(check));

backendTest(
  "imageInput() makes no byte above 255, however many rounded weights add up",
  async () => {
    // The weights run from 5.5 to 11 units of the last place, and more of them are rounded up than down.
    const width = 508_400;
    const images = { data: new Uint8Array(width).fill(255), shape: [1, 1, width, 1] };
    assertEquals(await take(imageInput()({ images, size: 1 }, [1, 1, 1])), Float32Array.of(1));
    images.shape = [1, width, 1, 1];
    assertEquals(
      await take(imageInput({ scale: 2 })({ images, size: 1 }, [1, 1, 1])),
      Float32Array.of(510),
    );
  },
);

const network = getOrThrow(build(
  sequential([
    conv2d({ filters: 6, kernelSize: 5, strides: 2 }),
    relu(),
    maxPool2d({ poolSize: 3, strides: 2 }),
    flatten(),
    linear(10),
  ]),
  [40, 40, 1],
));
const stored: Shape = [6, 28, 28, 1];

/** Makes a batch of bytes, or of the floats that the stages make of them. */
async function batchOf(seed: number, input: BatchInput | undefined, options: ImageInputOptions) {
  const data = bytes(stored, seed);
  return {
    images: input ? { data, shape: stored } : {
      data: await convertByStages(data, stored, [40, 40], options),
      shape: [6, 40, 40, 1] as const,
    },
    labels: Int32Array.from({ length: 6 }, (_, i) => seed + i),
    size: 6,
  };
}

/** Trains and evaluates a little, and gives each batch's memory back as soon as the step was called. */
async function train(input: BatchInput | undefined, options: ImageInputOptions) {
  const optimizer = adam();
  const step = trainStep(network, optimizer, { input });
  let state = initTrainState(network, optimizer, randomKey(3));
  const pending = [];
  for (let i = 0; i < 4; i++) {
    const one = await batchOf(i, input, options);
    const [next, metrics] = step(state, one);
    recycle(one);
    state = next;
    pending.push(metrics);
  }
  const metrics: Metrics[] = await readMetrics(pending);
  const last = await batchOf(4, input, options);
  const evaluation = evalStep(network, { input })(state, last);
  recycle(last);
  return { metrics, ...await evaluation };
}

backendTest("bytes and resized floats train alike, to the bit", async () => {
  const options = { mean: 0.286, std: 0.353 };
  assertEquals(await train(imageInput(options), options), await train(undefined, options));
});

webgpuTest(
  "a step uploads its images once, as bytes, and makes no more buffers",
  () =>
    withBackend("webgpu", async () => {
      const optimizer = adam();
      const step = trainStep(network, optimizer, { input: imageInput() });
      let state = initTrainState(network, optimizer, randomKey(3));
      const { device } = tf.backend() as unknown as { device: GPUDevice };
      const uploads: number[] = [];
      let buffers = 0;
      const { queue } = device;
      const [write, create] = [queue.writeBuffer, device.createBuffer];
      queue.writeBuffer = function (this: GPUQueue, ...args: unknown[]) {
        const { byteLength } = args[2] as ArrayBufferView;
        if (byteLength >= 1000) uploads.push(byteLength);
        return write.apply(this, args as Parameters<typeof write>);
      } as typeof write;
      device.createBuffer = function (descriptor) {
        if (descriptor.size >= 1000) buffers++;
        return create.call(this, descriptor);
      };
      const counts = [];
      for (let i = 0; i < 5; i++) {
        const images = { data: bytes(stored, i), shape: stored };
        const [next, metrics] = step(state, { images, labels: new Int32Array(6), size: 6 });
        state = next;
        await readMetrics([metrics]);
        counts.push([uploads.splice(0), buffers]);
      }
      assertEquals(counts.map(([sizes]) => sizes), counts.map(() => [6 * 28 * 28]));
      assertEquals(counts[4]![1], counts[1]![1]);
    }),
);

webgpuTest(
  "batches whose programs wait to be submitted keep their own bytes",
  () =>
    withBackend("webgpu", async () => {
      const input = imageInput({ scale: 1 });
      const data = new Uint8Array(16);
      const tensors = Array.from({ length: 40 }, (_, i) => {
        data.fill(i + 1);
        return input({ images: { data, shape: [1, 4, 4, 1] }, size: 1 }, [4, 4, 1]);
      });
      for (const [i, tensor] of tensors.entries()) {
        assertEquals(await take(tensor), new Float32Array(16).fill(i + 1));
      }
    }),
);

webgpuTest(
  "as many sizes as there may be leave a fixed number of tensors behind",
  () =>
    withBackend("webgpu", async () => {
      const input = imageInput();
      const shape: Shape = [1, 6, 6, 1];
      const backend = tf.engine().backend as unknown as { numDataIds(): number };
      const counts = [];
      for (let side = 1; side <= 150; side++) {
        const data = bytes(shape, side);
        const actual = await take(input({ images: { data, shape }, size: 1 }, [side, side, 1]));
        assertEquals(actual, await convertByStages(data, shape, [side, side], {}), `${side}`);
        counts.push(backend.numDataIds());
      }
      assertEquals(counts.at(-1), counts[100]);
    }),
);

Deno.test("imageInput() refuses what it can't take, and says why", () =>
  withBackend("wasm", () => {
    const shape = [2, 28, 28, 3];
    const data = new Uint8Array(2 * 28 * 28 * 3);
    const start = "Cannot make a network's input of ";
    const images = { data, shape };
    const floats = { data: new Float32Array(data), shape };
    const rows = { data, shape: [2, 28 * 28 * 3] };
    const cases: [ImageInputOptions, InputBatch["images"], number[], string][] = [
      [{}, floats, [9, 9, 3], "its numbers aren't bytes"],
      [{}, images, [9, 9, 1], "9 x 9 x 1 from a batch of 2 x 28 x 28 x 3: the channels"],
      [{}, rows, [9, 9, 3], "both must be of height, width and"],
      [{}, images, [9], "both must be of height, width and channels"],
      [{ mean: [0, 1] }, images, [9, 9, 3], "there are 2 numbers for the mean"],
      [{ std: [1, 1, 1, 1] }, images, [9, 9, 3], "there are 4 numbers for the std"],
    ];
    for (const [options, images, inputShape, message] of cases) {
      const { message: actual } = assertThrows(
        () => imageInput(options)({ images, size: 2 }, inputShape),
        RangeError,
      );
      assert(actual.startsWith(start) && actual.includes(message), actual);
    }
    for (const std of [0, -1, NaN, [1, Infinity], []]) {
      assertThrows(
        () => imageInput({ std }),
        RangeError,
        "Cannot normalize by the std",
      );
    }
    assertThrows(() => imageInput({ mean: NaN }), RangeError, "mean [NaN]: it must be finite");
    assertThrows(() => imageInput({ scale: Infinity }), RangeError, "by the scale [Infinity]");
    const optimizer = adam();
    const step = trainStep(network, optimizer, { input: imageInput() });
    const state = initTrainState(network, optimizer, randomKey(0));
    const some = { data: bytes(stored), shape: stored };
    for (const [size, labels] of [[5, 5], [6, 5], [0, 0]] as const) {
      assertThrows(
        () => step(state, { images: some, labels: new Int32Array(labels), size }),
        RangeError,
        "Cannot take a batch of",
        `${size} ${labels}`,
      );
    }
    const short = { data: some.data.subarray(1), shape: stored };
    assertThrows(() => step(state, { images: short, labels: new Int32Array(6), size: 6 }));
  }));
