import * as tf from "@tensorflow/tfjs-core";
import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  adam,
  build,
  conv2d,
  crossEntropy,
  dropout,
  evalStep,
  flatten,
  initTrainState,
  linear,
  maxPool2d,
  type Network,
  randomKey,
  readMetrics,
  relu,
  sequential,
  sgd,
  toTensor,
  type TrainingBatch,
  trainStep,
} from "@rill/rill/models";
import * as ops from "../../../models/ops/_ops.ts";
import {
  assertClose,
  backendTest,
  getOrThrow,
  measureExamples,
  randomBatch,
  withBackend,
} from "../_helpers.ts";

const network = getOrThrow(build(
  sequential([
    conv2d({ filters: 4, kernelSize: 3, strides: 2 }),
    relu(),
    maxPool2d({ poolSize: 2 }),
    flatten(),
    linear(6),
    dropout(0.5),
    linear(3),
  ]),
  [9, 9, 1],
));

/** Counts what is alive: tensors, and the buffers under them. */
const alive = () => {
  const backend = tf.engine().backend as unknown as { numDataIds(): number };
  return [ops.countTensors(), backend.numDataIds()];
};

for (const optimizer of [adam(), sgd(), sgd({ momentum: 0.9 })]) {
  const name = `${optimizer.rule.name} ${JSON.stringify(optimizer.rule.settings)}`;
  backendTest(`steps and evaluations leave nothing behind, with ${name}`, async ({ name }) => {
    const step = trainStep(network, optimizer);
    const evaluate = evalStep(network);
    const before = ops.countTensors();
    let state = initTrainState(network, optimizer, randomKey(0));
    const held = network.parameters.length * (1 + Object.keys(optimizer.rule.slots).length);
    for (let i = 0; i < 6; i++) {
      const [next, metrics] = step(state, randomBatch(4, network.inputShape, 3, i));
      state = next;
      // On a device the metrics are a tensor until they are read.
      const waiting = name === "webgpu" ? 1 : 0;
      assertEquals(ops.countTensors() - before, held + waiting, `step ${i + 1}`);
      await readMetrics([metrics]);
      await evaluate(state, randomBatch(5, network.inputShape, 3, i));
      assertEquals(alive(), [before + held, held], `after step ${i + 1}`);
    }
  });
}

backendTest("a model learns its batch by heart, and metrics say so", async () => {
  const small = getOrThrow(
    build(sequential([flatten(), linear(16), relu(), linear(3)]), [4, 4, 1]),
  );
  const optimizer = adam({ learningRate: 0.02 });
  const step = trainStep(small, optimizer);
  const batch = randomBatch(8, small.inputShape, 3);
  let state = initTrainState(small, optimizer, randomKey(4));
  const pending = [];
  for (let i = 0; i < 60; i++) {
    const [next, metrics] = step(state, batch);
    state = next;
    pending.push(metrics);
  }
  const metrics = await readMetrics(pending);
  assertEquals(metrics.map(({ step, size }) => [step, size]), metrics.map((_, i) => [i + 1, 8]));
  const [first, last] = [metrics[0], metrics.at(-1)];
  assert(first && last);
  assertClose([first.loss], [Math.log(3)], 0.5, "first loss");
  assert(first.accuracy < 1);
  assert(last.loss < 0.2 && last.accuracy === 1, JSON.stringify(last));
  const { means } = await evalStep(small)(state, batch);
  assertEquals(means.accuracy, { sum: 8, weight: 8 });
  assert(means.loss.sum / means.loss.weight < 0.2, JSON.stringify(means));
});

backendTest("evaluation gives the outputs and their loss, and drops nothing", async () => {
  const optimizer = sgd({ learningRate: 0 });
  const state = initTrainState(network, optimizer, randomKey(2));
  const batch = randomBatch(5, network.inputShape, 3);
  const first = await evalStep(network)(state, batch);
  assertEquals(await evalStep(network)(state, batch), first);
  assertEquals([first.size, ...first.outputs.shape], [5, 5, 3]);
  const { losses, predictions } = measureExamples(first, batch.labels);
  const correct = predictions.filter((guess, i) => guess === batch.labels[i]).length;
  assertEquals(first.means.accuracy, { sum: correct, weight: 5 });
  assertEquals(first.means.loss.weight, 5);
  assertClose([first.means.loss.sum], [losses.reduce((sum, loss) => sum + loss, 0)], 1e-6);
});

Deno.test("a step is a function of state and batch: dropout's mask is the step's", () =>
  withBackend("wasm", async () => {
    // Without learning only the mask changes from step to step.
    const optimizer = sgd({ learningRate: 0 });
    const step = trainStep(network, optimizer);
    const batch = randomBatch(4, network.inputShape, 3);
    const losses = async (seed: number, from: number, count: number) => {
      let state = initTrainState(network, optimizer, randomKey(seed), {
        variables: network.init(randomKey(0)),
        step: from,
      });
      const pending = [];
      for (let i = 0; i < count; i++) {
        const [next, metrics] = step(state, batch);
        state = next;
        pending.push(metrics);
      }
      return (await readMetrics(pending)).map(({ loss }) => loss);
    };
    const run = await losses(1, 0, 4);
    assertEquals(new Set(run).size, 4);
    assertEquals(await losses(1, 2, 2), run.slice(2));
    assert(String(await losses(2, 0, 4)) !== String(run));
  }));

Deno.test("bytes are images too", () =>
  withBackend("wasm", async () => {
    const flat = getOrThrow(build(sequential([flatten(), linear(2)]), [2, 2, 1]));
    const variables = flat.init(randomKey(0));
    const data = Uint8Array.of(0, 1, 128, 255);
    const batch = { labels: Int32Array.of(1), size: 1 };
    const shape = [1, 2, 2, 1];
    assertEquals(
      await evalStep(flat)(variables, { ...batch, images: { data, shape } }),
      await evalStep(flat)(variables, {
        ...batch,
        images: { data: Float32Array.from(data), shape },
      }),
    );
  }));

Deno.test("a batch that doesn't fit is refused, and the state stays as it was", () =>
  withBackend("wasm", () => {
    const optimizer = sgd();
    const state = initTrainState(network, optimizer, randomKey(0));
    const before = ops.countTensors();
    const batch = randomBatch(2, network.inputShape, 3);
    const labels = Int32Array.of(0, 3);
    const other = { ...batch.images, shape: [2, 9, 9, 3] };
    const short = { ...batch.images, data: new Float32Array(161) };
    const flat = { ...batch.images, shape: [2, 81] };
    const cases: [TrainingBatch, string][] = [
      [
        { ...batch, images: other },
        "field images of 2 x 9 x 9 x 3 (162 numbers): that shape takes",
      ],
      [{ ...batch, images: short }, "2 x 9 x 9 x 1 (161 numbers): that shape takes 162"],
      [
        { ...batch, images: flat },
        "on a batch of 2 with images of 2 x 81 (162 numbers): it takes 2 x 9 x 9 x 1",
      ],
      [{ ...batch, labels: Int32Array.of(0) }, "a batch of 2 examples with the field labels of 1:"],
      [randomBatch(0, network.inputShape, 3), "a batch of 0 examples: there must be at least one"],
      [{ ...batch, labels }, "Cannot take label 3 of example 1 for a class: there are 3, from 0"],
    ];
    for (const [wrong, message] of cases) {
      assertThrows(() => trainStep(network, optimizer)(state, wrong), RangeError, message);
    }
    const image = getOrThrow(build(conv2d({ filters: 1, kernelSize: 1 }), [2, 2, 1]));
    const wrong = randomBatch(1, image.inputShape, 3);
    assertThrows(
      () => trainStep(image, optimizer)(state, wrong),
      RangeError,
      "Cannot compare logits of 1 x 2 x 2 x 1 with 1 labels: it takes [n, classes]",
    );
    const logits = toTensor(new Float32Array(6), [2, 3]);
    for (const labels of [Int32Array.of(0), Int32Array.of(0, -1)]) {
      assertThrows(() => crossEntropy()(logits, { labels, size: 2 }), RangeError);
    }
    logits.dispose();
    assertEquals(ops.countTensors(), before);
    trainStep(network, optimizer)(state, batch);
  }));

Deno.test("a step that runs out of memory is reported, not swallowed", () =>
  withBackend("wasm", () => {
    const failing: Network = {
      ...network,
      apply() {
        throw new RangeError("Array buffer allocation failed");
      },
    };
    const optimizer = sgd();
    const state = initTrainState(network, optimizer, randomKey(0));
    const before = ops.countTensors();
    assertThrows(
      () => trainStep(failing, optimizer)(state, randomBatch(2, network.inputShape, 3)),
      RangeError,
      "Array buffer allocation failed",
    );
    assertEquals(ops.countTensors(), before);
  }));
