/**
 * A loss and a metric of one's own: the focal loss (Lin et al., 2017), which looks away from what is easy, for two classes of which
 * one is rare; and the recall of the rare one. Both are functions of operations; the step divides sums by weights.
 *
 * Run it with: deno run --allow-read examples/own_loss.ts
 *
 * (Reading is for the WebAssembly program of the tensor library, in Deno's cache.)
 *
 * @module
 */
import * as models from "@rill/rill/models";
import * as ops from "@rill/rill/models/ops";

/** Multiplies each example's cross-entropy by `(1 - p)^gamma`, `p` the probability of its class. */
const focalLoss = (gamma: number): models.Loss<models.Labels> => (logits, { labels, size }) => {
  const [, classes = 0] = logits.shape;
  const right = ops.oneHot(ops.toTensor(labels, [size]), classes);
  const logP = ops.sum(ops.multiply(ops.logSoftmax(logits), right), { axis: -1 });
  const focus = ops.power(ops.subtract(1, ops.exp(logP)), gamma);
  return { sum: ops.negate(ops.sum(ops.multiply(focus, logP))), weight: size };
};

/** Counts the examples of a class that are found, among all that are of it. */
const recallOf = (label: number): models.Metric<models.Labels> => (logits, { labels, size }) => {
  const ofClass = ops.equal(ops.toTensor(labels, [size]), label);
  const found = ops.logicalAnd(ofClass, ops.equal(ops.argMax(logits, { axis: -1 }), label));
  return {
    sum: ops.sum(ops.cast(found, "float32")),
    weight: ops.sum(ops.cast(ofClass, "float32")),
  };
};

// Points in a square; those in a small circle are the rare class. They are the same every time.
const size = 512;
const points = Float32Array.from({ length: 2 * size }, (_, i) => (i * i * 0.754877) % 2 - 1);
const labels = Int32Array.from(
  { length: size },
  (_, i) => Math.hypot(points[2 * i]! - 0.4, points[2 * i + 1]! - 0.3) < 0.25 ? 1 : 0,
);
const batch = { images: { data: points, shape: [size, 2] }, labels, size };
console.log(`${labels.reduce((a, b) => a + b)} of ${size} points are of the rare class`);

await using _backend = await models.openBackend("wasm");
const model = models.sequential([
  models.linear(32),
  models.relu(),
  models.linear(32),
  models.relu(),
  models.linear(2),
]);
const network = models.getOrThrow(models.build(model, [2]));
const optimizer = models.adam({ learningRate: 0.01 });
const step = models.trainStep(network, optimizer, {
  loss: focalLoss(2),
  metrics: { recall: recallOf(1) },
});
let state = models.initTrainState(network, optimizer, models.randomKey(0));
const pending = [];
for (let i = 0; i < 300; i++) {
  const [next, metrics] = step(state, batch);
  state = next;
  pending.push(metrics);
}
const metrics = await models.readMetrics(pending);
for (const { step, loss, recall } of metrics.filter(({ step }) => step % 100 === 1)) {
  console.log(`step ${step}: loss ${loss.toFixed(4)}, recall ${recall.toFixed(2)}`);
}
console.log(`recall ${metrics.at(-1)?.recall.toFixed(2)}`);
