import { assertEquals, assertRejects } from "@std/assert";
import { pipe } from "fp-ts/lib/function.js";
import {
  collect,
  type IndexedSource,
  mapIndexed,
  readIndexed,
  StageError,
} from "@rill/rill/pipelines";
import { range } from "../_helpers.ts";

const letters: IndexedSource<string> = { length: 3, get: (index) => "abc"[index]! };

Deno.test("mapIndexed() gives the function's results", () => {
  const upper = pipe(letters, mapIndexed((letter, index) => `${index}${letter.toUpperCase()}`));
  assertEquals(upper.length, 3);
  assertEquals(range(3).map((index) => upper.get(index)), ["0A", "1B", "2C"]);
});

Deno.test("mapIndexed() awaits what it needs to", async () => {
  const slow = { length: 3, get: (index: number) => Promise.resolve(index) };
  const squares = pipe(slow, mapIndexed((n) => Promise.resolve(n * n)));
  assertEquals(await collect(readIndexed()(squares)), [0, 1, 4]);
});

Deno.test("mapIndexed() calls the function when it is asked, each time", async () => {
  let calls = 0;
  const counted = mapIndexed(() => ++calls)(letters);
  assertEquals(calls, 0);
  assertEquals([await counted.get(1), await counted.get(1)], [1, 2]);
});

Deno.test("mapIndexed() calls get() as a method, and follows the length", () => {
  class Source {
    length = 2;
    readonly #first = 10;
    get(index: number): number {
      return this.#first + index;
    }
  }
  const source = new Source();
  const mapped = pipe(source, mapIndexed((n) => n + 1));
  source.length = 5;
  assertEquals([mapped.length, mapped.get(4)], [5, 15]);
});

Deno.test("mapIndexed() lets errors go to who reads", async () => {
  const bad = mapIndexed(() => {
    throw new Error("no good");
  })(letters);
  await assertRejects(() => collect(readIndexed()(bad)), StageError, "Cannot read item 0: no good");
});
