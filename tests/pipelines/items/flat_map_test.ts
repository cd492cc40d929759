import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { collect, drain, flatMap, map, readIndexed, StageError } from "@rill/rill/pipelines";
import { assertResumes, counting, indexed, nothing, range, testStage } from "../_helpers.ts";

const input = [2, 0, 1, 3];
const output = ["2.0", "2.1", "1.0", "3.0", "3.1", "3.2"];
const parts = (n: number): string[] => range(n).map((i) => `${n}.${i}`);
const pulled = (given: number) => given <= 2 ? 1 : given <= 3 ? 3 : 4;

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
  testStage<number, string>({
    name: `flatMap() of ${what}`,
    stage: flatMap(fn),
    input,
    output,
    pulled,
  });
}

Deno.test("flatMap() of one item each is map()", async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.nat()), async (items) => {
    assertEquals(
      await collect(flatMap((n: number, i) => [n + i])(counting(items))),
      await collect(map((n: number, i) => n + i)(counting(items))),
    );
  }));
});

Deno.test("flatMap() of flatMap() is flatMap() of both", async () => {
  const f = (n: number) => range(n % 4);
  const g = (n: number) => [n, n * 2].slice(n % 2);
  await fc.assert(fc.asyncProperty(fc.array(fc.nat()), async (items) => {
    assertEquals(
      await collect(flatMap(g)(flatMap(f)(counting(items)))),
      await collect(flatMap((n: number) => f(n).flatMap(g))(counting(items))),
    );
  }));
});

Deno.test("flatMap() takes strings apart", async () => {
  assertEquals(await collect(flatMap((text: string) => text)(counting(["ab", "", "c"]))), [
    ..."abc",
  ]);
});

Deno.test("flatMap() may make nothing of everything", async () => {
  assertEquals(await collect(flatMap(() => [])(counting(range(5)))), []);
  assertEquals(await collect(flatMap(() => nothing())(counting(range(5)))), []);
});

Deno.test("flatMap() closes what it is in, and its source", async () => {
  const inner = counting(range(5));
  const source = counting(range(3));
  for await (const _ of flatMap(() => inner)(source)) break;
  assertEquals([inner.pulled, inner.closed, source.pulled, source.closed], [1, 1, 1, 1]);
});

Deno.test("flatMap() resumes in a stream without reading again what came before", async () => {
  const asked: number[] = [];
  const inner = readIndexed()({
    length: 9,
    get: (index) => {
      asked.push(index);
      return index;
    },
  });
  const items = flatMap(() => inner)(indexed(["a"])) as AsyncIterable<number> & {
    iterateFrom(from?: unknown): AsyncIterator<number> & { position(): unknown };
  };
  const first = items.iterateFrom();
  for (const _ of range(5)) await first.next();
  const second = items.iterateFrom(first.position());
  assertEquals((await second.next()).value, 5);
  assertEquals(asked, [0, 1, 2, 3, 4, 5]);
});

Deno.test("flatMap() resumes streams in streams", async () => {
  const nested = () =>
    flatMap((n: number) => flatMap((m: number) => parts(m))(indexed(range(n))))(indexed([2, 0, 4]));
  assertEquals((await assertResumes(nested)).length, 7);
});

for (
  const [what, fn] of [
    ["the function", (n: number): number[] => {
      if (n === 2) throw cause;
      return [n];
    }],
    ["a promise", (n: number) => n === 2 ? Promise.reject(cause) : Promise.resolve([n])],
    ["a generator", function* (n: number) {
      yield n;
      if (n === 2) throw cause;
    }],
    ["a stream", (n: number) => counting([n], n === 2 ? cause : undefined)],
  ] as const
) {
  Deno.test(`flatMap() names the item of an error of ${what} and closes its source`, async () => {
    const source = counting(range(5));
    const error = await assertRejects(
      () => drain(flatMap<number, number>(fn)(source)),
      StageError,
      "Cannot flatMap item 2: no good",
    );
    assertEquals([error.stage, error.position, source.closed], ["flatMap", 2, 1]);
    assertStrictEquals(error.cause, cause);
  });
}
const cause = new TypeError("no good");

Deno.test("flatMap() takes an error of its consumer for no item's", async () => {
  const items = flatMap((n: number) => [n])(counting([1]))[Symbol.asyncIterator]();
  await items.next();
  assertStrictEquals(await assertRejects(() => items.throw!(cause)), cause);
});

Deno.test("flatMap() says which item's stream had the error, and where", async () => {
  const picky = map((n: number) => {
    if (n === 3) throw cause;
    return n;
  });
  const error = await assertRejects(
    () => drain(flatMap(() => picky(indexed(range(9))))(counting("ab"))),
    StageError,
    "Cannot flatMap item 0: Cannot map item 3: no good",
  );
  assert(error.cause instanceof StageError);
});
