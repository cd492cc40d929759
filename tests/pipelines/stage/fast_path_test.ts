// Our own stages hand items to each other without promises, and images without copies. None of it is to be seen.

import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import {
  type Batch,
  batch,
  collect,
  drain,
  type Example,
  filter,
  flipHorizontal,
  map,
  normalize,
  prefetch,
  resize,
  skip,
  type Stage,
  StageError,
  take,
  tap,
  toFloat,
} from "@rill/rill/pipelines";
import { counting, indexed, range, settled } from "../_helpers.ts";

type Bytes = Uint8Array<ArrayBuffer>;
type Numbers = Stage<number, number>;

/** Stages with what they do to an array. */
const stages = {
  map: [map((n: number) => n + 1), (items) => items.map((n) => n + 1)],
  later: [map(async (n: number) => (await undefined, n + 2)), (items) => items.map((n) => n + 2)],
  sometimesLater: [
    map((n: number) => n % 2 ? Promise.resolve(n) : n),
    (items) => items,
  ],
  filter: [filter((n: number) => n % 3 > 0), (items) => items.filter((n) => n % 3 > 0)],
  filterLater: [
    filter((n: number) => n % 2 ? Promise.resolve(n % 5 > 0) : n % 5 > 0),
    (items) => items.filter((n) => n % 5 > 0),
  ],
  take: [take(7), (items) => items.slice(0, 7)],
  skip: [skip(2), (items) => items.slice(2)],
  prefetch: [prefetch(2), (items) => items],
  foreign: [async function* (source) {
    for await (const n of source) yield n;
  }, (items) => items],
} satisfies Record<string, readonly [Numbers, (items: number[]) => number[]]>;

const names = Object.keys(stages) as (keyof typeof stages)[];
const chains = fc.array(fc.constantFrom(...names), { maxLength: 6 });

Deno.test("stages of any kind give the same however they are joined", async () => {
  await fc.assert(
    fc.asyncProperty(chains, fc.integer({ min: 0, max: 20 }), async (chain, length) => {
      for (const source of [indexed(range(length)), counting(range(length))]) {
        let outputs: AsyncIterable<number> = source;
        let expected = range(length);
        for (const name of chain) {
          const [stage, reference]: readonly [Numbers, (items: number[]) => number[]] =
            stages[name];
          outputs = stage(outputs);
          expected = reference(expected);
        }
        assertEquals(await collect(outputs), expected);
      }
    }),
  );
});

Deno.test("a chain of stages closes its source once, whichever of them ends it", async () => {
  const failure = new Error("no");
  await fc.assert(fc.asyncProperty(chains, chains, async (before, after) => {
    const through = (chain: typeof before, source: AsyncIterable<number>) =>
      chain.filter((name) => name !== "take" && name !== "skip" && !name.startsWith("filter"))
        .reduce((source, name) => (stages[name][0] as Numbers)(source), source);

    const taken = counting(range(20));
    await drain(through(after, take(3)(through(before, taken))));
    assertEquals(taken.closed, 1);

    const failed = counting(range(20));
    let calls = 0;
    const failing = map((n: number) => {
      if (calls++ === 4) throw failure;
      return n;
    })(through(before, failed));
    const error = await assertRejects(() => drain(through(after, failing)), StageError);
    assertEquals([error.stage, error.position, error.cause], ["map", 4, failure]);
    assertEquals(failed.closed, 1);

    const left = counting(range(20));
    for await (const _ of through(after, through(before, left))) break;
    assertEquals(left.closed, 1);
  }));
});

Deno.test("a chain of stages pulls an item when one is asked for", async () => {
  const source = counting(range(9));
  const chain = map((n: number) => n)(
    filter((n: number) => n % 2 === 1)(tap<number>(() => {})(source)),
  );
  const outputs = chain[Symbol.asyncIterator]();
  for (const [n, pulled] of [[1, 2], [3, 4], [5, 6]]) {
    assertEquals((await outputs.next()).value, n);
    await settled();
    assertEquals(source.pulled, pulled);
  }
  await outputs.return!();
  assertEquals(source.closed, 1);
});

Deno.test("prefetch() ends what is on its way, and closes its source, when it is closed", async () => {
  const source = counting(range(9));
  const outputs = prefetch(3)(map((n: number) => Promise.resolve(n))(source))
    [Symbol.asyncIterator]();
  await outputs.next();
  await outputs.return!();
  await settled();
  const { pulled } = source;
  await settled();
  assertEquals([source.pulled, source.closed], [pulled, 1]);
});

Deno.test("prefetch() lets its consumer go first", async () => {
  const order: string[] = [];
  const source = tap((n: number) => order.push(`made ${n}`))(indexed(range(3)));
  for await (const n of prefetch(1)(source)) {
    order.push(`got ${n}`);
    await settled();
  }
  assertEquals(order.slice(0, 3), ["made 0", "got 0", "made 1"]);
});

/** Images of some sizes, of bytes. */
const images = fc.array(
  fc.record({
    height: fc.integer({ min: 1, max: 6 }),
    width: fc.integer({ min: 1, max: 6 }),
    seed: fc.integer({ min: 1, max: 255 }),
  }),
  { minLength: 1, maxLength: 9 },
).map((sizes) =>
  sizes.map(({ height, width, seed }, label): Example<Bytes> => ({
    image: {
      data: new Uint8Array(height * width).map((_, i) => i * seed),
      height,
      width,
      channels: 1,
    },
    label,
  }))
);

/** A stage that keeps neighbours apart. */
async function* apart<T>(source: AsyncIterable<T>): AsyncGenerator<T> {
  for await (const item of source) yield structuredClone(item);
}

Deno.test("images come out the same, whether a stage writes them where the next wants them or not", async () => {
  const small = resize({ height: 3, width: 4 });
  const large = resize({ height: 7, width: 5 });
  const toFloats = normalize({ mean: 0.25, std: 0.5 });
  const flip = flipHorizontal({ seed: 1, epoch: 0 });
  await fc.assert(
    fc.asyncProperty(images, fc.integer({ min: 1, max: 4 }), async (examples, size) => {
      const source = indexed(examples);
      const before = structuredClone(examples);
      const pairs: [AsyncIterable<Batch>, AsyncIterable<Batch>][] = [
        [batch(size)(small(source)), batch(size)(apart(small(source)))],
        [batch(size)(large(small(source))), batch(size)(apart(large(apart(small(source)))))],
        [batch(size)(small(small(source))), batch(size)(apart(small(source)))],
        [
          batch(size)(toFloats(small(source))),
          batch(size)(apart(toFloats(apart(small(source))))),
        ],
        [
          batch(size)(toFloats(large(small(source)))),
          batch(size)(apart(toFloats(apart(large(apart(small(source))))))),
        ],
        [
          batch(size)(toFloat()(small(source))),
          batch(size)(apart(toFloat()(apart(small(source))))),
        ],
        [
          // Half of them are passed on as they are.
          batch(size)(toFloats(flip(small(flip(small(source)))))),
          batch(size)(apart(toFloats(apart(flip(apart(flip(apart(small(source))))))))),
        ],
        [
          batch(size)(large(flip(source))),
          batch(size)(apart(large(apart(flip(source))))),
        ],
        [
          batch(size)(toFloat()(toFloats(small(source)))),
          batch(size)(toFloats(apart(small(source)))),
        ],
      ];
      for (const [joined, separate] of pairs) {
        assertEquals(await collect(joined), await collect(separate));
      }
      assertEquals(examples, before);
    }),
  );
});

Deno.test("images that are passed on as they are stay as they are, and so do those that come next", async () => {
  const flip = flipHorizontal({ seed: 1, epoch: 0 });
  const small = resize({ height: 3, width: 4 });
  await fc.assert(
    fc.asyncProperty(images, async (examples) => {
      const source = indexed(examples);
      const joined = await collect(small(flip(flip(small(source)))));
      assertEquals(joined, await collect(apart(flip(apart(flip(apart(small(source))))))));
    }),
  );
});

Deno.test("images that nobody takes over have arrays of their own", async () => {
  const examples = range(3).map((label): Example<Bytes> => ({
    image: { data: new Uint8Array(4).fill(label), height: 2, width: 2, channels: 1 },
    label,
  }));
  const size = resize({ height: 3, width: 3 });
  for (const stage of [size, normalize(), toFloat()] as Stage<Example, Example>[]) {
    const outputs = await collect(stage(size(indexed(examples))));
    assertEquals(new Set(outputs.map(({ image }) => image.data.buffer)).size, 3);
    assert(outputs.every(({ image }) => image.data.byteLength === image.data.buffer.byteLength));
  }
});

Deno.test("batch() refuses an image of another size also where it was written to its place", async () => {
  const sized = map((example: Example<Bytes>) => example)(indexed([
    { image: { data: new Uint8Array(4), height: 2, width: 2, channels: 1 }, label: 0 },
    { image: { data: new Uint8Array(6), height: 2, width: 3, channels: 1 }, label: 1 },
  ]));
  const error = await assertRejects(() => drain(batch(2)(normalize()(sized))), StageError);
  assertEquals(
    error.message,
    "Cannot batch item 1: the image is 2 × 3 × 1 float32 where the batch's first is 2 × 2 × 1 float32",
  );
});
