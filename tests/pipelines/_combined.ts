import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { collect, drain } from "@rill/rill/pipelines";
import { counting, indexed, isResumable, range } from "./_helpers.ts";

/** Registers the tests of what everything that combines several sources promises. */
export function testCombined(
  name: string,
  combine: (sources: readonly AsyncIterable<number>[]) => AsyncIterable<number>,
): void {
  const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);

  Deno.test(`${name} closes all its sources when it is closed, begun or not`, async () => {
    for (const pulls of [0, 1, 3, 6]) {
      const sources = [counting(range(5)), counting(range(5)), counting(range(5))];
      const items = combine(sources)[Symbol.asyncIterator]();
      for (let i = 0; i < pulls; i++) await items.next();
      await items.return!();
      assertEquals(sum(sources.map(({ pulled }) => pulled)), pulls);
      // One that has ended by itself is not closed.
      for (const { pulled, closed } of sources) assert(closed === 1 || pulled === 5);
    }
  });

  Deno.test(`${name} closes the other sources when one fails`, async () => {
    const failure = new Error("the source failed");
    for (const bad of [0, 1, 2]) {
      const sources = range(3).map((i) => counting(range(4), i === bad ? failure : undefined));
      assertStrictEquals(await assertRejects(() => drain(combine(sources))), failure);
      for (const [i, { pulled, closed }] of sources.entries()) {
        assert(i === bad ? closed === 0 : closed === 1 || pulled === 4, `source ${i}`);
      }
    }
  });

  Deno.test(`${name} reports the failure, not what closing the others brings`, async () => {
    const failure = new Error("the source failed");
    const stubborn: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({
        next: () => Promise.resolve({ done: false, value: 0 }),
        return: () => Promise.reject(new Error("closing failed")),
      }),
    };
    const failing = counting<number>([], failure);
    assertStrictEquals(await assertRejects(() => collect(combine([failing, stubborn]))), failure);
    const items = combine([stubborn])[Symbol.asyncIterator]();
    await items.next();
    await assertRejects(() => items.return!(), Error, "closing failed");
  });

  Deno.test(`${name} has positions where all its sources have`, () => {
    assert(isResumable(combine([indexed([1]), indexed([2])])));
    assert(!isResumable(combine([indexed([1]), counting([2])])));
  });

  Deno.test(`${name} takes the sources as they are when it is called`, async () => {
    const sources = [counting([1]), counting([2])];
    const items = combine(sources);
    sources.length = 0;
    assertEquals((await collect(items)).toSorted(), [1, 2]);
  });
}
