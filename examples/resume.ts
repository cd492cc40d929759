/**
 * Stop a pipeline, keep its position as JSON, and go on from there: in another process, or after a crash.
 *
 * Run it with: deno run examples/resume.ts
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import {
  batch,
  collect,
  type Example,
  type Position,
  prefetch,
  randomCrop,
  readEpochs,
  resumeFrom,
  withPosition,
} from "@rill/rill/pipelines";

// Ten images of 4 x 4; more often an image folder, or a data set in memory.
const source = {
  length: 10,
  get: (label: number): Example => ({
    image: {
      data: new Uint8Array(16).map((_, i) => 10 * label + i),
      height: 4,
      width: 4,
      channels: 1,
    },
    label,
  }),
};

// Every process builds the same pipeline: shuffled anew in each epoch, cropped at random, in batches of four.
const build = () =>
  pipe(
    source,
    readEpochs({ seed: 7, epochs: 3 }),
    randomCrop({ height: 4, width: 4, padding: 1, seed: 8 }),
    batch(4),
    prefetch(2),
  );

// The first process stops after two batches and keeps where it was.
let saved = "";
let seen = 0;
for await (const [, position] of pipe(build(), withPosition())) {
  saved = JSON.stringify(position);
  if (++seen === 2) break;
}
console.log("saved:", saved);

// The second one goes on. Order and crops are functions of seed, epoch and index, so nothing is replayed.
const position: Position = JSON.parse(saved);
const rest = await collect(pipe(build(), resumeFrom(position)));
const whole = await collect(build());
const same = JSON.stringify(rest) === JSON.stringify(whole.slice(2));
console.log(`the last ${rest.length} of ${whole.length} batches are the same: ${same}`);
