import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import {
  collect,
  cropImage,
  drain,
  randomCrop,
  type RandomCropOptions,
  StageError,
} from "@rill/rill/pipelines";
import { boxOf, byteImage, places, results, testAugmentation } from "../_augment.ts";
import { getOnly } from "../../_get_only.ts";
import { chiSquare, counting } from "../../_helpers.ts";

await testAugmentation({
  name: "randomCrop()",
  stage: (random) => randomCrop({ height: 4, width: 5, padding: 2, ...random }),
  verb: "crop",
  images: [byteImage(4, 6, 3), byteImage(7, 5, 1)],
});

/** Where in an image the crops begin. */
async function corners(
  image: ReturnType<typeof places>,
  count: number,
  options: RandomCropOptions,
) {
  const crops = await results(randomCrop(options), image, count);
  return crops.map(boxOf).map(({ top, left }) => `${top} ${left}`);
}

Deno.test("randomCrop() takes every place equally often", async () => {
  const options = { height: 8, width: 9, seed: 5 };
  const places_ = await corners(places(10, 12), 12_000, options);
  assertEquals(new Set(places_).size, 3 * 4);
  // 11 degrees of freedom: above 32 is a chance of one in a thousand.
  assert(chiSquare(places_, 12) < 32);
});

Deno.test("randomCrop() surrounds an image before it cuts", async () => {
  const image = places(6, 6);
  const options = { height: 6, width: 6, padding: 2, fill: -1, seed: 1 };
  const crops = await results(randomCrop(options), image, 4000);
  const kinds = crops.map((crop) => {
    const box = boxOf(crop);
    const first = crop.data.findIndex((x) => x >= 0) / 2;
    const [row, column] = [Math.floor(first / 6), first % 6];
    const [top, left] = [box.top - row, box.left - column];
    assertEquals(crop, cropImage(image, { top, left, height: 6, width: 6, fill: -1 }));
    return `${top} ${left}`;
  });
  assertEquals(new Set(kinds).size, 25);
  // 24 degrees of freedom: above 52 is a chance of one in a thousand.
  assert(chiSquare(kinds, 25) < 52);
  const inPlace = kinds.indexOf("0 0");
  assertStrictEquals(crops[inPlace], image);
});

Deno.test("randomCrop() fills with one number or one for each channel", async () => {
  const image = byteImage(1, 1, 3);
  const options = { height: 3, width: 3, padding: 1, seed: 0 };
  for (const fill of [9, [1, 2, 3]]) {
    const [result] = await results(randomCrop({ ...options, fill }), image, 1);
    assertEquals(result, cropImage(image, { top: -1, left: -1, height: 3, width: 3, fill }));
  }
});

// Part of the contract: whoever changes these breaks every run that is to be repeated or resumed.
Deno.test("randomCrop() keeps its places from version to version", async () => {
  const size = { height: 5, width: 4 };
  assertEquals(await corners(places(12, 12), 6, { ...size, seed: 0 }), [
    "7 2",
    "1 1",
    "0 6",
    "7 6",
    "0 4",
    "6 4",
  ]);
  assertEquals(await corners(places(12, 12), 6, { ...size, seed: 1, epoch: 5 }), [
    "5 4",
    "6 4",
    "0 7",
    "5 8",
    "4 4",
    "0 8",
  ]);
});

Deno.test("randomCrop() refuses an image that is too small", async () => {
  for (
    const [options, message] of [
      [{ height: 5, width: 4 }, "the image is 4 × 4, smaller than the crop of 5 × 4"],
      [
        { height: 4, width: 7, padding: 1 },
        "the image is with its padding 6 × 6, smaller than the crop of 4 × 7",
      ],
      [{ height: 4, width: 4, fill: [1, 2] }, "the image has 1 channel where there are 2 fills"],
      [
        { height: 4, width: 4, fill: 256 },
        "the image is of bytes where the fill is 256, not an integer from 0 to 255",
      ],
    ] as const
  ) {
    const source = counting([{ image: byteImage(4, 4, 1), label: 0 }]);
    await assertRejects(
      () => drain(randomCrop({ ...options, seed: 0 })(source)),
      StageError,
      `Cannot crop item 0: ${message}`,
    );
  }
});

Deno.test("randomCrop() refuses bad options when it is called", () => {
  const options = { height: 2, width: 2, seed: 0 };
  for (
    const [bad, message] of [
      [{ height: 0 }, "Cannot crop to 0 × 2: the height must be an integer of at least 1"],
      [{ width: NaN }, "Cannot crop to 2 × NaN: the width must be an integer of at least 1"],
      [
        { padding: -1 },
        "Cannot crop with a padding of -1: the padding must be an integer of at least 0",
      ],
      [{ fill: NaN }, "Cannot crop with the fill NaN: it must be finite"],
      [{ fill: [] }, "Cannot crop with the fill []: it must have a number for each channel"],
    ] as const
  ) {
    assertThrows(() => randomCrop({ ...options, ...bad }), RangeError, message);
  }
});

Deno.test("randomCrop() is not changed by a change of the array it was given", async () => {
  const fill = [1];
  const stage = randomCrop({ height: 3, width: 3, padding: 1, fill, seed: 0 });
  fill[0] = 2;
  const example = { image: byteImage(1, 1, 1), label: 0 };
  const { image } = getOnly(await collect(stage(counting([example]))));
  assertEquals(image.data[0], 1);
});
