import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { collect, drain, map, StageError } from "@rill/rill/pipelines";
import { counting, range, settled, testStage } from "../_helpers.ts";

const input = [3, 1, 2, 0];

testStage({
  name: "map()",
  stage: map((n: number) => n * 10),
  input,
  output: [30, 10, 20, 0],
  pulled: (given) => given,
});

testStage({
  name: "map() with promises",
  stage: map((n: number) => Promise.resolve(n * 10)),
  input,
  output: [30, 10, 20, 0],
  pulled: (given) => given,
});

Deno.test("map() gives the function the position, from 0 at every use", async () => {
  const positions = map((_: string, index) => index);
  assertEquals(await collect(positions(counting("abc"))), [0, 1, 2]);
  assertEquals(await collect(positions(counting("abc"))), [0, 1, 2]);
});

Deno.test("map() awaits one promise before it pulls the next item", async () => {
  const log: string[] = [];
  const slow = map(async (n: number) => {
    log.push(`begin ${n}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
    log.push(`end ${n}`);
  });
  await drain(slow(counting([0, 1])));
  assertEquals(log, ["begin 0", "end 0", "begin 1", "end 1"]);
});

for (const [kind, fail] of [["thrown", false], ["rejected", true]] as const) {
  Deno.test(`map() names the item of a ${kind} error and closes its source`, async () => {
    const cause = new TypeError("no good");
    const picky = map((n: number): number | Promise<number> => {
      if (n !== 2) return n;
      if (fail) return Promise.reject(cause);
      throw cause;
    });
    const source = counting(input);
    const error = await assertRejects(
      () => drain(picky(source)),
      StageError,
      "Cannot map item 2: no good",
    );
    assertEquals([error.name, error.stage, error.position], ["StageError", "map", 2]);
    assertStrictEquals(error.cause, cause);
    assertEquals(source.closed, 1);
  });
}

Deno.test("map() does not wrap a StageError from further up", async () => {
  const fails = map(() => {
    throw "something that is no Error";
  });
  const through = map((x: never) => x)(fails(counting([0])));
  const error = await assertRejects(() => drain(through), StageError);
  assertEquals(error.message, "Cannot map item 0: something that is no Error");
});

Deno.test("map() passes on items that are undefined or null", async () => {
  const items = map((x: null | undefined) => x)(counting([undefined, null]));
  assertEquals(await collect(items), [undefined, null]);
});

for (const ordered of [true, false]) {
  const name = ordered ? "map() three at a time" : "map() three at a time as they finish";

  testStage({
    name,
    stage: map((n: number) => Promise.resolve(n * 10), { concurrency: 3, ordered }),
    input: [3, 1, 2, 0, 4],
    output: [30, 10, 20, 0, 40],
    pulled: (given) => given + 2,
  });

  Deno.test(`${name} works on that many, and no more`, async () => {
    let running = 0;
    let most = 0;
    const slow = map(async (n: number) => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, n % 3 === 0 ? 9 : 0));
      running--;
      return n;
    }, { concurrency: 3, ordered });
    const items = await collect(slow(counting(range(20))));
    assertEquals(items.toSorted((a, b) => a - b), range(20));
    if (ordered) assertEquals(items, range(20));
    else assert(items.some((n, i) => n !== i));
    assertEquals(most, 3);
  });

  Deno.test(`${name} pulls one item at a time`, async () => {
    let underWay = 0;
    let left = 5;
    const source: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({
        async next() {
          assertEquals(++underWay, 1);
          await settled();
          underWay--;
          return left-- > 0 ? { done: false, value: left } : { done: true, value: undefined };
        },
      }),
    };
    assertEquals(await collect(map((n: number) => n, { concurrency: 3, ordered })(source)), [
      4,
      3,
      2,
      1,
      0,
    ]);
  });

  Deno.test(`${name} names the item of an error and closes its source`, async () => {
    const cause = new TypeError("no good");
    for (const later of [false, true]) {
      const source = counting(range(50));
      const picky = map((n: number): number | Promise<number> => {
        if (n !== 2) return n;
        if (later) return Promise.reject(cause);
        throw cause;
      }, { concurrency: 3, ordered });
      const error = await assertRejects(
        () => drain(picky(source)),
        StageError,
        "Cannot map item 2: no good",
      );
      assertEquals([error.stage, error.position, source.closed], ["map", 2, 1]);
      assertStrictEquals(error.cause, cause);
      await settled();
      assert(source.pulled < 9);
    }
  });

  Deno.test(`${name} lets failures go that nobody waits for`, async () => {
    const fails = map((n: number) => n === 0 ? n : Promise.reject(new Error("no good")), {
      concurrency: 3,
      ordered,
    });
    for await (const _ of fails(counting(range(9), new Error("the source failed")))) break;
    await settled();
  });
}

Deno.test("map() several at a time gives the outputs before an error first", async () => {
  const fails = map((n: number) => {
    if (n === 2) throw new Error("no good");
    return new Promise<number>((resolve) => setTimeout(() => resolve(n), 2));
  }, { concurrency: 4 });
  const seen: number[] = [];
  await assertRejects(async () => {
    for await (const n of fails(counting(range(9)))) seen.push(n);
  }, StageError);
  assertEquals(seen, [0, 1]);
});

Deno.test("map() as they finish lets a slow item be overtaken", async () => {
  let finish = (_: string) => {};
  const slow = new Promise<string>((resolve) => finish = resolve);
  const items = map((n: number) => n === 0 ? slow : `${n}`, { concurrency: 2, ordered: false })(
    counting(range(4)),
  )[Symbol.asyncIterator]();
  assertEquals((await items.next()).value, "1");
  assertEquals((await items.next()).value, "2");
  finish("0");
  assertEquals((await items.next()).value, "0");
  assertEquals((await items.next()).value, "3");
  assert((await items.next()).done);
});

Deno.test("map() gives the same whatever the concurrency", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(5)),
      fc.integer({ min: 1, max: 9 }),
      async (items, concurrency) => {
        const fn = async (n: number, index: number) => {
          for (let i = 0; i < n; i++) await Promise.resolve();
          return `${index}: ${n}`;
        };
        const expected = items.map((n, index) => `${index}: ${n}`);
        assertEquals(await collect(map(fn, { concurrency })(counting(items))), expected);
        const any = await collect(map(fn, { concurrency, ordered: false })(counting(items)));
        assertEquals(any.toSorted(), expected.toSorted());
      },
    ),
  );
});

Deno.test("map() refuses a concurrency that is none", () => {
  for (const concurrency of [0, -1, 1.5, NaN, Infinity]) {
    assertThrows(
      () => map((n: number) => n, { concurrency }),
      RangeError,
      `Cannot map ${concurrency} items at a time: the concurrency must be an integer of at`,
    );
  }
});
