import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  cropImage,
  randomResizedCrop,
  type RandomResizedCropOptions,
  resizeImage,
  type ResizeMethod,
} from "@rill/rill/pipelines";
import { boxOf, byteImage, places, results, testAugmentation } from "../_augment.ts";
import { chiSquare } from "../../_helpers.ts";

await testAugmentation({
  name: "randomResizedCrop()",
  stage: (random) => randomResizedCrop({ height: 4, width: 5, ...random }),
  verb: "crop",
  images: [byteImage(9, 13, 3), byteImage(20, 11, 1)],
});

type Options = Omit<RandomResizedCropOptions, "height" | "width">;

/** The boxes that are cut out of an image: enlarged to its size by the nearest pixel, each of theirs is there. */
async function boxes(height: number, width: number, count: number, options: Options) {
  const stage = randomResizedCrop({ height, width, method: "nearest", ...options });
  return (await results(stage, places(height, width), count)).map(boxOf);
}

Deno.test("randomResizedCrop() cuts and resizes, by any method", async () => {
  const image = byteImage(14, 17, 3);
  const size = { height: 14, width: 17 };
  for (const method of ["bilinear", "bicubic", "nearest"] as const) {
    const outputs = await results(randomResizedCrop({ ...size, method, seed: 2 }), image, 20);
    const cuts = await boxes(14, 17, 20, { seed: 2 });
    cuts.forEach((box, i) => {
      assertEquals(outputs[i], resizeImage(cropImage(image, box), { ...size, method }));
    });
  }
});

Deno.test("randomResizedCrop() takes areas and ratios in their ranges, evenly", async () => {
  const [height, width] = [100, 120];
  const scale = [0.1, 0.4] as const;
  const ratio = [0.5, 2] as const;
  const cuts = await boxes(height, width, 600, { scale, ratio, seed: 4 });
  const tenth = (x: number) => `${Math.min(Math.max(Math.floor(10 * x), 0), 9)}`;
  // Rounding moves a side by half a pixel at most.
  const areas = cuts.map((box) => (box.height * box.width / (height * width) - 0.1) / 0.3);
  const ratios = cuts.map((box) => Math.log(box.width / box.height) / Math.log(4) + 0.5);
  for (const shares of [areas, ratios]) {
    assert(shares.every((x) => x > -0.1 && x < 1.1));
    // 9 degrees of freedom: above 28 is a chance of one in a thousand.
    assert(chiSquare(shares.map(tenth), 10) < 28);
  }
  const tops = cuts.map((box) => box.top / (height - box.height + 1));
  const lefts = cuts.map((box) => box.left / (width - box.width + 1));
  for (const shares of [tops, lefts]) assert(chiSquare(shares.map(tenth), 10) < 28);
});

Deno.test("randomResizedCrop() falls back on the middle where no box fits", async () => {
  const whole = { scale: [1, 1], seed: 0 } as const;
  // A wide image and ratios below its own, above, and around.
  for (
    const [height, width, ratio, box] of [
      [10, 41, [0.5, 2], { top: 0, left: 10, height: 10, width: 20 }],
      [41, 10, [0.5, 2], { top: 10, left: 0, height: 20, width: 10 }],
      [10, 40, [1, 1], { top: 0, left: 15, height: 10, width: 10 }],
      [10, 10, [1, 1], { top: 0, left: 0, height: 10, width: 10 }],
      [7, 1, [3, 3], { top: 3, left: 0, height: 1, width: 1 }],
    ] as const
  ) {
    assertEquals((await boxes(height, width, 1, { ...whole, ratio }))[0], box);
  }
  // Ten boxes of a range around the image's own ratio miss it.
  const cuts = await boxes(10, 40, 1, { ...whole, ratio: [0.01, 100], seed: 1 });
  assertEquals(cuts[0], { top: 0, left: 0, height: 10, width: 40 });
});

Deno.test("randomResizedCrop() gives an image as it is that it takes whole and has the size", async () => {
  const image = byteImage(8, 8, 1);
  const options = { height: 8, width: 8, scale: [1, 1], ratio: [1, 1], seed: 0 } as const;
  assertStrictEquals((await results(randomResizedCrop(options), image, 1))[0], image);
});

// Part of the contract: whoever changes these breaks every run that is to be repeated or resumed.
Deno.test("randomResizedCrop() keeps its boxes from version to version", async () => {
  const flat = async (options: Options) =>
    (await boxes(60, 80, 4, options)).map((box) => Object.values(box));
  assertEquals(await flat({ seed: 0 }), [
    [10, 30, 49, 49],
    [4, 11, 55, 55],
    [6, 20, 54, 47],
    [0, 17, 39, 29],
  ]);
  assertEquals(await flat({ seed: 1, epoch: 5 }), [
    [19, 32, 33, 27],
    [4, 17, 56, 46],
    [7, 14, 53, 65],
    [6, 12, 31, 33],
  ]);
});

Deno.test("randomResizedCrop() refuses bad options when it is called", () => {
  const options = { height: 2, width: 2, seed: 0 };
  for (
    const [bad, message] of [
      [{ height: 0 }, "Cannot resize to 0 × 2: the height must be an integer of at least 1"],
      [
        { scale: [0.5, 0.1] },
        "Cannot crop with the scale [0.5, 0.1]: it must be two numbers from 0 to 1, in order",
      ],
      [
        { scale: [0, 1.5] },
        "Cannot crop with the scale [0, 1.5]: it must be two numbers from 0 to 1, in order",
      ],
      [
        { ratio: [0, 1] },
        "Cannot crop with the ratio [0, 1]: it must be two numbers above 0, in order",
      ],
      [
        { ratio: [1, NaN] },
        "Cannot crop with the ratio [1, NaN]: it must be two numbers above 0, in order",
      ],
      [{ method: "area" as ResizeMethod }, 'Cannot resize by the method "area"'],
    ] as const
  ) {
    assertThrows(() => randomResizedCrop({ ...options, ...bad }), RangeError, message);
  }
});
