import { assert, assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import { pipe } from "fp-ts/lib/function.js";
import fc from "fast-check";
import {
  batch,
  cache,
  collect,
  concat,
  drain,
  enumerate,
  filter,
  flatMap,
  interleave,
  map,
  mix,
  normalize,
  type Position,
  PositionError,
  prefetch,
  readEpochs,
  readIndexed,
  repeat,
  resize,
  type Resumable,
  resumeFrom,
  scan,
  shard,
  shuffle,
  skip,
  type Stage,
  take,
  tap,
  tapEvery,
  unbatch,
  window,
  withPosition,
  withSeed,
  zip,
} from "@rill/rill/pipelines";
import { assertResumes, counting, indexed, isResumable, range, saved, tiny } from "../_helpers.ts";

const numbers = (length: number) => ({ length, get: (index: number) => index });

/** Every stage there is that works on numbers, and those that work on something else with a way there and back. */
const STAGES: Readonly<Record<string, (size: number) => Stage<number, number>>> = {
  map: (size) => map((n, index) => n * size + index),
  mapConcurrently: (size) => map((n, index) => later(n + index, n % 3), { concurrency: size }),
  filter: (size) => filter((n, index) => (n + index) % (size + 1) > 0),
  scan: () => scan((_, n, index) => [null, n + index] as const, null),
  tap: () => tap(() => Promise.resolve()),
  every: (size) => tapEvery(size, () => {}),
  skip: (size) => skip(size),
  take: (size) => take(10 * size),
  enumerate: (size) => (source) =>
    map(([i, n]: readonly [number, number]) => i * size + n)(enumerate()(source)),
  prefetch: (size) => prefetch(size),
  shard: (size) => shard(size - 1, size),
  shuffle: (size) => shuffle({ bufferSize: size, seed: size, epoch: 1 }),
  cache: () => cache(),
  repeat: () => repeat(2),
  flatMap: (size) => flatMap((n, index) => range((n + index) % (size + 1)).map((i) => n + i)),
  flatMapOfStreams: (size) =>
    flatMap((n) =>
      map((i: number, index) => n * i + index)(readIndexed({ seed: n })(numbers(n % (size + 1))))
    ),
  window: (size) => (source) => flatMap((items: number[]) => items)(window(size)(source)),
  windowOverlapping: (size) => (source) =>
    map((items: number[]) => items.reduce((a, b) => a + 3 * b, 0))(
      window(size, { step: 1 })(source),
    ),
  windowWithGaps: (size) => (source) =>
    map((items: number[]) => items.length)(window(size, { step: size + 2 })(source)),
  batch: (size) => (source) =>
    pipe(
      source,
      map((n) => tiny(n % 256)),
      resize({ height: 1, width: 2 }),
      normalize(),
      batch(size),
      prefetch(2),
      unbatch(),
      map(({ label, image }) => label + image.data[1]!),
    ),
  batchWithoutRemainder: (size) => (source) =>
    pipe(
      source,
      map((n) => tiny(n % 256)),
      batch(size, { dropRemainder: true }),
      map(({ labels }) => labels.reduce((a, b) => a + b)),
    ),
  zip: (size) => (source) =>
    map(([a, b]: readonly [number, number]) => a * b)(zip(indexed(range(5 * size)))(source)),
  concat: (size) => (source) => concat([indexed(range(size)), source, indexed(range(2))]),
  interleave: (size) => (source) => interleave([source, indexed(range(size))], { blockLength: 2 }),
  mix: (size) => (source) =>
    mix([source, indexed(range(2 * size))], { seed: size, weights: [2, 1] }),
};

/** Stages one after the other, with integers between them, and not too many. */
const chain = (source: AsyncIterable<number>, ...stages: readonly Stage<number, number>[]) =>
  stages.reduce(
    (items, stage) => pipe(items, stage, map((n) => Math.round(Math.abs(n)) % 997), take(100)),
    source,
  );

const later = <T>(value: T, turns: number): Promise<T> =>
  turns === 0 ? Promise.resolve(value) : Promise.resolve().then(() => later(value, turns - 1));

const SOURCES: Readonly<Record<string, (length: number) => AsyncIterable<number>>> = {
  readIndexed: (length) => readIndexed()(numbers(length)),
  // A part that counts as a whole, as not every stage can begin in the middle of an epoch.
  readIndexedShuffled: (length) =>
    pipe(
      numbers(length),
      readIndexed({ seed: 4, epoch: 2, from: 1 }),
      withSeed({ seed: 4, epoch: 2, from: 0 }),
    ),
  readEpochs: (length) => readEpochs({ epochs: 2 })(numbers(length)),
  readEpochsShuffled: (length) => readEpochs({ seed: 5, epochs: 3 })(numbers(length)),
  repeat: (length) => repeat(2)((epoch) => readIndexed({ seed: 6, epoch })(numbers(length))),
  resumeFrom: (length) => resumeFrom(undefined)(readIndexed()(numbers(length))),
};

Deno.test("a pipeline of every stage resumes at every position", async () => {
  const everything = () =>
    chain(SOURCES.readEpochsShuffled!(40), ...Object.values(STAGES).map((stage) => stage(2)));
  const items = await assertResumes(() => concat([everything(), repeat(2)(everything)]));
  assert(items.length > 15, `${items.length} items`);
});

for (const [name, source] of Object.entries(SOURCES)) {
  Deno.test(`a pipeline over ${name}() resumes at every position`, async () => {
    assert((await assertResumes(() => map((n: number) => n)(source(7)))).length >= 6);
  });
}

for (const [name, stage] of Object.entries(STAGES)) {
  Deno.test(`a pipeline with ${name} resumes at every position`, async () => {
    for (const size of [1, 2, 3, 7]) {
      await assertResumes(() => stage(size)(SOURCES.readEpochsShuffled!(9)));
      await assertResumes(() => stage(size)(readIndexed()(numbers(0))));
    }
  });
}

Deno.test("any pipeline resumes anywhere as if it had never stopped", async () => {
  const stages = fc.array(
    fc.tuple(fc.constantFrom(...Object.keys(STAGES)), fc.integer({ min: 1, max: 5 })),
    { maxLength: 6 },
  );
  const source = fc.tuple(
    fc.constantFrom(...Object.keys(SOURCES)),
    fc.integer({ min: 1, max: 12 }),
  );
  await fc.assert(
    fc.asyncProperty(source, stages, fc.nat(), fc.nat(), async ([name, length], stages, a, b) => {
      const build = () =>
        chain(SOURCES[name]!(length), ...stages.map(([name, size]) => STAGES[name]!(size)));
      const whole = await collect(withPosition()(build()));
      assertEquals(whole.map(([item]) => item), await collect(build()));
      if (whole.length === 0) return;
      // Stopped once, and once more after that.
      const first = a % whole.length;
      const rest = await collect(withPosition()(resumeFrom(saved(whole[first]![1]))(build())));
      assertEquals(rest, whole.slice(first + 1));
      if (rest.length === 0) return;
      const second = b % rest.length;
      assertEquals(
        await collect(resumeFrom(saved(rest[second]![1]))(build())),
        rest.slice(second + 1).map(([item]) => item),
      );
    }),
    { numRuns: 300 },
  );
});

// Part of the contract: whoever changes these cannot go on from what an earlier version has saved.
Deno.test("positions keep their form from version to version", async () => {
  const source = '{"stage":"read","index":';
  const rest = ',"length":9,"seed":null}';
  for (
    const [name, expected] of Object.entries({
      map: '{"stage":"map","index":2,"source":{R:2}}',
      mapConcurrently: '{"stage":"map","index":2,"source":{R:2}}',
      filter: '{"stage":"filter","index":3,"source":{R:3}}',
      scan: '{"stage":"scan","index":2,"source":{R:2}}',
      tap: '{"stage":"tap","index":2,"source":{R:2}}',
      every: '{"stage":"visit","index":2,"source":{R:2}}',
      skip: '{"stage":"skip","index":4,"source":{R:4}}',
      take: '{"stage":"take","index":2,"source":{R:2}}',
      enumerate:
        '{"stage":"map","index":2,"source":{"stage":"enumerate","index":2,"source":{R:2}}}',
      prefetch: "{R:2}",
      shard: '{"stage":"shard","shard":1,"shards":2,"index":4,"source":{R:4}}',
      shuffle:
        '{"stage":"shuffle","bufferSize":2,"seed":2,"epoch":1,"index":2,"pulled":3,"source":{R:2}}',
      cache: '{"stage":"cache","index":2,"source":{R:0}}',
      repeat: '{"stage":"repeat","epoch":0,"index":2,"source":{R:2}}',
      flatMap: '{"stage":"flatMap","index":1,"offset":2,"source":{R:1}}',
      flatMapOfStreams:
        '{"stage":"flatMap","index":2,"offset":1,"item":{"stage":"map","index":1,"source":{R:1,"length":2,"seed":2,"epoch":0}},"source":{R:2}}',
      window:
        '{"stage":"flatMap","index":0,"offset":2,"source":{"stage":"window","size":2,"step":2,"covered":0,"drop":0,"source":{R:0}}}',
      windowOverlapping:
        '{"stage":"map","index":2,"source":{"stage":"window","size":2,"step":1,"covered":1,"drop":0,"source":{R:2}}}',
      windowWithGaps:
        '{"stage":"map","index":2,"source":{"stage":"window","size":2,"step":4,"covered":0,"drop":2,"source":{R:6}}}',
      batch:
        '{"stage":"map","index":2,"source":{"stage":"unbatch","index":0,"offset":2,"source":{"stage":"batch","index":0,"source":{"stage":"normalize","index":0,"source":{"stage":"resize","index":0,"source":{"stage":"map","index":0,"source":{R:0}}}}}}}',
      batchWithoutRemainder:
        '{"stage":"map","index":2,"source":{"stage":"batch","index":4,"source":{"stage":"map","index":4,"source":{R:4}}}}',
      zip:
        '{"stage":"map","index":2,"source":{"stage":"zip","source":{R:2},"other":{R:2,"length":10,"seed":null}}}',
      concat: '{"stage":"concat","length":3,"at":0,"source":{R:2,"length":2,"seed":null}}',
      interleave:
        '{"stage":"interleave","blockLength":2,"turn":0,"taken":2,"sources":[{R:2},{R:0,"length":2,"seed":null}]}',
      mix:
        '{"stage":"mix","weights":[2,1],"seed":2,"epoch":0,"index":2,"sources":[{R:2},{R:0,"length":4,"seed":null}]}',
    })
  ) {
    const items = await collect(withPosition()(STAGES[name]!(2)(readIndexed()(numbers(9)))));
    const position = items[1]![1];
    const text = JSON.stringify(position).replaceAll(source, "{R:").replaceAll(rest, "}");
    assertEquals(text, expected, name);
  }
});

const letters = { length: 26, get: (index: number) => String.fromCharCode(97 + index) };

Deno.test("positions have nothing in them of prefetching, concurrency and batch size", async () => {
  const positions = async (depth: number, concurrency: number) =>
    await collect(pipe(
      letters,
      readEpochs({ seed: 1, epochs: 2 }),
      map((letter) => later(letter, letter.charCodeAt(0) % 3), { concurrency }),
      prefetch(depth),
      prefetch(depth),
      withPosition(),
    ));
  const expected = await positions(1, 1);
  assertEquals(expected[1], [expected[1]![0], {
    stage: "map",
    index: 2,
    source: { stage: "read epochs", epoch: 0, index: 2, length: 26, seed: 1 },
  }]);
  for (const [depth, concurrency] of [[1, 2], [3, 1], [2, 8], [30, 40]] as const) {
    assertEquals(await positions(depth, concurrency), expected);
  }

  const batches = (size: number) => pipe(indexed(range(20).map(tiny)), batch(size), prefetch(2));
  const position = (await collect(withPosition()(batches(4))))[1]![1];
  const rest = await collect(resumeFrom(position)(batches(5)));
  assertEquals(rest.map(({ labels }) => [...labels]), [
    [8, 9, 10, 11, 12],
    [13, 14, 15, 16, 17],
    [18, 19],
  ]);
});

Deno.test("resuming reads nothing of what came before", async () => {
  const asked: number[] = [];
  const length = 2 ** 32 - 1;
  const source = {
    length,
    get(index: number) {
      asked.push(index);
      return tiny(index % 256);
    },
  };
  const position: Position = {
    stage: "batch",
    index: 2 ** 52,
    source: {
      stage: "map",
      index: 2 ** 52,
      source: { stage: "read epochs", epoch: 2 ** 20, index: length - 10, length, seed: 7 },
    },
  };
  const items = pipe(
    source,
    readEpochs({ seed: 7 }),
    map((example, index) => ({ ...example, label: index - 2 ** 52 })),
    batch(4),
    resumeFrom(position),
    take(2),
  );
  assertEquals((await collect(items)).flatMap(({ labels }) => [...labels]), range(8));
  assertEquals(asked.length, 8);
});

Deno.test("shuffle() resumes by pulling from the oldest item in its buffer on", async () => {
  const asked: number[] = [];
  const source = {
    length: 5000,
    get(index: number) {
      asked.push(index);
      return index;
    },
  };
  const mixed = () => shuffle({ bufferSize: 50, seed: 3 })(readIndexed()(source));
  const whole = await collect(withPosition()(mixed()));
  for (const stop of [0, 48, 700, 4000, 4990, 4999]) {
    asked.length = 0;
    const rest = await collect(resumeFrom(saved(whole[stop]![1]))(mixed()));
    assertEquals(rest, whole.slice(stop + 1).map(([item]) => item));
    // Each item in the buffer stays with a chance of 49 in 50 at each step.
    assert(
      asked.length <= rest.length + 50 * Math.log(50) + 50 * 8,
      `${asked.length} after ${stop}`,
    );
    assert(JSON.stringify(whole[stop]![1]).length < 200);
  }
});

Deno.test("training goes on after a restart as if it had never stopped", async () => {
  // A model of one weight, which remembers the order of all it has seen.
  const step = (
    weight: number,
    { labels, images }: { labels: Int32Array; images: { data: Float32Array } },
  ) => {
    for (const [i, label] of labels.entries()) {
      weight = Math.fround(weight * 0.99 + images.data[i]! * label);
    }
    return [weight, weight] as const;
  };
  type Saved = { weight: number; position: Position };
  const examples = { length: 37, get: (index: number) => tiny(index) };
  async function train(
    steps: number,
    from?: Saved,
  ): Promise<{ metrics: number[]; last: Saved | undefined }> {
    let last = from;
    const metrics = await collect(pipe(
      examples,
      readEpochs({ seed: 11 }),
      map((example, index) => ({ ...example, label: example.label + index % 7 })),
      shuffle({ bufferSize: 5, seed: 11 }),
      normalize(),
      batch(8),
      prefetch(2),
      scan(step, from?.weight ?? 1),
      resumeFrom(from?.position),
      withPosition(),
      tapEvery(4, ([weight, position]) => last = JSON.parse(JSON.stringify({ weight, position }))),
      map(([metric]) => metric),
      take(steps),
    ));
    return { metrics, last };
  }
  const { metrics } = await train(40);
  const before = await train(14); // Saved after 12 steps; the two after it are lost.
  const after = await train(28, before.last);
  assertEquals([...before.metrics.slice(0, 12), ...after.metrics], metrics);
});

Deno.test("resumeFrom() of no position changes nothing", () => {
  const source = counting(range(3));
  assertEquals(resumeFrom(undefined)(source), source);
});

Deno.test("resumeFrom() starts there at every iteration, and from elsewhere where it is asked to", async () => {
  const source = () => readIndexed()(letters);
  const whole = await collect(withPosition()(source()));
  const rest = resumeFrom(whole[20]![1])(source());
  assertEquals(await collect(rest), [..."vwxyz"]);
  assertEquals(await collect(rest), [..."vwxyz"]);
  assertEquals(await collect(resumeFrom(whole[23]![1])(rest)), [..."yz"]);
});

Deno.test("an iterator says its position before the first item and after the last", async () => {
  for (const [name, stage] of Object.entries(STAGES)) {
    const build = () => stage(2)(readIndexed({ seed: 1 })(numbers(7))) as Resumable<number>;
    const all = await collect(build());
    const items = build().iterateFrom();
    assertEquals(await collect(resumeFrom(saved(items.position()))(build())), all, name);
    while (!(await items.next()).done);
    assertEquals(await collect(resumeFrom(saved(items.position()))(build())), [], name);
  }
});

Deno.test("positions are refused by pipelines that are not theirs", async () => {
  const source = (options = {}) => readIndexed(options)(letters);
  const positionOf = async (pipeline: AsyncIterable<unknown>) =>
    saved((await collect(take(2)(withPosition()(pipeline))))[1]![1]);
  const text = (letter: string) => letter;
  const two = () => [source(), source()];
  for (
    const [taken, given, message] of [
      [map(text)(source()), filter(Boolean)(source()), "filter: the position is one of map"],
      [map(text)(source()), source(), "read: the position is one of map"],
      [source(), map(text)(source()), "map: the position is one of read"],
      [
        map(text)(tap(text)(source())),
        map(text)(map(text)(source())),
        "map: the position is one of tap",
      ],
      [source({ seed: 1 }), source({ seed: 2 }), "read: its seed is 2, that of the position 1"],
      [source({ seed: 1 }), source(), "read: its seed is null, that of the position 1"],
      [source(), source({ seed: 1 }), "read: its seed is 1, that of the position null"],
      [
        source({ seed: 1 }),
        source({ seed: 1, epoch: 3 }),
        "read: its epoch is 3, that of the position 0",
      ],
      [source(), readIndexed()(numbers(5)), "read: its length is 5, that of the position 26"],
      [source(), readEpochs()(letters), "read epochs: the position is one of read"],
      [
        readEpochs({ seed: 1 })(letters),
        readEpochs({ seed: 2 })(letters),
        "read epochs: its seed is 2, that of the position 1",
      ],
      [
        shard(0, 2)(source()),
        shard(1, 2)(source()),
        "shard: its shard is 1, that of the position 0",
      ],
      [
        shard(0, 2)(source()),
        shard(0, 3)(source()),
        "shard: its shards is 3, that of the position 2",
      ],
      [window(2)(source()), window(3)(source()), "window: its size is 3, that of the position 2"],
      [
        shuffle({ bufferSize: 3, seed: 1 })(source()),
        shuffle({ bufferSize: 4, seed: 1 })(source()),
        "shuffle: its bufferSize is 4, that of the position 3",
      ],
      [
        shuffle({ bufferSize: 3, seed: 1 })(source()),
        shuffle({ bufferSize: 3, seed: 1, epoch: 1 })(source()),
        "shuffle: its epoch is 1, that of the position 0",
      ],
      [
        mix(two(), { seed: 1 }),
        mix(two(), { seed: 2 }),
        "mix: its seed is 2, that of the position 1",
      ],
      [
        mix(two(), { seed: 1 }),
        mix(two(), { seed: 1, weights: [1, 2] }),
        "mix: its weights is [1,2], that of the position [1,1]",
      ],
      [
        interleave(two()),
        interleave([...two(), source()]),
        "interleave: it has 3 sources, the position 2",
      ],
      [concat(two()), concat([source()]), "concat: its length is 1, that of the position 2"],
      [
        cache()(source()),
        cache()(source({ seed: 1 })),
        "read: its seed is 1, that of the position null",
      ],
      [
        repeat(2)(source()),
        repeat(2)((epoch) => readIndexed({ seed: 1, epoch })(letters)),
        "read: its seed is 1, that of the position null",
      ],
      [
        prefetch(2)(map(text)(source())),
        prefetch(2)(tap(text)(source())),
        "tap: the position is one of map",
      ],
      [
        flatMap(() => source())(source()),
        flatMap(() => [""])(source()),
        "flatMap: the position is one in item 0, which has none",
      ],
      [
        flatMap(() => source())(source()),
        flatMap(() => source({ seed: 1 }))(source()),
        "read: its seed is 1, that of the position null",
      ],
    ] as [AsyncIterable<unknown>, AsyncIterable<unknown>, string][]
  ) {
    const position = await positionOf(taken);
    const error = await assertRejects(
      () => drain(take(60)(resumeFrom(position)(given))),
      PositionError,
      `Cannot resume ${message}`,
    );
    assertEquals(error.stage, message.slice(0, message.indexOf(":")));
  }
});

Deno.test("what is not a position is refused", async () => {
  const source = () => map((n: string) => n)(readIndexed()(letters));
  const count = "not an integer of at least 0";
  const read = { stage: "read", index: 3, length: 26, seed: null };
  for (
    const [position, message] of [
      [null, "map: null is not a position"],
      [7, "map: 7 is not a position"],
      ["map", "map: map is not a position"],
      [[], "map: [] is not a position"],
      [{}, "map: the position is one of missing"],
      [{ stage: "map" }, "map: the index of the position is missing"],
      [{ stage: "map", index: -1 }, `map: the index of the position is -1, ${count}`],
      [{ stage: "map", index: 1.5 }, `map: the index of the position is 1.5, ${count}`],
      [{ stage: "map", index: "1" }, `map: the index of the position is 1, ${count}`],
      [{ stage: "map", index: 1e300 }, `map: the index of the position is 1e+300, ${count}`],
      [
        { stage: "map", index: 1 },
        "map: the source of the position is missing, which is not a position",
      ],
      [{ stage: "map", index: 1, source: [] }, "map: the source of the position is []"],
      [
        { stage: "map", index: 1, source: { ...read, index: 27 } },
        "read: the index of the position is 27, not an integer from 0 to 26",
      ],
    ] as [Position, string][]
  ) {
    await assertRejects(
      () => drain(resumeFrom(position)(source())),
      PositionError,
      `Cannot resume ${message}`,
    );
  }
});

Deno.test("a position with anything wrong in it is refused, or is one", async () => {
  const build = () =>
    chain(SOURCES.readEpochsShuffled!(40), ...Object.values(STAGES).map((stage) => stage(2)));
  const whole = await collect(withPosition()(build()));
  const junk = fc.oneof(
    fc.constantFrom(null, true, "", "map", -1, 0.5, 1e300, [], {}, [null], undefined),
    fc.nat(50),
  );
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(), junk, async (stop, which, junk) => {
      const text = JSON.stringify(whole[stop]![1]);
      let count = 0;
      // deno-lint-ignore no-explicit-any
      const total = (JSON.parse(text, (_, value) => (count++, value)), count) as any;
      count = 0;
      const broken = JSON.parse(text, (_, value) => count++ === which % total ? junk : value);
      if (broken === undefined) return;
      try {
        const items = await collect(resumeFrom(broken)(build()));
        assert(items.length <= 100);
      } catch (error) {
        // A number may be wrong and yet be one of the pipeline: at the end of what is to be repeated, for one.
        if (error instanceof PositionError) refused++;
        else {assert(
            error instanceof TypeError && error.message.startsWith("Cannot repeat"),
            `${error}`,
          );}
      }
    }),
    { numRuns: 200 },
  );
  assert(refused > 20, `${refused} refused`);
});

/** A source that can be resumed and counts how often its iterators are closed. */
function tracked(length: number): Resumable<number> & { closed: number; pulled: number } {
  const source = {
    closed: 0,
    pulled: 0,
    [Symbol.asyncIterator]: () => source.iterateFrom(),
    iterateFrom(from: Position = { index: 0 }) {
      let index = Number(from.index);
      return {
        next: async (): Promise<IteratorResult<number, void>> => {
          await Promise.resolve();
          if (index >= length) return { done: true, value: undefined };
          source.pulled++;
          return { done: false, value: index++ };
        },
        return: () => {
          source.closed++;
          index = length;
          return Promise.resolve({ done: true as const, value: undefined });
        },
        position: () => ({ index }),
      };
    },
  };
  return source;
}

Deno.test("a pipeline whose positions are asked closes its source, begun or not", async () => {
  for (const [name, stage] of Object.entries(STAGES)) {
    for (const pulls of [0, 1, 3]) {
      const source = tracked(100);
      const items = withPosition()(stage(2)(source))[Symbol.asyncIterator]();
      for (let i = 0; i < pulls; i++) await items.next();
      await items.return!();
      assertEquals(source.closed, 1, `${name} after ${pulls}`);
    }
  }
});

Deno.test("a source of one's own can be resumed through every stage", async () => {
  for (const stage of Object.values(STAGES)) await assertResumes(() => stage(2)(tracked(9)));
});

Deno.test("plain streams have no positions", () => {
  for (const source of [counting([1]), ReadableStream.from([1]), map(Number)(counting([1]))]) {
    assertThrows(
      () => resumeFrom({ stage: "map" })(source),
      TypeError,
      "Cannot use positions in the pipeline",
    );
    assertThrows(() => withPosition()(source), TypeError, "Cannot use positions in the pipeline");
  }
  const unordered = map((n: number) => n, { concurrency: 2, ordered: false });
  assert(!isResumable(unordered(readIndexed()(numbers(1)))));
});

Deno.test("positions differ at every place", async () => {
  for (const [name, stage] of Object.entries(STAGES)) {
    const whole = await collect(withPosition()(stage(2)(SOURCES.readEpochsShuffled!(6))));
    for (let i = 1; i < whole.length; i++) assertNotEquals(whole[i]![1], whole[i - 1]![1], name);
  }
});
