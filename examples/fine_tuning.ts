/**
 * Fine-tuning: a network is trained to tell four stripe patterns apart and saved; another one takes its features, which stay as they
 * are, and learns two new classes from sixteen pictures, by its last layer alone.
 *
 * Run it with: deno run --allow-read examples/fine_tuning.ts
 *
 * (Reading is for the WebAssembly program of the tensor library, in Deno's cache.)
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as models from "@rill/rill/models";

const SIDE = 8;

/** Makes a batch of waves of so many directions, in noise, with the direction as label. The same seed gives the same. */
const makeBatch = (size: number, directions: readonly number[], seed: number) => {
  const labels = Int32Array.from({ length: size }, (_, i) => i % directions.length);
  const data = Float32Array.from({ length: size * SIDE * SIDE }, (_, i) => {
    const [image, y, x] = [Math.floor(i / SIDE ** 2), Math.floor(i / SIDE) % SIDE, i % SIDE];
    const angle = (directions[labels[image]!]! * Math.PI) / 180;
    const wave = Math.sin(2 * (x * Math.cos(angle) + y * Math.sin(angle)) + image + seed);
    return wave + Math.sin(i * i * 0.37 + seed) / 2;
  });
  return { images: { data, shape: [size, SIDE, SIDE, 1] }, labels, size };
};

const describe = (classes: number, keep = (features: models.Layer) => features): models.Layer =>
  models.sequential({
    features: keep(models.sequential([
      models.conv2d({ filters: 16, kernelSize: 3 }),
      models.batchNorm2d(),
      models.relu(),
      models.conv2d({ filters: 16, kernelSize: 3 }),
      models.relu(),
    ])),
    pool: models.globalAvgPool2d(),
    fc: models.linear(classes),
  });

const train = (
  network: models.Network,
  optimizer: models.Optimizer,
  batch: models.TrainingBatch,
  { steps, variables }: { steps: number; variables?: models.Variables },
): models.TrainState => {
  const step = models.trainStep(network, optimizer);
  let state = models.initTrainState(network, optimizer, models.randomKey(0), { variables });
  for (let i = 0; i < steps; i++) [state] = step(state, batch);
  return state;
};

const measure = async (
  network: models.Network,
  state: models.TrainState,
  batch: models.TrainingBatch,
): Promise<string> =>
  models.computeMeans(await models.evalStep(network)(state, batch)).accuracy.toFixed(2);

await using _backend = await models.openBackend("wasm");
const network = models.getOrThrow(models.build(describe(4), [SIDE, SIDE, 1]));
const old = [0, 45, 90, 135];
const trained = train(network, models.adam(), makeBatch(256, old, 0), { steps: 150 });
console.log(`four classes: accuracy ${await measure(network, trained, makeBatch(256, old, 1))}`);
const stored = await models.exportParams(network, trained);

// In use, batch normalization leaves its running statistics as they are; frozen are the parameters.
const tuned = models.getOrThrow(models.build(describe(2, models.inUse), [SIDE, SIDE, 1]));
const { variables, kept } = models.getOrThrow(
  models.importParams(tuned, stored, { partial: true, key: models.randomKey(1) }),
);
console.log(`kept ${kept.length} tensors: ${kept.slice(0, 2).join(", ")}, …`);
const optimizer = pipe(models.adam({ learningRate: 0.05 }), models.frozen("features.*"));
const fresh = [20, 110];
const state = train(tuned, optimizer, makeBatch(16, fresh, 2), { steps: 60, variables });
console.log(`two new classes: accuracy ${await measure(tuned, state, makeBatch(256, fresh, 3))}`);
