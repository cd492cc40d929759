import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import {
  collect,
  drain,
  inWorkers,
  type Position,
  PositionError,
  resumeFrom,
  skipRecords,
  sourceOf,
  type SourceRun,
  StageError,
  stageOf,
  type StageRun,
  withPosition,
  withRecordPolicy,
} from "@rill/rill/pipelines";
import {
  assertResumes,
  counting,
  indexed,
  isResumable,
  range,
  saved,
  testStage,
} from "../_helpers.ts";

const double = stageOf({ name: "double", each: (n: number) => 2 * n });

/** Pairs neighbours, by a generator. */
const pairs = stageOf({
  name: "pair",
  state: { index: 0 },
  async *begin({ input, state }: StageRun<number>) {
    let first: number | undefined;
    for await (const item of input) {
      if (first === undefined) {
        first = item;
        continue;
      }
      const pair = [first, item];
      first = undefined;
      state.index += 2;
      yield pair;
    }
  },
});

/** Gives the first of every two items, by pulls. */
const alternate = stageOf({
  name: "alternate",
  state: { index: 0 },
  begin: ({ input, state }: StageRun<number>) => async () => {
    const result = await input.pull();
    if (result.done) return result;
    state.index++;
    if (!(await input.pull()).done) state.index++;
    return result;
  },
});

testStage({
  name: "a stage of each item",
  stage: double,
  input: [1, 2, 3, 4],
  output: [2, 4, 6, 8],
  pulled: (given) => given,
});

testStage({
  name: "a stage of a generator",
  stage: pairs,
  input: range(8),
  output: [[0, 1], [2, 3], [4, 5], [6, 7]],
  pulled: (given) => 2 * given,
});

testStage({
  name: "a stage of pulls",
  stage: alternate,
  input: range(8),
  output: [0, 2, 4, 6],
  pulled: (given) => 2 * given,
});

testStage({
  name: "a stage that ends before its source",
  stage: stageOf({
    name: "begin",
    async *begin({ input }: StageRun<string>) {
      for (let i = 0; i < 3; i++) {
        const { done, value } = await input.pull();
        if (done) return;
        yield value;
      }
    },
  }),
  input: [..."abcdefg"],
  output: [..."abc"],
  pulled: (given) => given,
  endsFirst: true,
});

Deno.test("stageOf() names the item that each() fails on, and closes the source", async () => {
  const cause = new Error("no");
  for (
    const each of [
      (n: number) => {
        if (n === 2) throw cause;
        return n;
      },
      (n: number) => n === 2 ? Promise.reject(cause) : Promise.resolve(n),
    ]
  ) {
    const source = counting(range(5));
    const error = await assertRejects(
      () => drain(stageOf<number, number>({ name: "try", each })(source)),
      StageError,
      "Cannot try item 2: no",
    );
    assertEquals([error.stage, error.position, error.cause], ["try", 2, cause]);
    assertEquals(source.closed, 1);
  }
});

Deno.test("stageOf() names the item that a stage fails on by fail()", async () => {
  const checked = stageOf({
    name: "check",
    state: { index: 0 },
    async *begin({ input, state, fail }: StageRun<number>) {
      for await (const item of input) {
        if (item > 1) fail(new RangeError("it is too large"));
        state.index++;
        yield item;
      }
    },
  });
  const source = counting(range(5));
  const error = await assertRejects(() => drain(checked(source)), StageError);
  assertEquals(error.message, "Cannot check item 2: it is too large");
  assertEquals([source.pulled, source.closed], [3, 1]);

  const named = stageOf({
    name: "check",
    begin: ({ fail }: StageRun<number>) => () => fail(new Error("no"), 7),
  });
  await assertRejects(() => drain(named(counting([1]))), StageError, "Cannot check item 7: no");
});

Deno.test("a generator of a stage is ended before the source is closed", async () => {
  const events: string[] = [];
  const source: AsyncIterable<number> = {
    [Symbol.asyncIterator]: () => ({
      next: () => Promise.resolve({ done: false, value: 1 }),
      return: () => {
        events.push("closed");
        return Promise.resolve({ done: true, value: undefined });
      },
    }),
  };
  const stage = stageOf({
    name: "watch",
    async *begin({ input }: StageRun<number>) {
      try {
        while (true) yield await input.pull();
      } finally {
        events.push("ended");
      }
    },
  });
  for await (const _ of stage(source)) break;
  assertEquals(events, ["ended", "closed"]);
  // Behind another stage it is pulled in another way.
  for await (const _ of stageOf({ name: "pass", each: (item) => item })(stage(source))) break;
  assertEquals(events, ["ended", "closed", "ended", "closed"]);
});

Deno.test("a stage without a state has no positions", () => {
  const stage = stageOf({
    name: "hold",
    async *begin({ input }: StageRun<number>) {
      yield* input;
    },
  });
  assert(!isResumable(stage(indexed([1]))));
  assertThrows(() => withPosition()(stage(indexed([1]))), TypeError, "Cannot use positions");
});

Deno.test("a position has the name, the facts, the state, and where the source is", async () => {
  const every = (step: number) =>
    stageOf({
      name: "every",
      facts: { step },
      state: { index: 0, left: 0 },
      limits: { left: step },
      async *begin({ input, state }: StageRun<number, { index: number; left: number }>) {
        for await (const item of input) {
          state.index++;
          if (state.left === 0) {
            state.left = step - 1;
            yield item;
          } else state.left--;
        }
      },
    });
  const build = () => every(3)(indexed(range(9)));
  assertEquals(await assertResumes(build), [0, 3, 6]);
  const position = (await collect(withPosition()(build())))[1]![1];
  assertEquals(position, {
    stage: "every",
    step: 3,
    index: 4,
    left: 2,
    source: { stage: "read", index: 4, length: 9, seed: null },
  });
  for (
    const [other, message] of [
      [{ ...position, stage: "other" }, "the position is one of other"],
      [{ ...position, step: 4 }, "its step is 3, that of the position 4"],
      [{ ...position, left: 4 }, "the left of the position is 4, not an integer from 0 to 3"],
      [{ ...position, index: -1 }, "the index of the position is -1"],
    ] as const
  ) {
    await assertRejects(
      () => drain(resumeFrom(saved(other))(build())),
      PositionError,
      `Cannot resume every: ${message}`,
    );
  }
});

Deno.test("a state may hold values of any JSON, which begin as null", async () => {
  type State = { index: number; seen: readonly number[] | null };
  const gather = stageOf({
    name: "gather",
    state: { index: 0, seen: null } as State,
    async *begin({ input, state }: StageRun<number, State>) {
      for await (const item of input) {
        state.index++;
        state.seen = [...state.seen ?? [], item / 2];
        yield state.seen;
      }
    },
  });
  const build = () => gather(indexed([3, -1, 0]));
  assertEquals(await assertResumes(build), [[1.5], [1.5, -0.5], [1.5, -0.5, 0]]);
  const position = (await collect(withPosition()(build())))[0]![1];
  const { seen: _, ...without } = position;
  await assertRejects(
    () => drain(resumeFrom(without)(build())),
    PositionError,
    "Cannot resume gather: the seen of the position is missing",
  );
});

Deno.test("a count that is not one any more is refused where its position is asked for", async () => {
  const add = stageOf({
    name: "add",
    state: { index: 0, sum: 0 },
    async *begin({ input, state }: StageRun<number, { index: number; sum: number }>) {
      for await (const item of input) yield state.sum += item;
    },
  });
  assertEquals(await collect(add(indexed([1, 0.5]))), [1, 1.5]);
  await assertRejects(
    () => drain(withPosition()(add(indexed([1, 0.5])))),
    TypeError,
    "Cannot give the position of add as its sum is 1.5: a value that begins as a count must stay an integer",
  );
  const halve = sourceOf({
    name: "halve",
    state: { left: 1 },
    async *begin({ state }: SourceRun<never, { left: number }>) {
      yield state.left /= 2;
    },
  });
  await assertRejects(
    () => drain(withPosition()(halve)),
    TypeError,
    "Cannot give the position of halve as its left is 0.5",
  );
});

Deno.test("a stage may say where its source is to be started again", async () => {
  // Holds an item back, which is to be pulled again.
  const neighbours = stageOf({
    name: "neighbour",
    state: {},
    begin({ input }: StageRun<number, Record<never, number>>) {
      let before = input.position();
      let beforeLast: Position | undefined;
      async function* outputs() {
        let last: number | undefined;
        for await (const item of input) {
          const pair = [last, item];
          last = item;
          beforeLast = before;
          before = input.position();
          if (pair[0] !== undefined) yield pair;
        }
      }
      return { outputs: outputs(), position: () => ({ source: beforeLast! }) };
    },
  });
  const build = () => neighbours(indexed(range(4)));
  assertEquals(await assertResumes(build), [[0, 1], [1, 2], [2, 3]]);
});

Deno.test("a stage of each item takes a policy, and runs in workers", async () => {
  const parse = stageOf({ name: "parse", each: (text: string) => JSON.parse(text) as number });
  const policy = skipRecords();
  const numbers = withRecordPolicy(parse, policy)(counting(["1", "?", "3"]));
  assertEquals(await collect(numbers), [1, 3]);
  assertEquals(policy.skipped, 1);
  assertThrows(() => withRecordPolicy(pairs, policy), TypeError);

  const module = new URL("../_in_workers.ts", import.meta.url);
  const doubled = inWorkers<number, number>(2, module, { kind: "stage", name: "doubling" });
  assertEquals(await collect(doubled(counting(range(5)))), [0, 2, 4, 6, 8]);
});

Deno.test("a stage writes its items where the one who pulls them wants them", async () => {
  const given: Uint8Array[] = [];
  const make = stageOf({
    name: "make",
    each: (n: number, _, allocate) => {
      const bytes = allocate(new Uint8Array(), 4);
      bytes.fill(n);
      return bytes;
    },
  });
  const memory = new Uint8Array(8);
  const gather = stageOf({
    name: "gather",
    async *begin({ input }: StageRun<Uint8Array<ArrayBuffer>>) {
      for (let i = 0; i < 2; i++) {
        const { done, value } = await input.pull((_, length) =>
          memory.subarray(i * length, (i + 1) * length) as never
        );
        if (!done) given.push(value);
      }
      yield memory;
    },
  });
  const [all] = await collect(gather(make(indexed([7, 9]))));
  assertEquals(all, Uint8Array.of(7, 7, 7, 7, 9, 9, 9, 9));
  assert(given.every(({ buffer }) => buffer === memory.buffer));
  const alone = await collect(make(indexed([7, 9])));
  assertEquals(new Set(alone.map(({ buffer }) => buffer)).size, 2);
});

const countTo = (end: number) =>
  sourceOf({
    name: "count",
    facts: { end },
    state: { count: 0 },
    async *begin({ state }: SourceRun<never, { count: number }>) {
      while (state.count < end) yield ++state.count;
    },
  });

Deno.test("sourceOf() makes a source that can be iterated anew, and resumed at every item", async () => {
  const source = countTo(4);
  assertEquals(await collect(source), [1, 2, 3, 4]);
  assertEquals(await collect(source), [1, 2, 3, 4]);
  assertEquals(await assertResumes(() => countTo(4)), [1, 2, 3, 4]);
  const position = (await collect(withPosition()(source)))[0]![1];
  assertEquals(position, { stage: "count", count: 1, end: 4 });
  await assertRejects(
    () => drain(resumeFrom(position)(countTo(5))),
    PositionError,
    "Cannot resume count: its end is 5, that of the position 4",
  );
});

/** Gives the items of all sources, one source after the other. */
const chain = (sources: readonly AsyncIterable<number>[]) =>
  sourceOf({
    name: "chain",
    state: {},
    sources,
    async *begin({ inputs }: SourceRun<number, Record<never, number>>) {
      for (const input of inputs) yield* input;
    },
  });

Deno.test("sourceOf() closes all of its sources on every way out", async () => {
  const ended = [counting([1]), counting([2])];
  assertEquals(await collect(chain(ended)), [1, 2]);
  assertEquals(ended.map(({ closed }) => closed), [0, 0]);

  const left = [counting([1]), counting([2])];
  for await (const _ of chain(left)) break;
  assertEquals(left.map(({ closed }) => closed), [1, 1]);

  const unbegun = [counting([1]), counting([2])];
  await chain(unbegun)[Symbol.asyncIterator]().return!();
  assertEquals(unbegun.map(({ pulled, closed }) => [pulled, closed]), [[0, 1], [0, 1]]);

  const failure = new Error("no");
  const failed = [counting([1]), counting<number>([], failure), counting([3])];
  assertStrictEquals(await assertRejects(() => drain(chain(failed))), failure);
  assertEquals(failed.map(({ closed }) => closed), [0, 0, 1]);
});

Deno.test("sourceOf() resumes with several sources, those that had ended included", async () => {
  const build = () => chain([indexed([1, 2]), indexed([]), indexed([3, 4])]);
  assertEquals(await assertResumes(build), [1, 2, 3, 4]);
  assert(!isResumable(chain([indexed([1]), counting([2])])));
});
