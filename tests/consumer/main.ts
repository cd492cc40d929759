// What somebody does who has the package and nothing else of this repository.

import { assert, assertEquals } from "@std/assert";
import { toTransformStream } from "@std/streams";
import { pipe } from "fp-ts/lib/function.js";
import * as rill from "@rill/rill";
import * as models from "@rill/rill/models";
import {
  batch,
  collect,
  type Example,
  map,
  normalize,
  readIndexed,
  scan,
  type Stage,
  take,
} from "@rill/rill/pipelines";
import { decodeIdx } from "@rill/rill/pipelines/decode-idx";

// The root has what its folders have.
assert(rill.batch === batch && rill.build === models.build);

// Stages in a pipe. Types are inferred all the way.
const doubled: number[] = await collect(
  pipe(ReadableStream.from(["1", "2", "3"]), map(Number), map((n) => n * 2)),
);
assertEquals(doubled, [2, 4, 6]);

// The same in the manner of web streams.
const letters = ReadableStream.from(["a", "b", "c"]);
assertEquals(await Array.fromAsync(letters.pipeThrough(toTransformStream(take(2)))), ["a", "b"]);

// A stage of one's own.
const pairs = <T>(): Stage<T, readonly [T, T]> =>
  async function* (source) {
    let first: { readonly item: T } | undefined;
    for await (const item of source) {
      if (first) yield [first.item, item];
      first = first ? undefined : { item };
    }
  };
assertEquals(await collect(pipe(ReadableStream.from([1, 2, 3, 4]), pairs(), take(1))), [[1, 2]]);

// A module of its own, for those who want no more than it.
const file = Uint8Array.of(0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4);
const rows = await collect(pipe(ReadableStream.from([file]), decodeIdx()));
assertEquals(rows.map(({ data }) => [...data]), [[1, 2], [3, 4]]);

// A model, and one step of training.
const backend = await models.openBackend("wasm");
const tooSmall = models.build(models.conv2d({ filters: 1, kernelSize: 3 }), [2, 2, 1]);
assert(tooSmall._tag === "Left" && tooSmall.left instanceof models.ShapeError);
const network = models.build(
  models.sequential([models.flatten(), models.linear(8), models.relu(), models.linear(2)]),
  [2, 2, 1],
);
assert(network._tag === "Right");
const optimizer = models.adam({ learningRate: 0.1 });
const state = models.initTrainState(network.right, optimizer, models.randomKey(0));
const get = (index: number): Example => ({
  image: { data: new Uint8Array(4).fill(index * 16), height: 2, width: 2, channels: 1 },
  label: index < 8 ? 0 : 1,
});
const steps = pipe(
  { length: 16, get },
  readIndexed({ seed: 0, epoch: 0 }),
  normalize(),
  batch(16),
  scan(models.trainStep(network.right, optimizer), state),
);
const metrics = await models.readMetrics(await collect(steps));
assertEquals(metrics.map(({ step }) => step), [1]);
assert(metrics.every(({ loss }) => Number.isFinite(loss)));
await backend.close();

console.log("ok");
