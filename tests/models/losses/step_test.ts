import { assert, assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as models from "@rill/rill/models";
import type { MixedBatch } from "@rill/rill/pipelines";
import { assertClose, getOrThrow, numbers, take, withBackend } from "../_helpers.ts";

const CLASSES = 3;
const SIZE = 8;
const inputs = { data: numbers(SIZE * 4, 1), shape: [SIZE, 4] };
const labels = Int32Array.from({ length: SIZE }, (_, i) => i % CLASSES);

/** A batch as mixup's, but for its images. */
const mixed = {
  images: inputs,
  mixedLabels: {
    data: Int32Array.from({ length: 2 * SIZE }, (_, at) => ((at >> 1) + at % 2) % CLASSES),
    shape: [SIZE, 2],
  },
  shares: {
    data: Float32Array.from({ length: 2 * SIZE }, (_, at) => 0.5 + (-1) ** at * (at >> 1) / 16),
    shape: [SIZE, 2],
  },
  size: SIZE,
};

const network = getOrThrow(models.build(models.linear(CLASSES), [4]));
const optimizer = models.sgd({ learningRate: 1 });

/** Trains a step from parameters that are always the same. */
async function train<B, M extends string>(
  step: models.TrainStep<B & models.InputBatch, M>,
  batch: B & models.InputBatch,
): Promise<{ readonly loss: number; readonly params: number[] }> {
  const [state, metrics] = step(
    models.initTrainState(network, optimizer, models.randomKey(0)),
    batch,
  );
  const [read] = await models.readMetrics([metrics]);
  const taken: number[] = [];
  for (const param of Object.values(state.params)) taken.push(...await take(param));
  return { loss: read!.loss, params: taken };
}

Deno.test("a batch of mixed images is trained on as what it is", () =>
  withBackend("wasm", async () => {
    const { loss, params } = await train(models.trainStep(network, optimizer), mixed);
    const soft = new Float32Array(SIZE * CLASSES);
    mixed.mixedLabels.data.forEach((label, at) => {
      soft[(at >> 1) * CLASSES + label]! += mixed.shares.data[at]!;
    });
    const explicitBatch = {
      images: inputs,
      labels: { data: soft, shape: [SIZE, CLASSES] },
      size: SIZE,
    };
    const explicit = await train(
      models.trainStep(network, optimizer, { loss: models.crossEntropy() }),
      explicitBatch,
    );
    assertAlmostEquals(loss, explicit.loss, 1e-6);
    assertClose(params, explicit.params, 1e-6);
    const plain = await train(models.trainStep(network, optimizer), {
      images: inputs,
      labels,
      size: SIZE,
    });
    assert(Math.abs(loss - plain.loss) > 0.01, `${loss}, and ${plain.loss} of plain labels`);
    const variables = network.init(models.randomKey(0));
    const evaluate = models.evalStep(network);
    const { means } = await evaluate(variables, mixed);
    const ofSoft = await evaluate(variables, explicitBatch);
    assertAlmostEquals(means.loss.sum, ofSoft.means.loss.sum, 1e-5);
    assertAlmostEquals(means.accuracy.sum, ofSoft.means.accuracy.sum, 1e-5);
  }));

Deno.test("a loss with the plain program measures the same as one of operations", () =>
  withBackend("wasm", async () => {
    const batch = { images: inputs, labels, size: SIZE };
    const fused = await train(models.trainStep(network, optimizer), batch);
    // Weights that are all alike, and a metric: neither is for the program.
    const loss = models.crossEntropy({ classWeights: [1, 1, 1] });
    const composed = await train(models.trainStep(network, optimizer, { loss }), batch);
    const metrics = { top2: models.topKAccuracy(2) };
    const measured = await train(models.trainStep(network, optimizer, { metrics }), batch);
    for (const { loss, params } of [composed, measured]) {
      assertAlmostEquals(loss, fused.loss, 1e-6);
      assertClose(params, fused.params, 1e-6);
    }
  }));

Deno.test("a step refuses a batch that its loss can't use, and leaves its state", () =>
  withBackend("wasm", async () => {
    const batch = { images: inputs, labels, size: SIZE };
    const step = models.trainStep(network, optimizer, { loss: models.meanSquaredError() });
    const state = models.initTrainState(network, optimizer, models.randomKey(0));
    // @ts-expect-error The batch has no targets.
    assertThrows(() => step(state, batch), RangeError, "with no targets");
    const evaluate = models.evalStep(network, { loss: models.binaryCrossEntropy() });
    // @ts-expect-error The batch has no targets.
    await assertRejects(() => evaluate(state, batch), RangeError, "with no targets");
    const targets = { data: new Float32Array(SIZE * CLASSES), shape: [SIZE, CLASSES] };
    // @ts-expect-error The batch has no images.
    assertThrows(() => step(state, { targets, size: SIZE }), RangeError, "no images");
    // Wider than the type says, as whoever has mixed images and another loss would have it.
    const both = { ...mixed, targets };
    assertThrows(() => step(state, both), RangeError, "with mixedLabels, shares");
    const classify = models.trainStep(network, optimizer, { loss: models.crossEntropy() });
    // @ts-expect-error The batch has no labels.
    assertThrows(() => classify(state, { images: inputs, targets, size: SIZE }), RangeError);
    const [next] = step(state, { images: inputs, targets, size: SIZE });
    assertEquals(next.step, 1);
  }));

Deno.test("steps take the batches of their input, their loss and their metrics together", () => {
  const loss: models.Loss<models.Labels & { readonly doubts: Float32Array }> = (output) => ({
    sum: output,
    weight: 1,
  });
  const step = models.trainStep(network, optimizer, {
    loss,
    input: models.imageInput(),
    metrics: { accuracy: models.accuracy(), error: (output) => ({ sum: output, weight: 1 }) },
  });
  const check = (state: models.TrainState) => {
    const doubts = new Float32Array(SIZE);
    step(state, { images: inputs, labels, doubts, size: SIZE });
    // @ts-expect-error The loss takes doubts.
    step(state, { images: inputs, labels, size: SIZE });
    // @ts-expect-error The input takes images.
    step(state, { doubts, labels, size: SIZE });
    // @ts-expect-error Nothing takes moods.
    step(state, { images: inputs, labels, doubts, size: SIZE, moods: doubts });
  };
  assertEquals(check.length, 1);
});

// That it type checks is the test: models know nothing of pipelines, but their batches fit.
export function trainOnMixup(state: models.TrainState, batch: MixedBatch): unknown {
  models.trainStep(network, optimizer, { loss: models.crossEntropy() })(state, batch);
  const plain: models.Loss<models.Labels> = models.crossEntropy();
  // @ts-expect-error The loss takes one label for each image.
  models.trainStep(network, optimizer, { loss: plain })(state, batch);
  return models.trainStep(network, optimizer)(state, batch);
}
