// Losses, metrics and batches of one's own.
import * as tf from "@tensorflow/tfjs-core";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  adam,
  build,
  crossEntropy,
  evalStep,
  exportParams,
  initTrainState,
  type Labels,
  linear,
  type Loss,
  type Metric,
  predictStep,
  randomKey,
  readMetrics,
  relu,
  sequential,
  sgd,
  type SizedBatch,
  type Tensor,
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
import { meanOfLargest, type WeightedBatch, weightedCrossEntropy } from "../_own_parts.ts";
import { webgpuTest, withFeature } from "../_webgpu.ts";

const network = getOrThrow(build(sequential([linear(6), relu(), linear(3)]), [4]));

function weightedBatch(weights: readonly number[], seed = 0): WeightedBatch & TrainingBatch {
  const batch = randomBatch(weights.length, [4], 3, seed);
  return { ...batch, weights: Float32Array.from(weights) };
}

/** Trains with a loss, and gives what was reported and the parameters. */
async function train<B extends SizedBatch, L extends string>(
  loss: Loss<B, L> | undefined,
  batches: readonly B[],
  metrics: Readonly<Record<string, Metric<B>>> = {},
) {
  const optimizer = sgd({ learningRate: 0.3 });
  const step = loss
    ? trainStep<B, L, string>(network, optimizer, { loss, metrics })
    : trainStep(network, optimizer);
  let state = initTrainState(network, optimizer, randomKey(1));
  const pending = [];
  for (const batch of batches) {
    const [next, metrics] = step(state, batch as B & TrainingBatch);
    state = next;
    pending.push(metrics);
  }
  return {
    metrics: await readMetrics<string>(pending),
    params: await exportParams(network, state),
  };
}

function assertSameParams(actual: Awaited<ReturnType<typeof train>>, expected: typeof actual) {
  for (const [name, { data }] of Object.entries(expected.params)) {
    assertClose(actual.params[name]!.data, data, 1e-5, name);
  }
}

backendTest("a loss of one's own trains as the default one that it is", async () => {
  const plain = await train(undefined, [0, 1, 2].map((seed) => randomBatch(5, [4], 3, seed)));
  const own = await train(
    weightedCrossEntropy,
    [0, 1, 2].map((seed) => weightedBatch([1, 1, 1, 1, 1], seed)),
  );
  assertSameParams(own, plain);
  assertClose(own.metrics.map(({ loss }) => loss), plain.metrics.map(({ loss }) => loss), 1e-5);
  assertClose(
    own.metrics.map(({ hits }) => hits!),
    plain.metrics.map(({ accuracy }) => accuracy!),
    1e-6,
  );
});

webgpuTest(
  "a loss of one's own is scaled in mixed precision, and reported as it is",
  () =>
    withBackend("webgpu", async () => {
      const plain = await train(undefined, [0, 1].map((seed) => randomBatch(5, [4], 3, seed)));
      const own = await train(
        weightedCrossEntropy,
        [0, 1].map((seed) => weightedBatch([2, 2, 2, 2, 2], seed)),
      );
      for (const [i, { loss }] of plain.metrics.entries()) {
        assertClose([own.metrics[i]!.loss], [loss], 1e-2);
      }
      for (const [name, { data }] of Object.entries(plain.params)) {
        assertClose(own.params[name]!.data, data, 1e-2, name);
      }
    }, { precision: "mixed" }),
  withFeature("shader-f16"),
);

backendTest("a loss is divided by its weight, and what weighs nothing doesn't count", async () => {
  // Two of an example weigh as that example twice, and those without weight as none.
  const batch = randomBatch(3, [4], 3);
  const own = await train(weightedCrossEntropy, [weightedBatch([2, 0, 1])]);
  const rows = [0, 0, 2];
  const data = rows.flatMap((row) => [...batch.images.data.subarray(row * 4, row * 4 + 4)]);
  const repeated = await train(undefined, [{
    images: { data: Float32Array.from(data), shape: [3, 4] },
    labels: Int32Array.from(rows.map((row) => batch.labels[row]!)),
    size: 3,
  }]);
  assertSameParams(own, repeated);
  assertClose([own.metrics[0]!.loss], [repeated.metrics[0]!.loss], 1e-5);
});

backendTest("a batch of which nothing counts has a loss that is NaN", async () => {
  const variables = network.init(randomKey(0));
  const evaluate = evalStep(network, { loss: weightedCrossEntropy });
  const { means } = await evaluate(variables, weightedBatch([0, 0]));
  assertEquals(means, { loss: { sum: 0, weight: 0 }, hits: { sum: 0, weight: 0 } });
  const { metrics } = await train(weightedCrossEntropy, [weightedBatch([0, 0])]);
  assertEquals([metrics[0]!.loss, metrics[0]!.hits], [NaN, NaN]);
});

backendTest("metrics of one's own are reported beside the loss's, by their names", async () => {
  const metrics = { largest: meanOfLargest, two: (): ReturnType<Metric<unknown>> => twice() };
  const twice = () => ({ sum: toTensor(Float32Array.of(6), []), weight: 3 });
  const batches = [4, 1, 3].map((size) => randomBatch(size, [4], 3, size));
  const { metrics: reported } = await train(crossEntropy(), batches, metrics);
  assertEquals(
    reported.map((one) => Object.keys(one)),
    reported.map(() => ["step", "size", "loss", "accuracy", "largest", "two"]),
  );
  assertEquals(reported.map(({ step, size, two }) => [step, size, two]), [
    [1, 4, 2],
    [2, 1, 2],
    [3, 3, 2],
  ]);
  // The numbers and the training are those of the loss alone, which has a program of its own.
  const alone = await train(undefined, batches);
  for (const [i, { loss, accuracy }] of alone.metrics.entries()) {
    assertClose([reported[i]!.loss, reported[i]!.accuracy!], [loss, accuracy!], 1e-6);
  }
  // An evaluation reports them as sums, which add up over batches of any size.
  const variables = network.init(randomKey(0));
  const evaluate = evalStep(network, { metrics: { largest: meanOfLargest } });
  const parts = await Promise.all(batches.map((batch) => evaluate(variables, batch)));
  for (const [i, { means, outputs }] of parts.entries()) {
    const rows = Array.from(
      { length: batches[i]!.size },
      (_, row) => Math.max(...outputs.data.subarray(3 * row, 3 * row + 3)),
    );
    assertClose([means.largest.sum], [rows.reduce((a, b) => a + b)], 1e-6);
    assertEquals(means.largest.weight, batches[i]!.size);
    const { losses } = measureExamples(parts[i]!, batches[i]!.labels);
    assertClose([means.loss.sum], [losses.reduce((a, b) => a + b)], 1e-6);
  }
});

backendTest("steps and evaluations of a loss of one's own leave nothing behind", async () => {
  const optimizer = adam();
  const options = { loss: weightedCrossEntropy, metrics: { largest: meanOfLargest } };
  const step = trainStep(network, optimizer, options);
  const evaluate = evalStep(network, options);
  let state = initTrainState(network, optimizer, randomKey(0));
  const before = ops.countTensors();
  for (let i = 0; i < 4; i++) {
    const [next, metrics] = step(state, weightedBatch([1, 0, 3], i));
    state = next;
    await readMetrics([metrics]);
    await evaluate(state, weightedBatch([1, 1], i));
    assertEquals(ops.countTensors(), before);
  }
});

Deno.test("a field that nobody reads is refused, in training and in evaluation", () =>
  withBackend("wasm", async () => {
    const optimizer = sgd();
    const state = initTrainState(network, optimizer, randomKey(0));
    const before = ops.countTensors();
    const batch = weightedBatch([1, 2]);
    const withIds = { ...randomBatch(2, [4], 3), ids: [7, 8] };
    const absent = { ...withIds, mixedLabels: undefined };
    const mixed = {
      ...randomBatch(2, [4], 3),
      mixedLabels: Int32Array.of(1, 2),
      weights: Float32Array.of(0.5, 0.9),
    };
    const message = (fields: string) =>
      `Cannot measure a batch with ${fields}, which neither the input nor the loss nor a metric reads`;
    // The default takes weights and mixed labels, this one only labels.
    const own = {
      loss: (output: Tensor, { labels, size }: Labels) => crossEntropy()(output, { labels, size }),
    };
    for (
      const [given, fields, options] of [
        [batch, "weights", own],
        [mixed, "mixedLabels, weights", own],
        [withIds, "ids", {}],
        [absent, "ids", {}],
      ] as const
    ) {
      assertThrows(
        () => trainStep(network, optimizer, options as typeof own)(state, given),
        RangeError,
        message(fields),
      );
      await assertRejects(
        () => evalStep(network, options as typeof own)(state, given),
        RangeError,
        message(fields),
      );
      // Predictions measure nothing.
      assertEquals((await predictStep(network)(state, given)).shape, [2, 3]);
    }
    assertThrows(
      () => trainStep(network, optimizer, { loss: weightedCrossEntropy })(state, mixed),
      RangeError,
      message("mixedLabels"),
    );
    // What a metric reads is read.
    const seen: number[] = [];
    const metrics = {
      ids: (output: Tensor, { ids }: TrainingBatch & { ids: readonly number[] }) => {
        seen.push(...ids);
        return meanOfLargest(output, undefined);
      },
    };
    assertEquals(ops.countTensors(), before);
    trainStep<typeof withIds, "accuracy", "ids">(network, optimizer, {
      loss: crossEntropy(),
      metrics,
    })(state, withIds);
    assertEquals(seen, [7, 8]);
  }));

Deno.test("an input is made of any fields, and those that it reads count as read", () =>
  withBackend("wasm", async () => {
    interface Pairs extends SizedBatch {
      readonly left: Float32Array;
      readonly right: Float32Array;
      readonly labels: Int32Array;
    }
    const pairs: Pairs = {
      left: Float32Array.of(1, 2),
      right: Float32Array.of(3, 4),
      labels: Int32Array.of(0, 2),
      size: 2,
    };
    const input = ({ left, right, size }: Pairs): Tensor =>
      toTensor(
        Float32Array.from({ length: 4 * size }, (_, i) => (i % 2 ? left : right)[i >> 2]!),
        [size, 4],
      );
    const optimizer = sgd();
    let state = initTrainState(network, optimizer, randomKey(0));
    const loss = crossEntropy();
    const step = trainStep(network, optimizer, { input, loss });
    const [next, metrics] = step(state, pairs);
    state = next;
    assertEquals((await readMetrics([metrics]))[0]?.size, 2);
    const { outputs } = await evalStep(network, { input, loss })(state, pairs);
    assertEquals(await predictStep(network, { input })(state, pairs), outputs);
    // Images that such an input leaves alone are refused.
    const images = { data: new Float32Array(8), shape: [2, 4] };
    assertThrows(
      () => step(state, { ...pairs, images } as Pairs),
      RangeError,
      "with images, which",
    );
  }));

Deno.test("fields that don't have one entry for each example are refused, by name", () =>
  withBackend("wasm", async () => {
    const optimizer = sgd();
    const state = initTrainState(network, optimizer, randomKey(0));
    const step = trainStep(network, optimizer, { loss: weightedCrossEntropy });
    const evaluate = evalStep(network, { loss: weightedCrossEntropy });
    const batch = weightedBatch([1, 2]);
    const each = "each field has one entry for each example";
    const cases: [unknown, string][] = [
      [new Float32Array(3), `weights of 3: ${each}`],
      [new Float32Array(0), `weights of 0: ${each}`],
      [{ data: new Float32Array(3), shape: [3, 1] }, `weights of 3 x 1 (3 numbers): ${each}`],
      [
        { data: new Float32Array(3), shape: [2, 2] },
        "weights of 2 x 2 (3 numbers): that shape takes 4",
      ],
      [{ data: new Float32Array(1), shape: [] }, `weights of no dimension (1 numbers): ${each}`],
      [0.5, `weights of type number: ${each}`],
      [null, `weights of null: ${each}`],
      [{ mean: 1 }, `weights of type object: ${each}`],
    ];
    for (const [weights, message] of cases) {
      const wrong = { ...batch, weights: weights as Float32Array };
      const whole = `Cannot take a batch of 2 examples with the field ${message}`;
      assertThrows(() => step(state, wrong), RangeError, whole);
      await assertRejects(() => evaluate(state, wrong), RangeError, whole);
      await assertRejects(() => predictStep(network)(state, wrong), RangeError, whole);
    }
    step(state, batch);
  }));

Deno.test("a loss or a metric that isn't a mean is refused, and so are its names", () =>
  withBackend("wasm", () => {
    const optimizer = sgd();
    const state = initTrainState(network, optimizer, randomKey(0));
    const batch = randomBatch(2, [4], 3);
    const rows: Loss<TrainingBatch> = (output) => ({
      sum: tf.sum(output as unknown as tf.Tensor, 1) as unknown as Tensor,
      weight: 2,
    });
    const before = ops.countTensors();
    assertThrows(
      () => trainStep(network, optimizer, { loss: rows })(state, batch),
      RangeError,
      "Cannot take loss for a mean: its sum is of [2] and its weight a number, where both must be scalars",
    );
    const weights: Metric<TrainingBatch> = (output, batch) => ({
      sum: meanOfLargest(output, batch).sum,
      weight: output,
    });
    assertThrows(
      () => trainStep(network, optimizer, { metrics: { weights } })(state, batch),
      RangeError,
      "Cannot take weights for a mean: its sum is of [] and its weight of [2,3]",
    );
    assertThrows(
      () => trainStep(network, optimizer, { metrics: { accuracy: meanOfLargest } })(state, batch),
      RangeError,
      "Cannot report two metrics called accuracy",
    );
    for (const name of ["loss", "size", "step"]) {
      const options = { metrics: { [name]: meanOfLargest } };
      const message = `Cannot call a metric ${name}: a step reports another`;
      assertThrows(() => trainStep(network, optimizer, options), RangeError, message);
      assertThrows(() => evalStep(network, options), RangeError, message);
    }
    assertEquals(ops.countTensors(), before);
    trainStep(network, optimizer)(state, batch);
  }));

Deno.test("what a loss throws leaves the state as it was", () =>
  withBackend("wasm", () => {
    const optimizer = sgd();
    const state = initTrainState(network, optimizer, randomKey(0));
    const failing: Loss<TrainingBatch> = () => {
      throw new TypeError("no such thing");
    };
    const batch = randomBatch(2, [4], 3);
    const before = ops.countTensors();
    assertThrows(
      () => trainStep(network, optimizer, { loss: failing })(state, batch),
      TypeError,
      "no such thing",
    );
    assertEquals(ops.countTensors(), before);
    assert(trainStep(network, optimizer)(state, batch)[0].step === 1);
  }));
