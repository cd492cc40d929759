import { assert, assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import {
  type Batch,
  collect,
  drain,
  type MixedBatch,
  mixup,
  type MixupOptions,
  readIndexed,
  resumeFrom,
  StageError,
  unbatch,
  withPosition,
} from "@rill/rill/pipelines";
import { byteImage, type Bytes, type Floats } from "../_augment.ts";
import { getOnly } from "../../_get_only.ts";
import { chiSquare, counting, range, testStage } from "../../_helpers.ts";

/** A batch of images of 2 × 3 pixels, whose labels count on from `first`. */
function batchOf(size: number, first = 0): Batch<Bytes> {
  const images = range(size).map((i) => byteImage(2, 3, 1, first + i).data);
  return {
    images: { data: Uint8Array.from(images.flatMap((data) => [...data])), shape: [size, 2, 3, 1] },
    labels: Int32Array.from(range(size), (i) => first + i),
    size,
  };
}
const batches = range(4).map((i) => batchOf(5 - i, 10 * i));
const options = { alpha: 0.4, seed: 3, epoch: 2 };
/** What is said of the images themselves, and of what is mixed into them. */
const takeFirst = (pairs: ArrayLike<number>) => Array.from(pairs).filter((_, at) => at % 2 === 0);
const takeSecond = (pairs: ArrayLike<number>) => Array.from(pairs).filter((_, at) => at % 2 === 1);
const mixed = (options: MixupOptions, inputs = batches) =>
  collect(mixup(options)(counting(inputs)));

testStage<Batch<Bytes>, MixedBatch<Bytes>>({
  name: "mixup()",
  stage: mixup(options),
  input: batches,
  output: await mixed(options),
  pulled: (given) => given,
});

Deno.test("mixup() mixes images and says which and how much", async () => {
  const inputs = range(40).map((i) => batchOf(6, 6 * i));
  for (
    const [b, { images, mixedLabels, shares, size }] of (await mixed(options, inputs)).entries()
  ) {
    const { data } = inputs[b]!.images;
    assertEquals([mixedLabels.shape, shares.shape], [[6, 2], [6, 2]]);
    const [labels, partners] = [takeFirst(mixedLabels.data), takeSecond(mixedLabels.data)];
    const weights = takeFirst(shares.data);
    assertEquals(takeSecond(shares.data), weights.map((share) => 1 - share));
    assertEquals(images.shape, [6, 2, 3, 1]);
    assertEquals(labels, [...inputs[b]!.labels]);
    assertEquals(partners.toSorted(), labels.toSorted());
    for (let i = 0; i < size; i++) {
      assert(weights[i]! >= 0 && weights[i]! <= 1 && Number.isInteger(weights[i]! * 2 ** 16));
      const own = data.subarray(6 * i, 6 * i + 6);
      const partner = partners[i]! - 6 * b;
      const other = data.subarray(6 * partner, 6 * partner + 6);
      const expected = own.map((x, p) =>
        Math.floor(x * weights[i]! + other[p]! * (1 - weights[i]!) + 0.5)
      );
      assertEquals(images.data.slice(6 * i, 6 * i + 6), expected);
    }
  }
});

Deno.test("mixup() mixes floats in the same shares", async () => {
  const bytes = batchOf(5);
  const floats: Batch<Floats> = {
    ...bytes,
    images: { ...bytes.images, data: Float32Array.from(bytes.images.data) },
  };
  const ofBytes = getOnly(await mixed(options, [bytes]));
  const ofFloats = getOnly(await collect(mixup(options)(counting([floats]))));
  assertEquals(ofFloats.shares, ofBytes.shares);
  assertEquals(ofFloats.mixedLabels, ofBytes.mixedLabels);
  ofFloats.images.data.forEach((x, i) => assert(Math.abs(x - ofBytes.images.data[i]!) <= 0.5001));
});

Deno.test("mixup() draws weights of the beta distribution", async () => {
  const inputs = range(40).map(() => batchOf(100));
  for (const alpha of [0.001, 0.2, 1, 5, 1000]) {
    const all = await mixed({ alpha, seed: 4 }, inputs);
    const weights = all.flatMap(({ shares }) => takeFirst(shares.data));
    const variance = 1 / (4 * (2 * alpha + 1));
    const mean = weights.reduce((a, b) => a + b) / weights.length;
    assert(Math.abs(mean - 0.5) < 4 * Math.sqrt(variance / weights.length));
    const found = weights.reduce((sum, x) => sum + (x - 0.5) ** 2, 0) / weights.length;
    assert(Math.abs(found / variance - 1) < 4 * Math.sqrt(2 / weights.length));
    if (alpha === 1) {
      // 9 degrees of freedom: above 28 is a chance of one in a thousand.
      assert(chiSquare(weights.map((x) => `${Math.min(Math.floor(10 * x), 9)}`), 10) < 28);
    }
  }
});

Deno.test("mixup() takes every permutation of a batch equally often", async () => {
  const all = await mixed({ alpha: 1, seed: 0 }, range(2400).map(() => batchOf(4)));
  // 23 degrees of freedom: above 50 is a chance of one in a thousand.
  assert(chiSquare(all.map(({ mixedLabels }) => takeSecond(mixedLabels.data).join()), 24) < 50);
});

Deno.test("mixup() does the same for the same seed and epoch, another for others", async () => {
  const expected = await mixed(options);
  assertEquals(await mixed(options), expected);
  assertNotEquals(await mixed({ ...options, seed: 4 }), expected);
  assertNotEquals(await mixed({ ...options, epoch: 3 }), expected);
  const changed = [batchOf(2), ...batches.slice(1)];
  assertEquals((await mixed(options, changed)).slice(1), expected.slice(1));
});

Deno.test("mixup() goes on after any batch as if it had never stopped", async () => {
  const source = { length: 4, get: (index: number) => batches[index]! };
  const outputs = mixup(options)(readIndexed()(source));
  const expected = await mixed(options);
  for (const [i, [output, position]] of (await collect(withPosition()(outputs))).entries()) {
    assertEquals(output, expected[i]);
    assertEquals(await collect(resumeFrom(position)(outputs)), expected.slice(i + 1));
  }
});

Deno.test("mixup() leaves its input alone", async () => {
  const before = structuredClone(batches);
  await mixed(options);
  assertEquals(batches, before);
});

// Part of the contract: whoever changes these breaks every run that is to be repeated or resumed.
Deno.test("mixup() keeps its mixtures from version to version", async () => {
  const facts = async (options: MixupOptions) => {
    const second = (await mixed(options, [batchOf(4), batchOf(4)])).slice(1);
    const { mixedLabels, shares } = getOnly(second);
    return [takeSecond(mixedLabels.data), takeFirst(shares.data).map((x) => x * 2 ** 16)];
  };
  assertEquals(await facts({ alpha: 0.2, seed: 0 }), [
    [1, 2, 0, 3],
    [25438, 65535, 2275, 598],
  ]);
  assertEquals(await facts({ alpha: 1, seed: 1, epoch: 5 }), [
    [2, 1, 0, 3],
    [14434, 20746, 29771, 35327],
  ]);
});

Deno.test("mixup() names the batch that it cannot mix and closes its source", async () => {
  const broken = { ...batchOf(3), labels: new Int32Array(2) };
  const source = counting([batchOf(2), batchOf(2), broken]);
  const error = await assertRejects(
    () => drain(mixup(options)(source)),
    StageError,
    "Cannot mix item 2: the batch of 3 is 3 × 2 × 3 × 1 and has 18 samples and 2 labels",
  );
  assertEquals([error.stage, error.position, source.closed], ["mix", 2, 1]);
});

Deno.test("mixup() refuses bad options when it is called", () => {
  for (const bad of [0, -1, NaN, 1001]) {
    assertThrows(
      () => mixup({ alpha: bad, seed: 0 }),
      RangeError,
      `Cannot mix with an alpha of ${bad}: the alpha must be a number from 0.001 to 1000`,
    );
  }
  assertThrows(() => mixup({ alpha: 1, seed: -1 }), RangeError, "Cannot mix by seed -1: the seed");
  assertThrows(
    () => mixup({ alpha: 1, seed: 0, epoch: 0.5 }),
    RangeError,
    "Cannot mix for epoch 0.5: the epoch",
  );
});

Deno.test("a mixed batch is no batch of plain labels", async () => {
  const blends = mixup(options)(counting([batchOf(3)]));
  const message = "Cannot unbatch item 0: the batch has no labels";
  // @ts-expect-error An image of it has two labels.
  await assertRejects(() => drain(unbatch()(blends)), StageError, message);
});
