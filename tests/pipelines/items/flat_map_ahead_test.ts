import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  collect,
  drain,
  flatMap,
  map,
  prefetch,
  StageError,
  take,
  tap,
} from "@rill/rill/pipelines";
import {
  assertResumes,
  counting,
  type CountingSource,
  indexed,
  range,
  settled,
  testStage,
} from "../_helpers.ts";

const input = [2, 0, 1, 3];
const output = ["2.0", "2.1", "1.0", "3.0", "3.1", "3.2"];
const parts = (n: number): string[] => range(n).map((i) => `${n}.${i}`);

for (
  const [what, fn] of [
    ["arrays", parts],
    ["promises of arrays", (n: number) => Promise.resolve(parts(n))],
    ["generators", function* (n: number) {
      yield* parts(n);
    }],
    ["streams", (n: number) => counting(parts(n))],
    ["resumable streams", (n: number) => indexed(parts(n))],
    ["promises of streams", (n: number) => Promise.resolve(ReadableStream.from(parts(n)))],
  ] as const
) {
  for (const concurrency of [2, 3, 9]) {
    testStage<number, string>({
      name: `flatMap() of ${what}, ${concurrency} at a time`,
      stage: flatMap(fn, { concurrency }),
      input,
      output,
      pulled: (given) => Math.min(4, concurrency + (given <= 2 ? 0 : given <= 3 ? 2 : 3)),
    });
  }
}

/** A promise that is kept from outside. */
function makeGate(): { readonly passed: Promise<void>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { passed: promise, open: resolve };
}

Deno.test("flatMap() opens what comes next while one is given, and no more than it may", async () => {
  const opened: number[] = [];
  const pulled: string[] = [];
  const items = flatMap(async function* (n: number) {
    opened.push(n);
    for (const i of range(3)) {
      pulled.push(`${n}.${i}`);
      yield `${n}.${i}`;
    }
  }, { concurrency: 3 })(counting(range(9)))[Symbol.asyncIterator]();
  assertEquals(opened, []);
  assertEquals((await items.next()).value, "0.0");
  await settled();
  assertEquals(opened, [0, 1, 2]);
  // Of each stream that is ahead there is one output.
  assertEquals(pulled.toSorted(), ["0.0", "1.0", "2.0"]);
  for (const _ of range(2)) await items.next();
  await settled();
  assertEquals(opened, [0, 1, 2]);
  assertEquals((await items.next()).value, "1.0");
  await settled();
  assertEquals(opened, [0, 1, 2, 3]);
  assertEquals(pulled.length, 3 + 1 + 1 + 1);
  await items.return!();
  await settled();
  assertEquals(opened, [0, 1, 2, 3]);
});

Deno.test("flatMap() waits for several at the same time", async () => {
  const gates = range(3).map(makeGate);
  const waiting: number[] = [];
  const items = collect(
    flatMap(async (n: number) => {
      waiting.push(n);
      await gates[n]!.passed;
      return [n];
    }, { concurrency: 3 })(counting(range(3))),
  );
  await settled();
  assertEquals(waiting, [0, 1, 2]);
  // Whichever is first, the order stays.
  for (const n of [2, 0, 1]) gates[n]!.open();
  assertEquals(await items, [0, 1, 2]);
});

Deno.test("flatMap() gives the same items and positions for any concurrency", async () => {
  const counts = fc.array(fc.nat(4), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(counts, fc.integer({ min: 2, max: 5 }), async (counts, concurrency) => {
      const build = (options = {}) => flatMap((n: number) => indexed(parts(n)), options);
      assertEquals(
        await assertResumes(() => build({ concurrency })(indexed(counts))),
        await assertResumes(() => build()(indexed(counts))),
      );
    }),
    { numRuns: 30 },
  );
});

Deno.test("flatMap() goes on with one concurrency where another stopped", async () => {
  const build = (concurrency: number) =>
    flatMap((n: number) => indexed(parts(n)), { concurrency })(indexed([3, 0, 2, 4]));
  let next = 0;
  await assertResumes(() => build([1, 3, 2, 9][next++ % 4]!));
  const arrays = (concurrency: number) => flatMap(parts, { concurrency })(indexed([3, 0, 2, 4]));
  await assertResumes(() => arrays([1, 3, 2, 9][next++ % 4]!));
});

Deno.test("flatMap() closes all that it has opened, and its source", async () => {
  const streams: CountingSource<number>[] = [];
  const source = counting(range(9));
  const open = (n: number) => {
    const stream = counting([n, n, n]);
    streams.push(stream);
    return stream;
  };
  for await (const _ of flatMap(open, { concurrency: 4 })(source)) {
    await settled();
    break;
  }
  assertEquals(streams.map(({ closed }) => closed), [1, 1, 1, 1]);
  assertEquals([source.pulled, source.closed], [4, 1]);
  // What has ended is not closed again.
  streams.length = 0;
  await drain(take(4)(tap(settled)(flatMap(open, { concurrency: 2 })(counting(range(9))))));
  assertEquals(streams.map(({ closed }) => closed), [0, 1, 1]);
});

Deno.test("flatMap() closes what is opened only after it was closed, without waiting for it", async () => {
  const gate = makeGate();
  const late = counting(range(3));
  const source = counting(range(9));
  const items = flatMap(async (n: number) => {
    if (n === 0) return [n, n];
    await gate.passed;
    return late;
  }, { concurrency: 2 })(source)[Symbol.asyncIterator]();
  await items.next();
  await items.return!();
  assertEquals([late.closed, source.closed], [0, 1]);
  gate.open();
  await settled();
  assertEquals([late.pulled, late.closed, source.pulled], [0, 1, 2]);
});

const cause = new TypeError("no good");

for (
  const [what, fn] of [
    ["the function", (n: number): number[] => {
      if (n === 2) throw cause;
      return [n];
    }],
    ["a promise", (n: number) => n === 2 ? Promise.reject(cause) : Promise.resolve([n])],
    ["a generator", function* (n: number) {
      if (n === 2) throw cause;
      yield n;
    }],
    ["a stream", (n: number) => counting(n === 2 ? [] : [n], n === 2 ? cause : undefined)],
  ] as const
) {
  Deno.test(`flatMap() reports an error of ${what} in its turn, and closes all`, async () => {
    const source = counting(range(9));
    const given: number[] = [];
    const ahead = counting([7, 7]);
    const all = flatMap<number, number>((n) => n === 3 ? ahead : fn(n), { concurrency: 3 })(source);
    const error = await assertRejects(
      async () => {
        for await (const item of all) given.push(item);
      },
      StageError,
      "Cannot flatMap item 2: no good",
    );
    assertEquals([error.stage, error.position], ["flatMap", 2]);
    assertStrictEquals(error.cause, cause);
    assertEquals(given, [0, 1]);
    assertEquals([source.closed, ahead.closed], [1, 1]);
  });
}

Deno.test("flatMap() reports an error of the source after what came before it", async () => {
  const given: number[] = [];
  const all = flatMap((n: number) => [n, n], { concurrency: 4 })(counting(range(2), cause));
  const error = await assertRejects(async () => {
    for await (const item of all) given.push(item);
  });
  assertStrictEquals(error, cause);
  assertEquals(given, [0, 0, 1, 1]);
});

Deno.test("flatMap() leaves errors of what nobody comes to alone", async () => {
  const open = (n: number) => counting([n], n > 0 ? cause : undefined);
  const later = (n: number) => n > 0 ? Promise.reject(cause) : Promise.resolve([n]);
  for (const fn of [open, later]) {
    const items = flatMap<number, number>(fn, { concurrency: 5 })(counting(range(5)));
    assertEquals(await collect(take(1)(items)), [0]);
    await settled();
  }
});

Deno.test("flatMap() takes an error of its consumer for no item's, several at a time too", async () => {
  const items = flatMap((n: number) => [n], { concurrency: 2 })(counting([1, 2]))
    [Symbol.asyncIterator]();
  await items.next();
  assertStrictEquals(await assertRejects(() => items.throw!(cause)), cause);
});

Deno.test("flatMap() reads streams ahead with prefetch() in it", async () => {
  const streams: CountingSource<number>[] = [];
  const shards = flatMap((n: number) => {
    const stream = counting(range(9).map((i) => 10 * n + i));
    streams.push(stream);
    return prefetch(4)(stream);
  }, { concurrency: 3 });
  const items = map((n: number) => n)(shards(counting(range(5))))[Symbol.asyncIterator]();
  await items.next();
  await settled();
  assertEquals(streams.map(({ pulled }) => pulled), [5, 5, 5]);
  await items.return!();
  assertEquals(streams.map(({ closed }) => closed), [1, 1, 1]);
});

Deno.test("flatMap() holds up to as many as it may in a thousand", async () => {
  let open = 0;
  let most = 0;
  const stage = flatMap(async function* (n: number) {
    most = Math.max(most, ++open);
    try {
      yield n;
      await settled();
      yield n;
    } finally {
      open--;
    }
  }, { concurrency: 4 });
  await drain(stage(counting(range(200))));
  assertEquals(open, 0);
  assert(most <= 4, `${most} were open`);
});

Deno.test("flatMap() refuses an invalid concurrency", () => {
  for (const concurrency of [0, -1, 1.5, NaN, Infinity]) {
    assertThrows(
      () => flatMap((n: number) => [n], { concurrency }),
      RangeError,
      `Cannot flatMap ${concurrency} items at a time: the concurrency must be an integer`,
    );
  }
});
