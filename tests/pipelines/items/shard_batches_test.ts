import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { flow, pipe } from "fp-ts/lib/function.js";
import {
  type Batch,
  batch,
  collect,
  cutMix,
  drain,
  type Example,
  filter,
  gather,
  inWorkers,
  map,
  mixup,
  PositionError,
  prefetch,
  randomStageOf,
  readIndexed,
  resumeFrom,
  shardBatches,
  StageError,
  take,
  withPosition,
  withRecordPolicy,
  withSeed,
} from "@rill/rill/pipelines";
import { assertResumes, counting, indexed, range, testStage, tiny } from "../_helpers.ts";

/** The part of one of so many ranks: at least one item, so that those of small batches overlap. */
const ofRank = (rank: number, ranks: number) => (size: number) => {
  const first = Math.floor(size * rank / ranks);
  return [first, Math.max(Math.floor(size * (rank + 1) / ranks), first + 1)] as const;
};

const pass = map(<T>(item: T) => item);

/** Items of batches of 5, 5, 5 and 2, of which rank 1 of 3 has two, two, two and one. */
const second = { input: range(17), output: [1, 2, 6, 7, 11, 12, 15] };

testStage({
  name: "shardBatches()",
  stage: flow(pass<number>, shardBatches(5, ofRank(1, 3))<number>),
  ...second,
  pulled: (given) => 5 * Math.ceil(given / 2),
});

testStage({
  name: "shardBatches() directly behind a source with indices",
  stage: shardBatches(5, ofRank(1, 3))<number>,
  ...second,
  pulled: (given) => 5 * Math.ceil(given / 2),
});

Deno.test("shardBatches() reads nothing else of a source with indices, in its order", async () => {
  const asked: number[] = [];
  const source = {
    length: 50,
    get: (index: number) => {
      asked.push(index);
      return index;
    },
  };
  const order = { seed: 3, epoch: 2, from: 6, to: 40 };
  const whole = await collect(readIndexed(order)(source));
  asked.length = 0;
  const part = await collect(pipe(source, readIndexed(order), shardBatches(8, ofRank(1, 2))));
  // Batches of 8, 8, 8, 8 and 2.
  const places = [0, 8, 16, 24].flatMap((at) => [4, 5, 6, 7].map((i) => at + i)).concat(33);
  assertEquals(part, places.map((place) => whole[place]!));
  assertEquals(asked, part);
});

/** Makes a stage that draws by an item's place. */
const draw = () =>
  randomStageOf({ name: "draw for", each: (n: number, draws) => ({ n, drawn: draws.below(1e6) }) });

Deno.test("stages behind shardBatches() draw and count as in the whole order", async () => {
  const stages = flow(
    draw(),
    map((item, at) => ({ ...item, at }), { concurrency: 3 }),
    prefetch(2),
  );
  const read = readIndexed({ seed: 5, epoch: 1, from: 4 })({ length: 30, get: (index) => index });
  const whole = await collect(pipe(read, stages, gather(7, { integers: ["n", "drawn", "at"] })));
  /** Streams begin where it is said. */
  const streams = {
    indexed: (rank: number) => shardBatches(7, ofRank(rank, 3))(read),
    streamed: (rank: number) => shardBatches(7, ofRank(rank, 3))(pass(read)),
    "said before": (rank: number) =>
      pipe(
        counting(ofWhole),
        withSeed({ seed: 5, epoch: 1, from: 4 }),
        shardBatches(7, ofRank(rank, 3)),
      ),
    "said behind": (rank: number) =>
      pipe(
        counting(ofWhole),
        shardBatches(7, ofRank(rank, 3)),
        withSeed({ seed: 5, epoch: 1, from: 4 }),
      ),
  };
  const ofWhole = whole.flatMap(({ n }) => [...n]);
  for (const [name, streamOf] of Object.entries(streams)) {
    for (const rank of range(3)) {
      const build = () =>
        pipe(streamOf(rank), stages, gather(7, { integers: ["n", "drawn", "at"] }));
      const parts = name.startsWith("said") ? await collect(build()) : await assertResumes(build);
      const expected = whole.map(({ n, drawn, at, size: whole }) => {
        const [first, end] = ofRank(rank, 3)(whole);
        const cut = (values: Int32Array) => values.slice(first, end);
        const fields = { n: cut(n), drawn: cut(drawn), at: cut(at) };
        return { ...fields, part: { first, whole }, size: end - first };
      });
      assertEquals(parts, expected, name);
    }
  }
});

Deno.test("workers are told the places in the whole order", async () => {
  const module = "data:text/javascript,export default (n, index) => [n, index]";
  const parts = await pipe(
    indexed(range(9).map((n) => 10 * n)),
    shardBatches(4, ofRank(1, 2)),
    inWorkers<number, number[]>(1, module),
    collect,
  );
  assertEquals(parts, [[20, 2], [30, 3], [60, 6], [70, 7], [80, 8]]);
});

Deno.test("batch() gathers parts of batches, the smaller last one too unless it is dropped", async () => {
  const examples = range(11).map(tiny);
  for (const source of [indexed(examples), counting(examples)]) {
    const parts = shardBatches(4, ofRank(2, 3))(source);
    const expected = [[[2, 3], 2, 4], [[6, 7], 2, 4], [[10], 2, 3]];
    const list = async (batches: AsyncIterable<Batch>) =>
      (await collect(batches)).map(({ labels, images, part, size }) => {
        assertEquals([...images.data], [...labels]);
        assertEquals([size, images.shape[0]], [labels.length, labels.length]);
        return [[...labels], part?.first, part?.whole];
      });
    assertEquals(await list(batch(4)(parts)), expected);
    assertEquals(await list(batch(4, { dropRemainder: true })(parts)), expected.slice(0, 2));
    const gathered = gather(4, { dropRemainder: true })(
      map(({ label }: Example) => ({ label }))(parts),
    );
    assertEquals((await collect(gathered)).map(({ part }) => part?.whole), [4, 4]);
  }
  await assertResumes(() => batch(4)(shardBatches(4, ofRank(2, 3))(indexed(examples))));
});

Deno.test("the parts of a last batch may be larger than those before", async () => {
  // As where batches of other sizes are cut in other ways.
  const share = (size: number) => size === 4 ? [3, 4] as const : [0, size] as const;
  const source = counting(range(7).map((n) => ({ n })));
  const parts = await pipe(source, shardBatches(4, share), gather(4), collect);
  assertEquals(parts.map(({ n, part }) => [[...n], part]), [
    [[3], { first: 3, whole: 4 }],
    [[4, 5, 6], { first: 0, whole: 3 }],
  ]);
});

Deno.test("errors behind shardBatches() name the place in the whole order", async () => {
  const fail = (n: number) => {
    if (n === 7) throw new Error("no luck");
    return tiny(n);
  };
  for (const source of [indexed(range(9)), counting(range(9))]) {
    const parts = shardBatches(4, ofRank(1, 2))(source);
    const error = await assertRejects(() => drain(map(fail)(parts)), StageError);
    assertEquals([error.message, error.position], ["Cannot map item 7: no luck", 7]);
  }
  const get = (index: number) => fail(index).label;
  const read = pipe({ length: 9, get }, readIndexed(), shardBatches(4, ofRank(1, 2)));
  await assertRejects(() => drain(read), StageError, "Cannot read item 7: no luck");
  const odd = map((n: number) => n === 7 ? { ...tiny(n), label: 0.5 } : tiny(n));
  await assertRejects(
    () => drain(pipe(indexed(range(9)), shardBatches(4, ofRank(1, 2)), odd, batch(4))),
    StageError,
    "Cannot batch item 7: the label 0.5",
  );
});

Deno.test("parts whose places aren't known are not gathered", async () => {
  const parts = shardBatches(4, ofRank(0, 2))(indexed(range(9).map(tiny)));
  const lost = "Cannot batch the parts of batches as a stage between gives more or fewer items";
  const [, begun] = (await collect(withPosition()(parts)))[1]!;
  for (
    const [other, message] of [
      [filter((_: Example) => true)(parts), lost],
      [withRecordPolicy(pass<Example>, () => "skip")(parts), lost],
      [resumeFrom(begun)(parts), lost],
      [shardBatches(2, () => [0, 1])(parts), "Cannot batch by 4 what are parts of batches of 2"],
    ] as const
  ) assertThrows(() => batch(4)(other), RangeError, message);
  assertThrows(() => gather(5)(pass(parts)), RangeError, "Cannot gather by 5 what are parts");
  const random = randomStageOf({ name: "draw for", seed: 1, each: (item: Example) => item });
  assertThrows(
    () => random(filter((_: Example) => true)(parts)),
    RangeError,
    "Cannot draw for at random",
  );
  await assertRejects(
    () => drain(batch(4)(take(3)(parts))),
    StageError,
    "it has 1 of the 2 examples of its part",
  );
  const padded = map(({ label }: Example) => ({ tokens: new Uint8Array(label) }))(parts);
  assertThrows(() => gather(4, { pad: { tokens: 0 } })(padded), RangeError, "Cannot pad tokens");
  for (const mix of [mixup({ alpha: 1, seed: 1 }), cutMix({ alpha: 1, seed: 1 })]) {
    const message = "item 0: it has 2 images of a batch of 4";
    await assertRejects(() => drain(mix(batch(4)(parts))), StageError, message);
  }
});

Deno.test("shardBatches() refuses what is no part, and positions of other parts", async () => {
  const size = "Cannot shard batches of 0: the size must be an integer of at least 1";
  assertThrows(() => shardBatches(0, () => [0, 1]), RangeError, size);
  for (const range of [[0, 0], [2, 1], [-1, 1], [0, 5], [0, 0.5]] as const) {
    const message = `Cannot shard batches of 4 to items ${range[0]} to ${range[1]}: a part has`;
    assertThrows(() => shardBatches(4, () => range), RangeError, message);
  }
  for (const source of [indexed(range(9)), pass(indexed(range(9)))]) {
    const [first] = await collect(withPosition()(shardBatches(4, ofRank(0, 2))(source)));
    const other = resumeFrom(first![1])(shardBatches(4, ofRank(1, 2))(source));
    await assertRejects(
      () => drain(other),
      PositionError,
      "its first is 2, that of the position 0",
    );
  }
});
