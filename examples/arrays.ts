/**
 * A pipeline over an array: clean it, average neighbors, and stop early.
 *
 * Run it with: deno run examples/arrays.ts
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import { collect, filter, map, take, tap, window } from "@rill/rill/pipelines";

const readings = [12.1, 12.4, NaN, 13.0, 12.8, NaN, 13.3, 14.1, 13.9];

// Any async iterable is a source: a web stream, a generator, the lines of a file. Nothing runs before it is asked for.
let pulled = 0;
const averages = pipe(
  ReadableStream.from(readings),
  tap(() => pulled++),
  filter((reading) => !Number.isNaN(reading)),
  window(2, { step: 1 }),
  map((neighbors) => neighbors.reduce((a, b) => a + b) / neighbors.length),
  map((average) => Number(average.toFixed(2))),
);

// `take` closes everything before it once it has what it wants.
console.log(await collect(pipe(averages, take(3))));
console.log(`pulled ${pulled} of ${readings.length} readings`);
