import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  batch,
  collect,
  drain,
  interleave,
  map,
  readEpochs,
  readIndexed,
  repeat,
  shuffle,
  take,
  withPosition,
} from "@rill/rill/pipelines";
import { assertResumes, counting, indexed, nothing, range, testStage, tiny } from "../_helpers.ts";

testStage({
  name: "repeat(1)",
  stage: repeat(1)<number>,
  input: range(4),
  output: range(4),
  pulled: (given) => given,
});

const numbers = { length: 5, get: (index: number) => index };

Deno.test("repeat() gives the source as often as it says", async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.nat()), fc.nat(4), async (items, count) => {
    assertEquals(
      await collect(repeat(count)(counting(items))),
      range(count).flatMap(() => items),
    );
  }));
});

Deno.test("repeat() goes on for ever", async () => {
  assertEquals(await collect(take(7)(repeat(Infinity)(counting("abc")))), [..."abcabca"]);
});

Deno.test("repeat() makes a source for each epoch when it comes to it", async () => {
  const made: number[] = [];
  const epochs = repeat(3)((epoch: number) => {
    made.push(epoch);
    return counting(range(epoch + 1));
  });
  const items = epochs[Symbol.asyncIterator]();
  assertEquals(made, []);
  await items.next();
  assertEquals(made, [0]);
  await items.next();
  assertEquals(made, [0, 1]);
  assertEquals(await collect(epochs), [0, 0, 1, 0, 1, 2]);
});

Deno.test("repeat() of readIndexed() by epochs is readEpochs()", async () => {
  assertEquals(
    await collect(repeat(4)((epoch) => readIndexed({ seed: 9, epoch })(numbers))),
    await collect(readEpochs({ seed: 9, epochs: 4 })(numbers)),
  );
});

Deno.test("repeat() resumes in every epoch, whatever is in it", async () => {
  for (
    const build of [
      () => repeat(3)(indexed("abc".split(""))),
      () => repeat(3)((epoch) => readIndexed({ seed: 2, epoch })(numbers)),
      () => repeat(3)((epoch) => shuffle({ bufferSize: 3, seed: 2, epoch })(indexed(range(5)))),
      () => repeat(2)(batch(2)(map(tiny)(indexed(range(5))))),
      () => repeat(2)(repeat(2)(indexed(range(3)))),
    ] as (() => AsyncIterable<unknown>)[]
  ) {
    assert((await assertResumes(build)).length > 5);
  }
});

Deno.test("repeat() closes the epoch that it is in", async () => {
  const source = counting(range(3));
  await collect(take(5)(repeat(9)(source)));
  assertEquals([source.pulled, source.closed], [5, 1]);
});

Deno.test("repeat(0) gives nothing and closes its source", async () => {
  const source = counting(range(3));
  assertEquals(await collect(repeat(0)(source)), []);
  assertEquals([source.pulled, source.closed], [0, 1]);
});

Deno.test("repeat() ends with an epoch that gives nothing", async () => {
  assertEquals(await collect(repeat(Infinity)(nothing())), []);
  assertEquals(await collect(repeat(Infinity)(() => nothing())), []);
  assertEquals(
    await collect(repeat(Infinity)((epoch) => epoch < 2 ? counting([epoch]) : nothing())),
    [0, 1],
  );
});

Deno.test("repeat() ends with an epoch that gives nothing when it is resumed before that, too", async () => {
  // The first position is one before repeat() has given anything, as interleave() has begun with the other source.
  const build = () => interleave([indexed(["a", "b"]), repeat(3)(indexed<string>([]))]);
  assertEquals(await assertResumes(build), ["a", "b"]);
});

Deno.test("repeat() refuses a stream that can be iterated only once", async () => {
  const once = repeat(2)(ReadableStream.from([1]));
  const items = once[Symbol.asyncIterator]();
  assertEquals((await items.next()).value, 1);
  await assertRejects(() => items.next(), TypeError, "Cannot repeat the source: it gave nothing");
});

Deno.test("repeat() has no positions where an epoch has none", async () => {
  await assertRejects(
    () => drain(withPosition()(repeat(2)(() => counting([1])))),
    TypeError,
    "Cannot use positions in the pipeline",
  );
});

Deno.test("repeat() refuses a count that is no count", () => {
  for (const count of [-1, 1.5, NaN, -Infinity]) {
    assertThrows(
      () => repeat(count),
      RangeError,
      `Cannot repeat ${count} times: the count must be an integer of at least 0`,
    );
  }
});
