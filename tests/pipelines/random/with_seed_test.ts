import { assert, assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import fc from "fast-check";
import { flow, pipe } from "fp-ts/lib/function.js";
import {
  batch,
  collect,
  colorJitter,
  concat,
  drain,
  type Example,
  filter,
  flipHorizontal,
  interleave,
  inWorkers,
  map,
  measure,
  mix,
  mixup,
  prefetch,
  randomCrop,
  randomErasing,
  type RandomOptions,
  readEpochs,
  readIndexed,
  repeat,
  resumeFrom,
  type Stage,
  StageError,
  take,
  unbatch,
  withPosition,
  withRecordPolicy,
  withSeed,
  WorkerError,
  zip,
} from "@rill/rill/pipelines";
import { cacheFile } from "@rill/rill/pipelines/cache-file";
import { byteImage, type Bytes } from "../images/_augment.ts";
import { assertResumes, counting, range, testStage } from "../_helpers.ts";

type Examples = AsyncIterable<Example<Bytes>>;

const image = byteImage(1, 2, 1, 0);
const examples = range(200).map((label): Example<Bytes> => ({ image, label }));
const source = {
  length: examples.length,
  get: (index: number) => ({ image: byteImage(6, 6, 3, index), label: index }),
};
const seed = { seed: 1, epoch: 2 };
const flip: Stage<Example<Bytes>, Example<Bytes>> = flipHorizontal();
const module = new URL("../_in_workers.ts", import.meta.url);

/** Whether each image came out mirrored, as text. */
const flips = async (outputs: Examples): Promise<string> =>
  (await collect(outputs)).map((output) => Number(output.image.data[0] !== image.data[0])).join("");
const seeded = (random: RandomOptions & { seed: number } = seed): Examples =>
  withSeed(random)(counting(examples));
/** What a text of flips is after another flip by the text of that. */
const both = (a: string, b: string): string => [...a].map((bit, i) => +(bit !== b[i])).join("");

/** What the flips at the first places of a pipeline do. */
const idle = flipHorizontal({ probability: 0 });
const alone = await Promise.all(
  range(4).map((place) => flips(flip(range(place).reduce((items) => idle(items), seeded())))),
);

testStage<number, number>({
  name: "withSeed()",
  stage: withSeed(seed),
  input: range(5),
  output: range(5),
  pulled: (given) => given,
});

Deno.test("withSeed() gives each random stage draws by its place", async () => {
  for (const bits of alone) {
    const ones = bits.replaceAll("0", "").length;
    assert(ones > 70 && ones < 130, bits);
  }
  for (const [i, a] of alone.entries()) {
    for (const b of alone.slice(i + 1)) {
      const ones = both(a, b).replaceAll("0", "").length;
      assert(ones > 70 && ones < 130, "two places are correlated");
    }
  }
  assertEquals(await flips(pipe(seeded(), flip, flip)), both(alone[0]!, alone[1]!));
  const three = await flips(pipe(seeded(), flip, flip, flip));
  assertEquals(three, both(both(alone[0]!, alone[1]!), alone[2]!));
});

Deno.test("withSeed() gives other draws for another seed or epoch, the same for the same", async () => {
  assertEquals(await flips(flip(seeded())), alone[0]);
  assertNotEquals(await flips(flip(seeded({ seed: 2, epoch: 2 }))), alone[0]);
  assertNotEquals(await flips(flip(seeded({ seed: 1, epoch: 1 }))), alone[0]);
  assertEquals(
    await flips(flip(seeded({ seed: 1 }))),
    await flips(flip(seeded({ seed: 1, epoch: 0 }))),
  );
});

Deno.test("a stage with its own seed draws by that, and counts", async () => {
  const own = flipHorizontal({ seed: 9 });
  const expected = await flips(own(counting(examples)));
  assertEquals(await flips(own(seeded())), expected);
  assertEquals(await flips(pipe(seeded(), flip, own)), both(alone[0]!, expected));
  assertEquals(await flips(pipe(seeded(), own, flip)), both(expected, alone[1]!));
});

Deno.test("the place doesn't change with stages that are not random", async () => {
  const expected = both(alone[0]!, alone[1]!);
  const between: Stage<Example<Bytes>, Example<Bytes>>[] = [
    map((example) => example),
    map((example) => Promise.resolve(example), { concurrency: 3 }),
    prefetch(4),
    flow(batch(7), map((all) => all), unbatch()),
    filter(() => true),
    take(1000),
    (items) => concat([items, counting<Example<Bytes>>([])]),
    (items) => interleave([items]),
    (items) => mix([items], { seed: 5 }),
    (items) =>
      map(([example]: readonly [Example<Bytes>, number]) => example)(
        zip(counting(range(999)))(items),
      ),
    (items) => measure().stage("prefetch", prefetch(1))(items),
    (items) => measure().source("all", items),
    repeat(1),
    inWorkers(2, module, { name: "echo" }),
    inWorkers(2, module, { kind: "stage", name: "copyAll" }),
  ];
  for (const [i, stage] of between.entries()) {
    assertEquals(await flips(pipe(seeded(), flip, stage, flip)), expected, `stage ${i}`);
    assertEquals(await flips(pipe(seeded(), stage, flip, flip)), expected, `stage ${i}`);
  }
});

Deno.test("sources that are read with a seed give it to the random stages behind them", async () => {
  const ofOne = { length: examples.length, get: (index: number) => examples[index]! };
  const expected = await flips(flip(seeded({ seed: 4, epoch: 3 })));
  for (const shuffle of [true, false]) {
    assertEquals(await flips(flip(readIndexed({ seed: 4, epoch: 3, shuffle })(ofOne))), expected);
    const from = { epoch: 3, index: 0 };
    const items = readEpochs({ seed: 4, epochs: 4, from, shuffle })(ofOne);
    assertEquals(await flips(flip(items)), expected);
  }
  // The draws go on from epoch to epoch.
  const two = await flips(flip(readEpochs({ seed: 4, epochs: 2 })(ofOne)));
  assertEquals(two.slice(0, 200), await flips(flip(seeded({ seed: 4 }))));
  assertNotEquals(two.slice(0, 200), two.slice(200));
  assertThrows(() => flip(readIndexed()(ofOne)), RangeError, "without a seed");
  assertThrows(() => flip(readEpochs({ epochs: 1 })(ofOne)), RangeError, "without a seed");
});

Deno.test("a random stage without any seed says what to do", () => {
  const message =
    "Cannot flip at random without a seed: the pipeline before it has none, or lost it in a web stream or " +
    "by joining sources of different seeds; give the stage a seed, or put withSeed({ seed, epoch }) before it";
  const stream = (items: Examples) => ReadableStream.from(items) as Examples;
  for (
    const without of [
      counting(examples),
      stream(seeded()),
      concat([seeded(), seeded({ seed: 2 })]),
      interleave([seeded({ seed: 1, epoch: 0 }), seeded()]),
      mix([seeded(), seeded({ seed: 2 })], { seed: 0 }),
      repeat(2)((epoch: number) => seeded({ seed: 1, epoch })),
    ]
  ) {
    const { message: found } = assertThrows(() => flip(without), RangeError);
    assertEquals(found, message);
  }
  assertThrows(
    () => mixup({ alpha: 1 })(batch(2)(counting(examples))),
    RangeError,
    "Cannot mix at random without a seed",
  );
  assertThrows(
    () => flipHorizontal({ epoch: 3 }),
    RangeError,
    "Cannot flip for epoch 3 without a seed: give both or neither",
  );
});

Deno.test("withSeed() brings the seed back behind a stream, and goes on counting behind another", async () => {
  const stream = ReadableStream.from(flip(seeded()));
  assertEquals(await flips(pipe(stream, withSeed(seed), flip)), both(alone[0]!, alone[0]!));
  const expected = both(alone[0]!, alone[1]!);
  assertEquals(await flips(pipe(seeded(), flip, withSeed(seed), flip)), expected);
});

Deno.test("joined sources of one seed go on behind the last place of each", async () => {
  const half = (from: number) => withSeed(seed)(counting(examples.slice(from, from + 100)));
  const joined = await flips(pipe(concat([pipe(half(0), flip, flip), half(100)]), flip));
  const inner = both(alone[0]!, alone[1]!).slice(0, 100) + "0".repeat(100);
  assertEquals(joined, both(inner, alone[2]!));
  // A source without a seed takes that of the others.
  const one = concat<Example<Bytes>>([half(0), counting(examples.slice(100))]);
  assertEquals(await flips(flip(one)), alone[0]);
});

Deno.test("random stages draw in workers as they would outside, whatever the number of workers", async () => {
  const expected = [alone[0]!, alone[1]!, alone[2]!, alone[3]!].reduce(both);
  for (const workers of [1, 3]) {
    const two = inWorkers<Example<Bytes>, Example<Bytes>>(workers, module, {
      kind: "stage",
      name: "flips",
      parameters: 2,
    });
    assertEquals(await flips(pipe(seeded(), flip, two, prefetch(2), flip)), expected);
    assertEquals(await flips(pipe(seeded(), two, flip, flip)), expected);
    assertEquals(await flips(pipe(seeded(), two, two)), expected);
    const policy = withRecordPolicy(flow(two, flip), () => "skip");
    assertEquals(await flips(pipe(seeded(), policy, flip)), expected);
  }
});

Deno.test("random stages in workers without a seed say so", async () => {
  const two = inWorkers<Example<Bytes>, Example<Bytes>>(1, module, {
    kind: "stage",
    name: "flips",
    parameters: 2,
  });
  const error = await assertRejects(() => drain(two(counting(examples))), WorkerError);
  assert(error.message.includes("Cannot flip at random without a seed"), error.message);
});

Deno.test("a random stage behind workers goes on where it stopped", async () => {
  const build = () =>
    pipe(
      readIndexed({ seed: 5 })(source),
      take(6),
      inWorkers<Example<Bytes>, Example<Bytes>>(2, module, {
        kind: "stage",
        name: "flips",
        parameters: 2,
      }),
      randomCrop({ height: 3, width: 3 }),
    );
  await assertResumes(build);
});

Deno.test("what is random behind a cache file is the same whether it is built or read", async () => {
  const path = await Deno.makeTempFile();
  await Deno.remove(path);
  for (
    const before of [
      flip,
      inWorkers<Example<Bytes>, Example<Bytes>>(1, module, {
        kind: "stage",
        name: "flips",
        parameters: 2,
      }),
    ]
  ) {
    const built = () => pipe(seeded(), before, cacheFile(path, { key: "" }), flip);
    const first = await flips(built());
    assertEquals(await flips(built()), first);
    assertNotEquals(first, await flips(before(seeded())));
    await Deno.remove(path);
  }
});

Deno.test("withRecordPolicy() takes random stages without a seed of their own", async () => {
  const policy = withRecordPolicy(
    flow(
      flip,
      map((example: Example<Bytes>) => {
        if (example.label === 3) throw new Error("no good");
        return example;
      }),
      (items: Examples) => withSeed({ seed: 1, epoch: 2 })(items),
      flip,
    ),
    ({ error }) => {
      assert(error instanceof StageError);
      return "skip";
    },
  );
  const expected = [...both(alone[0]!, alone[1]!)].filter((_, i) => i !== 3).join("");
  assertEquals(await flips(policy(seeded())), expected);
  assertThrows(
    () => policy(counting(examples)),
    RangeError,
    "Cannot flip at random without a seed",
  );
});

Deno.test("a pipeline with one seed goes on anywhere as if it had never stopped", async () => {
  const stages: Stage<Example<Bytes>, Example<Bytes>>[] = [
    flip,
    randomCrop({ height: 6, width: 6, padding: 1 }),
    colorJitter({ brightness: 0.4 }),
    randomErasing(),
    prefetch(2),
    map((example) => example),
    map((example) => Promise.resolve(example), { concurrency: 2 }),
    withSeed({ seed: 8 }),
    filter(({ label }) => label % 3 !== 0),
  ];
  await fc.assert(
    fc.asyncProperty(
      fc.nat(1000),
      fc.array(fc.nat(stages.length - 1), { minLength: 1, maxLength: 5 }),
      fc.nat(20),
      fc.boolean(),
      async (seed, chosen, stop, batched) => {
        const build = () => {
          const items = readEpochs({ seed, epochs: 3 })({ ...source, length: 7 });
          const all = chosen.reduce((all: Examples, at) => stages[at]!(all), items);
          return batched ? mixup({ alpha: 1 })(batch(2)(all)) : all as AsyncIterable<unknown>;
        };
        const whole = await collect(withPosition()(build()));
        const at = whole[Math.min(stop, whole.length - 1)];
        if (!at) return;
        const rest = await collect(resumeFrom(at[1])(build()));
        assertEquals(rest, whole.slice(whole.indexOf(at) + 1).map(([item]) => item));
      },
    ),
    { numRuns: 40 },
  );
});

// Part of the contract: whoever changes these breaks every run that is to be repeated or resumed.
Deno.test("withSeed() keeps its draws from version to version", () => {
  assertEquals(alone.map((bits) => bits.slice(0, 24)), [
    "011010110001110010000110",
    "110110000011100000001111",
    "011010011100110000100011",
    "010011110001000111001111",
  ]);
});

Deno.test("withSeed() refuses bad seeds", () => {
  assertThrows(
    () => withSeed({ seed: -1 }),
    RangeError,
    "Cannot draw by seed -1: the seed must be",
  );
  assertThrows(() => withSeed({ seed: 0, epoch: 0.5 }), RangeError, "Cannot draw for epoch 0.5");
  assertThrows(
    () => readIndexed({ seed: -1, shuffle: false })(source),
    RangeError,
    "Cannot draw by seed -1",
  );
});
