import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { collect, shard } from "@rill/rill/pipelines";
import { counting, range, testStage } from "../_helpers.ts";

testStage({
  name: "shard()",
  stage: shard(1, 3)<number>,
  input: range(12),
  output: [1, 4, 7, 10],
  pulled: (given) => 3 * given - 1,
});

testStage({
  name: "shard() of one",
  stage: shard(0, 1)<number>,
  input: range(3),
  output: range(3),
  pulled: (given) => given,
});

Deno.test("shard() gives each item to one of the shares", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(30), fc.integer({ min: 1, max: 6 }), async (length, count) => {
      const shares = await Promise.all(
        range(count).map((index) => collect(shard(index, count)(counting(range(length))))),
      );
      assertEquals(shares.flat().toSorted((a, b) => a - b), range(length));
      shares.forEach((share, i) => share.forEach((n, j) => assertEquals(n, i + j * count)));
    }),
  );
});

Deno.test("shard() refuses a share that there cannot be", () => {
  const whole = "must be an integer";
  for (
    const [index, count, message] of [
      [0, 0, `Cannot take shard 0 of 0: the count ${whole} of at least 1`],
      [0, 1.5, `Cannot take shard 0 of 1.5: the count ${whole} of at least 1`],
      [2, 2, `Cannot take shard 2 of 2: the index ${whole} from 0 to 1`],
      [-1, 2, `Cannot take shard -1 of 2: the index ${whole} from 0 to 1`],
      [NaN, 2, `Cannot take shard NaN of 2: the index ${whole} from 0 to 1`],
    ] as const
  ) {
    assertThrows(() => shard(index, count), RangeError, message);
  }
});
