import { assertEquals, assertRejects } from "@std/assert";
import {
  build,
  conv2d,
  crossEntropy,
  evalStep,
  flatten,
  imageInput,
  linear,
  maxPool2d,
  predictStep,
  randomKey,
  relu,
  sequential,
  toTensor,
} from "@rill/rill/models";
import * as ops from "../../../models/ops/_ops.ts";
import {
  assertClose,
  backendTest,
  getOrThrow,
  randomBatch,
  take,
  withBackend,
} from "../_helpers.ts";
import { weightedCrossEntropy } from "../_own_parts.ts";
import { webgpuTest } from "../_webgpu.ts";

const network = getOrThrow(build(
  sequential([
    conv2d({ filters: 4, kernelSize: 3 }),
    relu(),
    maxPool2d({ poolSize: 2 }),
    flatten(),
    linear(3),
  ]),
  [8, 8, 1],
));

backendTest("a batch may be overwritten as soon as an evaluation was asked for", async () => {
  const variables = network.init(randomKey(0));
  const bytes = () => ({
    images: { data: Uint8Array.from({ length: 3 * 36 }, (_, i) => i * 37), shape: [3, 6, 6, 1] },
    labels: Int32Array.of(0, 1, 2),
    size: 3,
  });
  const weighted = () => ({ ...randomBatch(3, [8, 8, 1], 3), weights: Float32Array.of(1, 2, 3) });
  const [input, loss] = [imageInput(), weightedCrossEntropy];
  const cases = [
    [evalStep(network), () => randomBatch(3, [8, 8, 1], 3)],
    [evalStep(network, { loss }), weighted],
    [evalStep(network, { input }), bytes],
    [predictStep(network), () => randomBatch(3, [8, 8, 1], 3)],
    [predictStep(network, { input }), bytes],
  ] as [(v: typeof variables, b: object) => Promise<unknown>, () => ReturnType<typeof bytes>][];
  for (const [run, make] of cases) {
    const expected = await run(variables, make());
    const batch = make();
    const promise = run(variables, batch);
    batch.images.data.fill(0);
    batch.labels.fill(0);
    if ("weights" in batch) (batch.weights as Float32Array).fill(0);
    assertEquals(await promise, expected);
  }
});

backendTest("evaluations and predictions leave nothing behind, also those refused", async () => {
  const variables = network.init(randomKey(0));
  const before = ops.countTensors();
  const batch = randomBatch(2, [8, 8, 1], 3);
  await evalStep(network)(variables, batch);
  await predictStep(network)(variables, batch);
  const wrong = { ...batch, labels: Int32Array.of(0, 9) };
  await assertRejects(
    () => evalStep(network)(variables, wrong),
    RangeError,
    "label 9 of example 1",
  );
  await assertRejects(
    () => predictStep(network)(variables, randomBatch(2, [8, 7, 1], 3)),
    RangeError,
    "Cannot run the network on a batch of 2 with images of 2 x 8 x 7 x 1 (112 numbers)",
  );
  await assertRejects(
    () => predictStep(network)(variables, { size: 2 } as typeof batch),
    RangeError,
    "Cannot run the network on a batch of 2 with no images: it takes 2 x 8 x 8 x 1",
  );
  assertEquals(ops.countTensors(), before);
});

backendTest("predictions are what the network gives, and a copy", async () => {
  const variables = network.init(randomKey(0));
  const { images, size } = randomBatch(2, [8, 8, 1], 3);
  const predict = predictStep(network);
  const { data, shape } = await predict(variables, { images, size });
  assertEquals(shape, [2, 3]);
  const x = toTensor(images.data as Float32Array, images.shape);
  assertEquals([...data], await take(network.apply(variables, x).output));
  data.fill(0);
  assertEquals((await predict(variables, { images, size })).data.some((x) => x !== 0), true);
  // Outputs of any shape.
  const image = getOrThrow(build(relu(), [1, 2, 2]));
  const predicted = await predictStep(image)({ params: {}, buffers: {} }, {
    images: { data: Float32Array.of(-1, 2, 3, -4), shape: [1, 1, 2, 2] },
    size: 1,
  });
  assertEquals([[...predicted.data], predicted.shape], [[0, 2, 3, 0], [1, 1, 2, 2]]);
});

webgpuTest("WASM and WebGPU predict and evaluate alike", async () => {
  const run = async () => {
    const variables = network.init(randomKey(3));
    const batch = randomBatch(7, [8, 8, 1], 3);
    const prediction = await predictStep(network)(variables, batch);
    const evaluation = await evalStep(network)(variables, batch);
    assertEquals(prediction, evaluation.outputs);
    return evaluation;
  };
  const [wasm, webgpu] = [await withBackend("wasm", run), await withBackend("webgpu", run)];
  assertEquals(webgpu.outputs.shape, wasm.outputs.shape);
  assertClose(webgpu.outputs.data, wasm.outputs.data, 1e-5, "outputs");
  assertClose([webgpu.means.loss.sum], [wasm.means.loss.sum], 1e-5, "loss");
  assertEquals(webgpu.means.accuracy, wasm.means.accuracy);
});

backendTest("sums of parts of a set are those of the whole, whatever its batches", async () => {
  const variables = network.init(randomKey(0));
  const evaluate = evalStep(network, { loss: crossEntropy() });
  const whole = randomBatch(7, [8, 8, 1], 3);
  const expected = await evaluate(variables, whole);
  let [loss, correct, weight] = [0, 0, 0];
  for (const [start, end] of [[0, 3], [3, 6], [6, 7]] as const) {
    const { means } = await evaluate(variables, {
      images: {
        data: whole.images.data.subarray(start * 64, end * 64),
        shape: [end - start, 8, 8, 1],
      },
      labels: whole.labels.subarray(start, end),
      size: end - start,
    });
    loss += means.loss.sum;
    correct += means.accuracy.sum;
    weight += means.loss.weight;
  }
  assertClose([loss], [expected.means.loss.sum], 1e-5);
  assertEquals([correct, weight], [expected.means.accuracy.sum, 7]);
});
