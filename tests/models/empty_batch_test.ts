// Batches that no network can take: they are refused before anything is computed, and what follows is right.
import * as tf from "@tensorflow/tfjs-core";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  build,
  conv2d,
  crossEntropy,
  dropout,
  evalStep,
  flatten,
  imageInput,
  initTrainState,
  type Layer,
  layer,
  linear,
  maxPool2d,
  randomKey,
  readMetrics,
  relu,
  sequential,
  sgd,
  toTensor,
  type TrainingBatch,
  trainStep,
} from "@rill/rill/models";
import * as publicOps from "@rill/rill/models/ops";
import * as ops from "../../models/ops/_ops.ts";
import { backendTest, getError, getOrThrow, randomBatch, take } from "./_helpers.ts";

const LAYERS: Readonly<Record<string, Layer>> = {
  conv2d: conv2d({ filters: 4, kernelSize: 3 }),
  "conv2d in groups": conv2d({ filters: 4, kernelSize: 3, groups: 2 }),
  maxPool2d: maxPool2d({ poolSize: 2 }),
  relu: relu(),
  flatten: flatten(),
  dropout: dropout(0.5),
  "linear after flatten": sequential([flatten(), linear(3)]),
  "relu after conv2d": sequential([conv2d({ filters: 4, kernelSize: 3 }), relu()]),
  "nothing": sequential([]),
};

/** Fails unless what else is computed comes out right. */
async function assertUnharmed(what: string): Promise<void> {
  const sum = tf.tidy(() => tf.add(tf.tensor1d([1, 2]), tf.tensor1d([3, 4])));
  assertEquals([...await sum.data()], [4, 6], what);
  sum.dispose();
  const product = tf.tidy(() => tf.matMul(tf.ones([3, 5]), tf.ones([5, 2])));
  assertEquals([...await product.data()], Array(6).fill(5), what);
  product.dispose();
}

backendTest(
  "a network and its layers refuse an empty batch, and one of another shape",
  async () => {
    const pass = { training: true, key: randomKey(1) };
    for (const [name, tested] of Object.entries(LAYERS)) {
      const network = getOrThrow(build(tested, [5, 5, 2]));
      const variables = network.init(randomKey(0));
      const { params, buffers } = variables;
      // What a layer with children gives one of them is refused as well.
      let given = toTensor(new Float32Array(50), [1, 5, 5, 2]);
      const parent = getOrThrow(build(
        layer("Parent()", (input, sub) => {
          const child = sub("it", tested, input);
          return { outputShape: child.outputShape, apply: (_, __, pass) => child(given, pass) };
        }),
        [5, 5, 2],
      ));
      const whole = parent.init(randomKey(0));
      const one = given;
      for (const shape of [[0, 5, 5, 2], [1, 5, 4, 2], [5, 5, 2], [2, 0, 5, 2], []]) {
        const x = toTensor(new Float32Array(shape.reduce((a, b) => a * b, 1)), shape);
        const before = ops.countTensors();
        const message = `to a tensor of ${shape.join(" x ") || "no dimension"}: ` +
          "it takes at least one example of 5 x 5 x 2";
        assertThrows(
          () => network.apply(variables, x, pass),
          RangeError,
          `Cannot apply the network ${message}`,
        );
        assertThrows(
          () =>
            ops.valueAndGradients(
              { x },
              ({ x }) => network.apply({ params, buffers }, x, pass).output,
            ),
          RangeError,
          message,
        );
        if (name !== "nothing") {
          given = x;
          assertThrows(
            () => parent.apply(whole, one, pass),
            RangeError,
            `Cannot apply it ${message}`,
          );
        }
        assertEquals(ops.countTensors(), before);
        x.dispose();
        await assertUnharmed(`${name} of ${shape}`);
      }
      // And what it can take it still takes.
      const x = toTensor(new Float32Array(50).fill(1), [1, 5, 5, 2]);
      const y = await take(network.apply(variables, x, pass).output);
      assert(y.every(Number.isFinite), name);
    }
  },
);

backendTest("a loss of no examples is refused", async () => {
  const empty = toTensor(new Float32Array(0), [0, 3]);
  const message =
    "Cannot compare logits of 0 x 3 with 0 labels: it takes [n, classes] and n labels";
  assertThrows(
    () => crossEntropy()(empty, { labels: new Int32Array(0), size: 0 }),
    RangeError,
    message,
  );
  const none = toTensor(new Float32Array(0), [2, 0]);
  assertThrows(
    () => crossEntropy()(none, { labels: new Int32Array(2), size: 2 }),
    RangeError,
    "Cannot take label 0 of example 0 for a class: there are 0, from 0",
  );
  await assertUnharmed("a loss");
});

const network = getOrThrow(build(
  sequential([conv2d({ filters: 4, kernelSize: 3 }), relu(), flatten(), linear(3)]),
  [5, 5, 1],
));

backendTest("steps refuse batches whose parts don't fit each other", async () => {
  const optimizer = sgd({ learningRate: 0.1 });
  const step = trainStep(network, optimizer);
  const evaluate = evalStep(network);
  const state = initTrainState(network, optimizer, randomKey(0));
  const before = await take(ops.tidy(() => publicOps.relu(state.params["3.bias"]!)));
  const batch = randomBatch(2, [5, 5, 1], 3);
  const withLabels = (...labels: number[]): TrainingBatch => ({
    ...batch,
    labels: labels as unknown as Int32Array,
  });
  const cases: Readonly<Record<string, TrainingBatch>> = {
    "no examples": randomBatch(0, [5, 5, 1], 3),
    "a size of 0": { ...batch, size: 0 },
    "a negative size": { ...batch, size: -2 },
    "a size that is NaN": { ...batch, size: NaN },
    "a fractional size": { ...batch, size: 1.5 },
    "fewer images than labels": { ...randomBatch(1, [5, 5, 1], 3), labels: batch.labels },
    "fewer labels than images": { ...batch, labels: Int32Array.of(0) },
    "no labels": { ...batch, labels: new Int32Array(0) },
    "fewer numbers than the shape says": {
      ...batch,
      images: { ...batch.images, data: new Float32Array(49) },
    },
    "images without lines": {
      ...batch,
      images: { data: new Float32Array(0), shape: [2, 0, 5, 1] },
    },
    "a negative label": withLabels(0, -1),
    "a label beyond the last class": withLabels(0, 3),
    "a fractional label": withLabels(0, 0.5),
    "a label that is NaN": withLabels(NaN, 0),
    "a label that is infinite": withLabels(0, Infinity),
    "a label that is missing": withLabels(0, undefined as unknown as number),
  };
  for (const [what, wrong] of Object.entries(cases)) {
    assertThrows(() => step(state, wrong), RangeError, "Cannot", what);
    await assertRejects(() => evaluate(state, wrong), RangeError, "Cannot", what);
    await assertUnharmed(what);
  }
  const bytes = { data: new Uint8Array(0), shape: [0, 28, 28, 1] };
  const none = { images: bytes, labels: new Int32Array(0), size: 0 };
  const input = imageInput();
  assertThrows(
    () => trainStep(network, optimizer, { input })(state, none),
    RangeError,
    "a batch of 0 examples",
  );
  await assertRejects(() => evalStep(network, { input })(state, none), RangeError);
  // The state is as it was, and goes on.
  assertEquals(await take(ops.tidy(() => publicOps.relu(state.params["3.bias"]!))), before);
  const [, metrics] = step(state, batch);
  const [{ loss } = { loss: NaN }] = await readMetrics([metrics]);
  assert(loss > 0.5 && loss < 3, `${loss}`);
});

backendTest("a network without parameters can't be trained, but evaluates", async () => {
  const plain = getOrThrow(build(sequential([flatten(), relu()]), [1, 2, 1]));
  assertThrows(
    () => trainStep(plain, sgd()),
    RangeError,
    "Cannot train a network without parameters: it has Flatten(), ReLU()",
  );
  assertThrows(
    () => trainStep(getOrThrow(build(sequential([]), [2])), sgd()),
    RangeError,
    "Cannot train a network without parameters: it has Sequential()",
  );
  const images = { data: Float32Array.of(1, 2), shape: [1, 1, 2, 1] };
  const batch = { images, labels: Int32Array.of(0), size: 1 };
  const { outputs, means } = await evalStep(plain)({ params: {}, buffers: {} }, batch);
  assertEquals([[...outputs.data], means.accuracy], [[1, 2], { sum: 0, weight: 1 }]);
});

Deno.test("no network is built for inputs of nothing", () => {
  for (const shape of [[0], [5, 0, 1], [NaN], [-1, 2, 3], [1.5]]) {
    const error = getError(build(relu(), shape));
    assertEquals([error.name, error.got], ["ShapeError", shape]);
  }
});
