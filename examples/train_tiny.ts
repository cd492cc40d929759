/**
 * Train a tiny network on points that are generated, evaluate it, and show its loss. It takes a second on WASM.
 *
 * Run it with: deno run --allow-read examples/train_tiny.ts
 *
 * (Reading is for the WebAssembly program of the tensor library, in Deno's cache.)
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as models from "@rill/rill/models";
import { batch, collect, type Example, readEpochs, scan } from "@rill/rill/pipelines";

// Is a point inside a circle? A point is an image of one pixel with two channels. The points are the same every time.
const angleOf = (index: number) => 2.4 * index;
const point = (index: number): Example<Float32Array<ArrayBuffer>> => {
  const radius = Math.sqrt((index % 97) / 97) * 1.4;
  const data = Float32Array.of(
    radius * Math.cos(angleOf(index)),
    radius * Math.sin(angleOf(index)),
  );
  return { image: { data, height: 1, width: 1, channels: 2 }, label: radius < 1 ? 1 : 0 };
};

const description = models.sequential({
  flatten: models.flatten(),
  fc: models.sequential([
    models.linear(16),
    models.relu(),
    models.linear(16),
    models.relu(),
    models.linear(2),
  ]),
});

const train = async (network: models.Network): Promise<string> => {
  const optimizer = models.adam({ learningRate: 0.02 });
  const state = models.initTrainState(network, optimizer, models.randomKey(0));

  // Training is a fold over a stream of batches. A step consumes its state, so only the last one is kept.
  let last = state;
  const step = models.trainStep(network, optimizer);
  const steps = pipe(
    { length: 1000, get: point },
    readEpochs({ seed: 0, epochs: 8 }),
    batch(50),
    scan((state: models.TrainState, points: models.TrainingBatch) => {
      const [next, metrics] = step(state, points);
      last = next;
      return [next, metrics] as const;
    }, state),
  );
  const metrics = await models.readMetrics(await collect(steps));
  for (const { step, loss } of metrics.filter(({ step }) => step % 40 === 0)) {
    console.log(`step ${step}: loss ${loss.toFixed(3)}`);
  }

  // New points, which it hasn't seen.
  const test = { length: 500, get: (index: number) => point(10_000 + index) };
  const evaluate = models.evalStep(network);
  let right = 0;
  for await (const points of pipe(test, readEpochs({ epochs: 1 }), batch(100))) {
    const { means } = await evaluate(last, points);
    right += means.accuracy.sum;
  }
  return `accuracy ${(right / test.length).toFixed(2)}`;
};

const backend = await models.openBackend("wasm");
const result = await pipe(
  models.build(description, [1, 1, 2]),
  E.match((error) => Promise.reject(error), train),
);
console.log(result);
await backend.close();
