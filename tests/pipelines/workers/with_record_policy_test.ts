import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { flow, pipe } from "fp-ts/lib/function.js";
import {
  type BadRecord,
  batch,
  collect,
  decodeIdx,
  drain,
  type Example,
  failRecords,
  filter,
  inWorkers,
  map,
  normalize,
  prefetch,
  randomCrop,
  type RecordPolicy,
  type Recovery,
  resize,
  scan,
  skipRecords,
  type Stage,
  StageError,
  take,
  withPosition,
  withRecordPolicy,
  WorkerError,
} from "@rill/rill/pipelines";
import { assertResumes, counting, indexed, range, settled, testStage, tiny } from "../_helpers.ts";

const cause = new TypeError("no good");

/** Ten times a number, where it is even. */
const times10 = (n: number): number => {
  if (n % 2 === 1) throw cause;
  return n * 10;
};

const several = { concurrency: 3 };

testStage({
  name: "withRecordPolicy() without a bad record",
  stage: withRecordPolicy(map(times10), skipRecords()),
  input: [2, 8, 4, 6],
  output: [20, 80, 40, 60],
  pulled: (given) => given,
});

testStage({
  name: "withRecordPolicy() that skips",
  stage: withRecordPolicy(map(times10), skipRecords()),
  input: [1, 2, 3, 5, 4, 6, 7, 8, 9],
  output: [20, 40, 60, 80],
  pulled: (given) => [0, 2, 5, 6][given]!,
});

testStage({
  name: "withRecordPolicy() that skips, three at a time",
  stage: withRecordPolicy(map(times10, several), skipRecords()),
  input: [1, 2, 3, 5, 4, 6, 7, 8, 9, 10],
  output: [20, 40, 60, 80, 100],
  pulled: (given) => [0, 4, 7, 8, 10][given]!,
});

testStage({
  name: "withRecordPolicy() that puts others in the place",
  stage: withRecordPolicy(map(times10), ({ record }) => ({ use: -record })),
  input: [1, 2, 3],
  output: [-1, 20, -3],
  pulled: (given) => given,
});

for (const [name, options] of [["", {}], [", three at a time,", several]] as const) {
  const stage = map((n: number) => Promise.resolve(n).then(times10), options);

  Deno.test(`withRecordPolicy()${name} fails as the stage does where it is to`, async () => {
    for (const policy of [failRecords(), () => "fail" as const, skipRecords({ limit: 0 })]) {
      const source = counting([2, 4, ...range(50)]);
      const seen: number[] = [];
      const error = await assertRejects(
        async () => {
          for await (const n of withRecordPolicy(stage, policy)(source)) seen.push(n);
        },
        StageError,
        "Cannot map item 3: no good",
      );
      assertEquals([error.stage, error.position, source.closed], ["map", 3, 1]);
      assertStrictEquals(error.cause, cause);
      assertEquals(seen, [20, 40, 0]);
    }
  });

  Deno.test(`withRecordPolicy()${name} asks for each bad record, in their order`, async () => {
    const asked: BadRecord<number>[] = [];
    const policy: RecordPolicy<number, string> = async (bad) => {
      asked.push(bad);
      await settled();
      return bad.record === 3 ? { use: "three" } : "skip";
    };
    const items = withRecordPolicy(stage, policy)(counting([1, 2, 3, 4, 5, 7]));
    assertEquals(await collect(items), [20, "three", 40]);
    assertEquals(
      asked.map(({ record, error, skipped }) => [record, error.position, skipped]),
      [[1, 0, 0], [3, 2, 1], [5, 4, 1], [7, 5, 2]],
    );
    assert(asked.every(({ error }) => error.cause === cause));
  });

  Deno.test(`withRecordPolicy()${name} takes nothing of what a policy says otherwise`, async () => {
    const wrong = withRecordPolicy(stage, () => "ignore" as Recovery);
    const error = await assertRejects(
      () => drain(wrong(counting([2, 1]))),
      StageError,
      "Cannot recover item 1: the policy gave ignore",
    );
    assertEquals(error.position, 1);
    const thrown = new Error("no log");
    const fails = withRecordPolicy(stage, () => Promise.reject(thrown));
    const judged = await assertRejects(() => drain(fails(counting([1]))), StageError);
    assertEquals(judged.message, "Cannot recover item 0: no log");
    assertStrictEquals(judged.cause, thrown);
  });

  Deno.test(`withRecordPolicy()${name} has what it skipped in its positions`, async () => {
    const build = () =>
      withRecordPolicy(stage, skipRecords({ limit: 2 }))(indexed([1, 2, 3, 4, 6]));
    assertEquals(await assertResumes(build), [20, 40, 60]);
    const position = (await collect(take(2)(withPosition()(build()))))[1]![1];
    assertEquals(position, {
      stage: "withRecordPolicy",
      index: 4,
      skipped: 2,
      source: { stage: "read", index: 4, length: 5, seed: null },
    });
  });
}

Deno.test("withRecordPolicy() counts those skipped before a resumption", async () => {
  const build = () =>
    withRecordPolicy(map(times10), skipRecords({ limit: 2 }))(indexed([1, 2, 3, 4, 5, 6]));
  const iterate = build() as AsyncIterable<number> & {
    iterateFrom(from?: unknown): AsyncIterator<number> & { position(): unknown };
  };
  const first = iterate.iterateFrom();
  assertEquals([(await first.next()).value, (await first.next()).value], [20, 40]);
  const rest = iterate.iterateFrom(first.position());
  await assertRejects(() => rest.next(), StageError, "Cannot map item 4: no good");
});

Deno.test("withRecordPolicy() leaves a record out of all the stages that it guards", async () => {
  const seen: number[] = [];
  const stage = flow(
    map((n: number) => Promise.resolve(n)),
    map(times10),
    map((n: number, index) => {
      seen.push(index);
      if (n === 40) throw new RangeError("too large");
      return n;
    }, several),
  );
  const positions: [string, number][] = [];
  const policy = skipRecords({
    onSkip: ({ error: { cause, position } }) =>
      void positions.push([(cause as Error).name, position]),
  });
  assertEquals(await collect(withRecordPolicy(stage, policy)(counting([1, 2, 4, 6]))), [20, 60]);
  assertEquals(seen, [1, 2, 3]);
  assertEquals(positions, [["TypeError", 0], ["RangeError", 2]]);
});

Deno.test("withRecordPolicy() draws for a good record the same whatever the bad ones are", async () => {
  const image = { data: Uint8Array.from(range(64)), height: 8, width: 8, channels: 1 };
  const good = range(20).map((label): Example => ({ image, label }));
  const bad: Example = { image: { ...image, height: 9 }, label: -1 };
  const prepare = flow(
    resize({ height: 9, width: 9 }),
    randomCrop({ height: 4, width: 4, seed: 3 }),
    normalize(),
  );
  const expected = await collect(prepare(counting(good)));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 20 }), async (isBad) => {
      const source = good.map((example, i) => isBad[i] ? bad : example);
      const items = await assertResumes(() =>
        withRecordPolicy(prepare, skipRecords())(indexed(source))
      );
      assertEquals(items, expected.filter((_, i) => !isBad[i]));
    }),
    { numRuns: 20 },
  );
});

Deno.test("withRecordPolicy() guards workers, but not against their end", async () => {
  const module = new URL("../_in_workers.ts", import.meta.url);
  const work = (name: string) => inWorkers<number, number>(2, module, { name });
  const policy = skipRecords();
  const build = () => withRecordPolicy(work("fail"), policy)(indexed([2, 0, 2, 1, 3]));
  assertEquals(await assertResumes(build), [0, 1, 3]);
  assert(policy.skipped >= 2);
  await assertRejects(
    () => drain(withRecordPolicy(work("end"), skipRecords())(counting(range(9)))),
    WorkerError,
    "it ended itself",
  );
});

Deno.test("withRecordPolicy() lets errors pass that are not the stage's", async () => {
  const failure = new StageError("read", 1, new Error("the disk is gone"));
  const through = withRecordPolicy(map(times10), skipRecords());
  assertStrictEquals(
    await assertRejects(() => drain(through(counting([2], failure)))),
    failure,
  );
  const consumer = map(() => {
    throw cause;
  });
  const error = await assertRejects(() => drain(consumer(through(counting([1, 2])))), StageError);
  assertEquals(error.position, 0);
});

Deno.test("skipRecords() counts, up to a limit for each stream", async () => {
  const policy = skipRecords({ limit: 2 });
  const stage = withRecordPolicy(map(times10), policy);
  assertEquals(policy.skipped, 0);
  assertEquals(await collect(stage(counting([1, 2, 3]))), [20]);
  assertEquals(policy.skipped, 2);
  await assertRejects(
    () => drain(stage(counting([1, 1, 1, 1]))),
    StageError,
    "Cannot map item 2: no good",
  );
  assertEquals(policy.skipped, 4);
});

Deno.test("skipRecords() waits for who is told", async () => {
  const log: string[] = [];
  const policy = skipRecords({
    onSkip: async ({ error, record, skipped }) => {
      await settled();
      log.push(`${error.message}: ${record}, ${skipped} before`);
    },
  });
  const items = tapped(withRecordPolicy(map(times10), policy)(counting([1, 2])));
  async function* tapped(source: AsyncIterable<number>) {
    for await (const item of source) {
      log.push(`got ${item}`);
      yield item;
    }
  }
  await drain(items);
  assertEquals(log, ["Cannot map item 0: no good: 1, 0 before", "got 20"]);
});

Deno.test("skipRecords() refuses a limit that is none", () => {
  for (const limit of [-1, 1.5, NaN]) {
    assertThrows(
      () => skipRecords({ limit }),
      RangeError,
      `Cannot skip up to ${limit} records: the limit must be an integer of at least 0`,
    );
  }
});

Deno.test("withRecordPolicy() refuses stages that don't make one output of each item by itself", () => {
  const generator: Stage<number, number> = async function* (source) {
    yield* source;
  };
  const stages: Stage<never, unknown>[] = [
    batch(2),
    filter(() => true),
    scan((n: number) => [n, n], 0),
    prefetch(1),
    decodeIdx(),
    map((n) => n, { concurrency: 2, ordered: false }),
    generator,
    flow(map((n) => n), prefetch(1)),
    withRecordPolicy(map((n) => n), failRecords()),
    () => {
      throw new TypeError("not so");
    },
  ];
  for (const stage of stages) {
    assertThrows(
      () => withRecordPolicy(stage, skipRecords()),
      TypeError,
      "Cannot give a policy to a stage that",
    );
  }
});

Deno.test("withRecordPolicy() stands in a pipeline before stages that would fail", async () => {
  const checked = withRecordPolicy(
    map((example: Example) => {
      if (example.image.height !== 1) throw new RangeError("the image has the wrong size");
      return example;
    }),
    skipRecords(),
  );
  const wrong: Example = { ...tiny(2), image: { ...tiny(2).image, height: 2 } };
  const [first] = await collect(
    pipe(counting([tiny(1), wrong, tiny(3)]), checked, batch(2)),
  );
  assertEquals([...first!.labels], [1, 3]);
});
