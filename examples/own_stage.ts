/**
 * Stages of one's own: one that looks at each item by itself, and one that remembers something between items.
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

// `begin` is called for each use of the stage. `state` is what a position saves, so count in it, before the `yield`.
const differences = stageOf<number, number>({
  name: "subtract",
  state: { index: 0, last: 0 },
  facts: {},
  async *begin({ input, state }) {
    for await (const item of input) {
      const difference = item - state.last;
      state.last = item;
      state.index++;
      yield difference;
    }
  },
});

const texts = ["1", "4", "9", "16", "25"];
const pipeline = () =>
  pipe(
    readIndexed({ length: texts.length, get: (index) => texts[index] ?? "" }),
    parse,
    differences,
  );

console.log(await collect(pipeline()));

// It can be resumed, as its source can.
const positions = await collect(pipe(pipeline(), withPosition()));
const [, position] = positions.at(1) ?? [];
if (position) console.log("after two:", await collect(pipe(pipeline(), resumeFrom(position))));

// An error says which item it was.
try {
  await collect(pipe(ReadableStream.from(["1", "two"]), parse, differences));
} catch (error) {
  if (!(error instanceof StageError)) throw error;
  console.log(error.message);
}
