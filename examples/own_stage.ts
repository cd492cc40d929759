/**
 * Stages of one's own: one that looks at each item by itself, and one that gathers items.
 *
 * Run it with: deno run examples/own_stage.ts
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import {
  collect,
  readIndexed,
  resumeFrom,
  StageError,
  stageOf,
  withPosition,
} from "@rill/rill/pipelines";

// A function of the item is all it takes. Positions, closing, and errors with a position come by themselves.
const parse = stageOf({
  name: "parse",
  each: (text: string) => {
    const number = Number(text);
    if (Number.isNaN(number)) throw new TypeError(`${JSON.stringify(text)} is not a number`);
    return number;
  },
});

// `begin` is called for each use of the stage. `state` has the counts that a position saves: count before the `yield`.
const pair = stageOf<number, [number, number]>({
  name: "pair",
  state: { index: 0 },
  async *begin({ input, state }) {
    let first: number | undefined;
    for await (const item of input) {
      if (first === undefined) {
        first = item;
        continue;
      }
      const both: [number, number] = [first, item];
      first = undefined;
      state.index += 2;
      yield both;
    }
  },
});

const texts = ["1", "4", "9", "16", "25", "36"];
const pairs = pipe(
  { length: texts.length, get: (index: number) => texts[index] ?? "" },
  readIndexed(),
  parse,
  pair,
);
console.log(await collect(pairs));

// What is made of these stages can be resumed where its source can.
for await (const [, position] of pipe(pairs, withPosition())) {
  console.log("after the first:", await collect(pipe(pairs, resumeFrom(position))));
  break;
}

// An error says which item it was.
try {
  await collect(pipe(ReadableStream.from(["1", "two"]), parse, pair));
} catch (error) {
  if (!(error instanceof StageError)) throw error;
  console.log(error.message);
}
