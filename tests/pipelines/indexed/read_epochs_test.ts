import { assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import {
  collect,
  drain,
  indexPermutation,
  readEpochs,
  readIndexed,
  StageError,
  take,
} from "@rill/rill/pipelines";
import { assertResumes, range, settled } from "../_helpers.ts";

const letters = { length: 6, get: (index: number) => "abcdef"[index] };

Deno.test("readEpochs() reads epoch after epoch in the orders of readIndexed()", async () => {
  for (const options of [{}, { seed: 0 }, { seed: 5 }, { seed: 5, shuffle: false }]) {
    const epochs = await Promise.all(
      range(3).map((epoch) => collect(readIndexed({ ...options, epoch })(letters))),
    );
    assertEquals(await collect(readEpochs({ ...options, epochs: 3 })(letters)), epochs.flat());
  }
  const items = await collect(readEpochs({ seed: 5, epochs: 2 })(letters));
  assertNotEquals(items.slice(0, 6), items.slice(6));
});

Deno.test("readEpochs() goes on for ever where there is no number", async () => {
  assertEquals((await collect(take(1000)(readEpochs()(letters)))).length, 1000);
});

Deno.test("readEpochs() gives nothing of nothing", async () => {
  assertEquals(await collect(readEpochs({ seed: 1 })({ length: 0, get: () => 1 })), []);
  assertEquals(await collect(readEpochs({ epochs: 0 })(letters)), []);
});

Deno.test("readEpochs() starts anywhere", async () => {
  const options = { seed: 2, epochs: 3 };
  const all = await collect(readEpochs(options)(letters));
  for (const epoch of range(4)) {
    for (const index of range(7)) {
      assertEquals(
        await collect(readEpochs({ ...options, from: { epoch, index } })(letters)),
        all.slice(6 * epoch + index),
      );
    }
  }
});

Deno.test("readEpochs() resumes at every position", async () => {
  for (const from of [{ epoch: 0, index: 0 }, { epoch: 1, index: 4 }]) {
    await assertResumes(() => readEpochs({ seed: 3, epochs: 4, from })(letters));
  }
});

Deno.test("readEpochs() reads only when pulled from, one item at a time", async () => {
  const asked: number[] = [];
  const source = { length: 5, get: (index: number) => asked.push(index) };
  const items = readEpochs()(source)[Symbol.asyncIterator]();
  await settled();
  assertEquals(asked, []);
  for (const _ of range(7)) await items.next();
  await settled();
  assertEquals(asked, [0, 1, 2, 3, 4, 0, 1]);
  await items.return!();
  assertEquals(await items.next(), { done: true, value: undefined });
});

Deno.test("readEpochs() names the position of an error in its epoch", async () => {
  const order = indexPermutation(9, { seed: 2, epoch: 1 });
  let reads = 0;
  const picky = {
    length: 9,
    get(index: number) {
      if (reads++ > 9 && index === 4) throw new Error("the disk is gone");
      return index;
    },
  };
  const position = range(9).find((p) => order(p) === 4)!;
  await assertRejects(
    () => drain(readEpochs({ seed: 2 })(picky)),
    StageError,
    `Cannot read item ${position}: the disk is gone`,
  );
});

Deno.test("readEpochs() refuses bad options", () => {
  const whole = "must be an integer";
  for (
    const [options, message] of [
      [{ epochs: -1 }, `Cannot read -1 epochs: the number ${whole} of at least 0`],
      [{ epochs: 1.5 }, `Cannot read 1.5 epochs: the number ${whole} of at least 0`],
      [{ seed: -1 }, "Cannot permute indices by seed -1: "],
      [{ from: { epoch: -1, index: 0 } }, `Cannot read from epoch -1: the epoch ${whole}`],
      [
        { from: { epoch: 0, index: 7 } },
        `Cannot read items 7 to 6 of 6: the start ${whole} from 0 to 6`,
      ],
      [{ from: { epoch: 0, index: NaN } }, "Cannot read items NaN to 6 of 6"],
    ] as const
  ) {
    assertThrows(() => readEpochs(options)(letters), RangeError, message);
  }
});
