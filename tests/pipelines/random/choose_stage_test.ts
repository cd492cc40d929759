import { assert, assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import { flow, pipe } from "fp-ts/lib/function.js";
import {
  batch,
  chooseStage,
  type ChooseStageOptions,
  collect,
  cutMix,
  drain,
  type Example,
  filter,
  flipHorizontal,
  inWorkers,
  map,
  mixup,
  readIndexed,
  type Stage,
  StageError,
  take,
  withRecordPolicy,
  withSeed,
} from "@rill/rill/pipelines";
import { byteImage, type Bytes } from "../images/_augment.ts";
import { assertResumes, chiSquare, counting, range, testStage } from "../_helpers.ts";

const times = (factor: number) => map((n: number) => n * factor);
const choice = (options: ChooseStageOptions = { seed: 1 }) =>
  chooseStage([times(10), times(100), times(1000)], options);
const chosen = async (options: ChooseStageOptions, count = 3000) =>
  (await collect(choice(options)(counting(new Array<number>(count).fill(1)))))
    .map((n) => Math.log10(n) - 1);

testStage<number, number>({
  name: "chooseStage()",
  stage: choice(),
  input: [1, 2, 3, 4, 5],
  output: await collect(choice()(counting([1, 2, 3, 4, 5]))),
  pulled: (given) => given,
});

Deno.test("chooseStage() chooses each stage by its weight", async () => {
  const texts = (all: readonly number[]) => all.map((n) => `${Math.round(n)}`);
  // 2 degrees of freedom: above 14 is a chance of one in a thousand.
  assert(chiSquare(texts(await chosen({ seed: 2 })), 3) < 14);
  const weighted = texts(await chosen({ weights: [0, 2, 0.5], seed: 2 }));
  assert(!weighted.includes("0"));
  const share = weighted.filter((n) => n === "1").length / weighted.length;
  assert(Math.abs(share - 0.8) < 4 * Math.sqrt(0.16 / 3000));
  assertEquals(new Set(texts(await chosen({ weights: [0, 1, 0], seed: 2 }))), new Set(["1"]));
});

Deno.test("chooseStage() chooses the same for the same seed and epoch, else otherwise", async () => {
  const expected = await chosen({ seed: 3, epoch: 1 }, 60);
  assertEquals(await chosen({ seed: 3, epoch: 1 }, 60), expected);
  assertNotEquals(await chosen({ seed: 4, epoch: 1 }, 60), expected);
  assertNotEquals(await chosen({ seed: 3, epoch: 2 }, 60), expected);
});

// Part of the contract: whoever changes these breaks every run that is to be repeated or resumed.
Deno.test("chooseStage() keeps its choices from version to version", async () => {
  const text = async (options: ChooseStageOptions) =>
    (await chosen(options, 24)).map(Math.round).join("");
  assertEquals(await text({ seed: 0 }), "012221210111222000000000");
  assertEquals(await text({ seed: 1, epoch: 5, weights: [1, 2, 3] }), "222221011222222012222022");
});

type Examples = AsyncIterable<Example<Bytes>>;
const examples = range(60).map((label): Example<Bytes> => ({ image: byteImage(2, 3, 1), label }));
const flip: Stage<Example<Bytes>, Example<Bytes>> = flipHorizontal();
const idle: Stage<Example<Bytes>, Example<Bytes>> = flipHorizontal({ probability: 0 });
const keep: Stage<Example<Bytes>, Example<Bytes>> = (source) => source;
const seeded = (): Examples => withSeed({ seed: 6 })(counting(examples));

Deno.test("the stages to choose from have places of their own behind that of the choice", async () => {
  const only = (weights: readonly number[]) =>
    collect(chooseStage([flip, flow(flip, flip), flip], { weights })(seeded()));
  const at = (place: number, stage = flip) =>
    collect(stage(range(place).reduce((items): Examples => idle(items), seeded())));
  assertEquals(await only([1, 0, 0]), await at(1));
  assertEquals(await only([0, 1, 0]), await at(2, flow(flip, flip)));
  assertEquals(await only([0, 0, 1]), await at(4));
  const behind = pipe(seeded(), chooseStage([keep, flip], { weights: [1, 0] }), flip);
  assertEquals(await collect(behind), await at(2));
});

Deno.test("chooseStage() goes on as if it had never stopped, with batches too", async () => {
  const source = { length: 12, get: (index: number) => examples[index]! };
  await assertResumes(() =>
    pipe(
      source,
      readIndexed({ seed: 2 }),
      chooseStage([flip, keep], { weights: [2, 1] }),
      batch(3),
      chooseStage([mixup({ alpha: 1 }), cutMix()]),
    )
  );
});

Deno.test("chooseStage() is a stage for each item, and takes workers", async () => {
  const module = new URL("../_in_workers.ts", import.meta.url);
  const adding = inWorkers<number, number>(2, module, { name: "add", parameters: { term: 1 } });
  const stage = chooseStage([adding, times(2)], { seed: 0 });
  const items = () => counting(range(40));
  const found = await collect(stage(items()));
  assert(found.every((n, i) => n === i + 1 || n === 2 * i));
  const policy = withRecordPolicy(flow(stage, times(3)), () => "skip");
  assertEquals(await collect(policy(items())), found.map((n) => 3 * n));
  assertEquals(await collect(take(2)(stage(items()))), found.slice(0, 2));
});

Deno.test("chooseStage() passes on the errors of its stages", async () => {
  const fail = map((): number => {
    throw new Error("no good");
  });
  const source = counting([1]);
  await assertRejects(
    () => drain(chooseStage([fail], { seed: 0 })(source)),
    StageError,
    "Cannot map item 0: no good",
  );
  assertEquals(source.closed, 1);
});

Deno.test("chooseStage() refuses what it cannot choose by", () => {
  const many = filter((n: number) => n > 1);
  assertThrows(
    () => chooseStage([times(1), many]),
    TypeError,
    "Cannot choose a stage that doesn't",
  );
  for (const weights of [[1, 2], [1, 2, -1], [0, 0, 0], [1, 2, NaN], [1, 2, Infinity]]) {
    assertThrows(
      () => choice({ weights }),
      RangeError,
      `Cannot choose among 3 stages by the weights [${weights.join(", ")}]: there must be one for`,
    );
  }
  assertThrows(() => chooseStage([]), RangeError, "Cannot choose among 0 stages");
  assertThrows(() => choice({ seed: -1 }), RangeError, "Cannot choose by seed -1");
  assertThrows(
    () => choice({})(counting([1])),
    RangeError,
    "Cannot choose at random without a seed",
  );
});
