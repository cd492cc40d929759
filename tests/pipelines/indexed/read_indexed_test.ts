import {
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { toTransformStream } from "@std/streams";
import {
  collect,
  drain,
  type IndexedSource,
  indexPermutation,
  map,
  readIndexed,
  StageError,
} from "@rill/rill/pipelines";
import { range, settled } from "../_helpers.ts";

const letters: IndexedSource<string> = { length: 6, get: (index) => "abcdef"[index]! };

/** A source of integers that keeps a list of what was asked of it. */
function logged(length: number): IndexedSource<number> & { asked: number[] } {
  const asked: number[] = [];
  return {
    length,
    asked,
    get(index) {
      asked.push(index);
      return index;
    },
  };
}

Deno.test("readIndexed() reads in the source's order", async () => {
  assertEquals(await collect(readIndexed()(letters)), [..."abcdef"]);
  assertEquals(await collect(readIndexed()({ length: 0, get: () => 1 })), []);
});

Deno.test("readIndexed() reads in the order of indexPermutation()", async () => {
  for (const [seed, epoch] of [[0, 0], [0, 1], [5, 0]] as const) {
    const order = indexPermutation(6, { seed, epoch });
    assertEquals(
      await collect(readIndexed({ seed, epoch })(letters)),
      range(6).map((position) => "abcdef"[order(position)]),
    );
  }
  assertEquals(
    await collect(readIndexed({ shuffle: true })(letters)),
    await collect(readIndexed({ seed: 0, epoch: 0 })(letters)),
  );
  assertEquals(await collect(readIndexed({ shuffle: false, seed: 5 })(letters)), [..."abcdef"]);
  assertNotEquals(await collect(readIndexed({ seed: 5 })(letters)), [..."abcdef"]);
});

Deno.test("readIndexed() reads any part of the order and nothing else", async () => {
  for (const options of [{}, { seed: 3, epoch: 2 }]) {
    const all = await collect(readIndexed(options)(logged(9)));
    for (const from of range(10)) {
      for (const to of range(10).slice(from)) {
        const source = logged(9);
        assertEquals(
          await collect(readIndexed({ ...options, from, to })(source)),
          all.slice(from, to),
        );
        assertEquals(source.asked, all.slice(from, to));
      }
    }
  }
});

Deno.test("readIndexed() starts at the end of billions at no cost", async () => {
  const source = logged(2 ** 32 - 1);
  await drain(readIndexed({ seed: 1, from: 2 ** 32 - 3 })(source));
  assertEquals(source.asked.length, 2);
});

Deno.test("readIndexed() reads anew at each iteration", async () => {
  const items = readIndexed({ seed: 1 })(letters);
  assertEquals(await collect(items), await collect(items));
});

Deno.test("readIndexed() reads only when pulled from, one item at a time", async () => {
  const source = logged(5);
  const items = readIndexed()(source)[Symbol.asyncIterator]();
  await settled();
  assertEquals(source.asked, []);
  await items.next();
  await items.next();
  await settled();
  assertEquals(source.asked, [0, 1]);
  await items.return!();
  assertEquals(await items.next(), { done: true, value: undefined });
  assertEquals(source.asked, [0, 1]);
});

Deno.test("readIndexed() awaits promises", async () => {
  const slow = { length: 3, get: (index: number) => Promise.resolve(index) };
  assertEquals(await collect(readIndexed()(slow)), [0, 1, 2]);
});

Deno.test("readIndexed() is a source for a web stream", async () => {
  const stream = ReadableStream.from(readIndexed()(letters))
    .pipeThrough(toTransformStream(map((letter: string) => letter.toUpperCase())));
  assertEquals(await collect(stream), [..."ABCDEF"]);
});

Deno.test("readIndexed() calls get() as a method", async () => {
  class Source {
    readonly length = 2;
    readonly #first = 10;
    get(index: number): number {
      return this.#first + index;
    }
  }
  assertEquals(await collect(readIndexed()(new Source())), [10, 11]);
});

Deno.test("readIndexed() names the position of an error", async () => {
  const cause = new Error("the disk is gone");
  for (
    const get of [() => Promise.reject(cause), () => {
      throw cause;
    }]
  ) {
    const picky: IndexedSource<number> = {
      length: 9,
      get: (index) => index === 4 ? get() : index,
    };
    const order = indexPermutation(9, { seed: 2 });
    const position = range(9).find((p) => order(p) === 4)!;
    const error = await assertRejects(
      () => drain(readIndexed({ seed: 2, from: 1 })(picky)),
      StageError,
      `Cannot read item ${position}: the disk is gone`,
    );
    assertEquals([error.stage, error.position], ["read", position]);
    assertStrictEquals(error.cause, cause);
  }
});

Deno.test("readIndexed() refuses bad options", () => {
  const start = "the start must be an integer from 0 to";
  const end = "the end must be an integer from 0 to 6";
  for (
    const [options, message] of [
      [{ from: -1 }, `Cannot read items -1 to 6 of 6: ${start} 6`],
      [{ from: 7 }, `Cannot read items 7 to 6 of 6: ${start} 6`],
      [{ from: 3, to: 2 }, `Cannot read items 3 to 2 of 6: ${start} 2`],
      [{ from: 0.5 }, `Cannot read items 0.5 to 6 of 6: ${start} 6`],
      [{ to: 7 }, `Cannot read items 0 to 7 of 6: ${end}`],
      [{ to: NaN }, `Cannot read items 0 to NaN of 6: ${end}`],
      [{ seed: -1 }, "Cannot permute indices by seed -1: "],
      [{ seed: 0, epoch: -1 }, "Cannot permute indices for epoch -1: "],
    ] as const
  ) {
    assertThrows(() => readIndexed(options)(letters), RangeError, message);
  }
});
