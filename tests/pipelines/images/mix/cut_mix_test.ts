import { assert, assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import {
  type Batch,
  collect,
  cutMix,
  type CutMixOptions,
  drain,
  type MixedBatch,
  readIndexed,
  StageError,
  withSeed,
} from "@rill/rill/pipelines";
import { findCutBox } from "../../../../pipelines/images/mix/_cut_box.ts";
import type { Bytes, Floats } from "../_augment.ts";
import { getOnly } from "../../_get_only.ts";
import { assertResumes, chiSquare, counting, range, testStage } from "../../_helpers.ts";

const HEIGHT = 6;
const WIDTH = 9;

/** A batch of images whose every sample tells the image, which is the label too, counted on from `first`. */
function batchOf(size: number, first = 0, channels = 1): Batch<Bytes> {
  const length = HEIGHT * WIDTH * channels;
  return {
    images: {
      data: Uint8Array.from({ length: size * length }, (_, i) => first + Math.floor(i / length)),
      shape: [size, HEIGHT, WIDTH, channels],
    },
    labels: Int32Array.from(range(size), (i) => first + i),
    size,
  };
}
const batches = range(4).map((i) => batchOf(5 - i, 10 * i));
const options = { seed: 3, epoch: 2 };
const cut = (options: CutMixOptions, inputs = batches) =>
  collect(cutMix(options)(counting(inputs)));

testStage<Batch<Bytes>, MixedBatch<Bytes>>({
  name: "cutMix()",
  stage: cutMix(options),
  input: batches,
  output: await cut(options),
  pulled: (given) => given,
});

for (const channels of [1, 3]) {
  Deno.test(`cutMix() replaces one rectangle of each image of ${channels} channels and says how much`, async () => {
    const inputs = range(40).map((i) => batchOf(6, 6 * i, channels));
    for (const [b, output] of (await cut(options, inputs)).entries()) {
      const { images, mixedLabels, shares, size } = output;
      assertEquals(images.shape, [6, HEIGHT, WIDTH, channels]);
      assertEquals([mixedLabels.shape, shares.shape, size], [[6, 2], [6, 2], 6]);
      const length = HEIGHT * WIDTH * channels;
      const partners = [];
      for (let i = 0; i < 6; i++) {
        const [label, partner] = mixedLabels.data.subarray(2 * i, 2 * i + 2);
        const [own, rest] = shares.data.subarray(2 * i, 2 * i + 2);
        assertEquals(label, 6 * b + i);
        assertEquals(own! + rest!, 1);
        partners.push(partner!);
        const image = images.data.subarray(i * length, (i + 1) * length);
        const inside = [...image.keys()].filter((at) => image[at] !== label);
        if (partner === label) {
          assertEquals(inside, []);
          continue;
        }
        assert(Math.abs(inside.length / length - rest!) < 1e-7);
        const rows = inside.map((at) => Math.floor(at / channels / WIDTH));
        const columns = inside.map((at) => Math.floor(at / channels) % WIDTH);
        const area = inside.length === 0 ? 0 : (Math.max(...rows) - Math.min(...rows) + 1) *
          (Math.max(...columns) - Math.min(...columns) + 1);
        assertEquals(inside.length, area * channels);
        assert(inside.every((at) => image[at] === partner));
      }
      assertEquals(partners.toSorted((a, b) => a - b), range(6).map((i) => 6 * b + i));
    }
  });
}

Deno.test("cutMix() cuts floats as it cuts bytes", async () => {
  const bytes = batchOf(5);
  const floats: Batch<Floats> = {
    ...bytes,
    images: { ...bytes.images, data: Float32Array.from(bytes.images.data) },
  };
  const ofBytes = getOnly(await cut(options, [bytes]));
  const ofFloats = getOnly(await collect(cutMix(options)(counting([floats]))));
  assertEquals(ofFloats.images.data, Float32Array.from(ofBytes.images.data));
  assertEquals(ofFloats.shares, ofBytes.shares);
  assertEquals(ofFloats.mixedLabels, ofBytes.mixedLabels);
});

Deno.test("cutMix() finds the rectangles that torchvision finds", async () => {
  const url = new URL("../../references/cut_boxes.json", import.meta.url);
  const cases: [number, number, number, number, number, number[]][] = JSON.parse(
    await Deno.readTextFile(url),
  );
  for (const [height, width, share, row, column, expected] of cases) {
    const box = findCutBox({ height, width }, { share, row, column });
    assertEquals([box.top, box.left, box.height, box.width], expected);
  }
});

Deno.test("cutMix() takes every permutation of a batch equally often", async () => {
  const all = await cut({ seed: 0 }, range(2400).map(() => batchOf(4)));
  const orders = all.map(({ mixedLabels }) =>
    Array.from(mixedLabels.data).filter((_, at) => at % 2 === 1).join()
  );
  // 23 degrees of freedom: above 50 is a chance of one in a thousand.
  assert(chiSquare(orders, 24) < 50);
});

Deno.test("cutMix() keeps more of an image or less as alpha says", async () => {
  const inputs = range(60).map(() => batchOf(20));
  const keptOf = async (alpha: number) => {
    const all = await cut({ alpha, seed: 1 }, inputs);
    const shares = all.flatMap(({ shares }) =>
      Array.from(shares.data).filter((_, i) => i % 2 === 0)
    );
    return shares.filter((share) => share > 0.95).length / shares.length;
  };
  const kept = await keptOf(0.01);
  assert(kept > 0.4 && kept < 0.6, `${kept}`);
  assert(await keptOf(100) < 0.01);
});

Deno.test("cutMix() does the same for the same seed and epoch, another for others", async () => {
  const expected = await cut(options);
  assertEquals(await cut({ ...options, alpha: 1 }), expected);
  assertNotEquals(await cut({ ...options, seed: 4 }), expected);
  assertNotEquals(await cut({ ...options, epoch: 3 }), expected);
  const changed = [batchOf(2), ...batches.slice(1)];
  assertEquals((await cut(options, changed)).slice(1), expected.slice(1));
});

Deno.test("cutMix() draws by the pipeline's seed and goes on as if it had never stopped", async () => {
  const source = { length: 4, get: (index: number) => batches[index]! };
  const build = () => cutMix()(withSeed({ seed: 5 })(readIndexed()(source)));
  assertNotEquals(await assertResumes(build), await cut({ seed: 5 }));
});

Deno.test("cutMix() leaves its input alone", async () => {
  const before = structuredClone(batches);
  await cut(options);
  assertEquals(batches, before);
});

// Part of the contract: whoever changes these breaks every run that is to be repeated or resumed.
Deno.test("cutMix() keeps its mixtures from version to version", async () => {
  const facts = async (options: CutMixOptions) => {
    const [, second] = await cut(options, [batchOf(4), batchOf(4)]);
    const { mixedLabels, shares } = second!;
    return [
      [...mixedLabels.data].filter((_, at) => at % 2 === 1),
      [...shares.data].filter((_, at) => at % 2 === 0).map((x) => Math.round(x * HEIGHT * WIDTH)),
    ];
  };
  assertEquals(await facts({ seed: 0 }), [[3, 2, 0, 1], [42, 42, 54, 50]]);
  assertEquals(await facts({ alpha: 0.2, seed: 1, epoch: 5 }), [[1, 3, 2, 0], [22, 54, 36, 46]]);
});

Deno.test("cutMix() names the batch that it cannot mix and closes its source", async () => {
  const broken = { ...batchOf(3), labels: new Int32Array(2) };
  const source = counting([batchOf(2), batchOf(2), broken]);
  const error = await assertRejects(
    () => drain(cutMix(options)(source)),
    StageError,
    "Cannot cut item 2: the batch of 3 is 3 × 6 × 9 × 1 and has 162 samples and 2 labels",
  );
  assertEquals([error.stage, error.position, source.closed], ["cut", 2, 1]);
});

Deno.test("cutMix() refuses bad options when it is called", () => {
  for (const bad of [0, -1, NaN, 1001]) {
    assertThrows(
      () => cutMix({ alpha: bad }),
      RangeError,
      `Cannot cut with an alpha of ${bad}: the alpha must be a number from 0.001 to 1000`,
    );
  }
  assertThrows(() => cutMix({ seed: -1 }), RangeError, "Cannot cut by seed -1: the seed");
});
