import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import {
  adjustSharpness,
  autoContrastImage,
  type ByteExamplesStage,
  drain,
  equalizeImage,
  type Example,
  type Image,
  invertImage,
  posterizeImage,
  randomAutoContrast,
  randomEqualize,
  randomInvert,
  type RandomOptions,
  randomPosterize,
  randomSharpness,
  randomSolarize,
  solarizeImage,
  StageError,
} from "@rill/rill/pipelines";
import { byteImage, type Bytes, results, testAugmentation } from "../_augment.ts";
import { counting } from "../../_helpers.ts";

type Options = RandomOptions & { readonly probability?: number };

/** Each stage, its verb, and what it does to an image. */
const STAGES: Readonly<
  Record<
    string,
    readonly [(options: Options) => ByteExamplesStage, string, (image: Image<Bytes>) => Image]
  >
> = {
  "randomAutoContrast()": [randomAutoContrast, "stretch", autoContrastImage],
  "randomEqualize()": [randomEqualize, "equalize", equalizeImage],
  "randomInvert()": [randomInvert, "invert", invertImage],
  "randomPosterize()": [
    (options) => randomPosterize({ bits: 3, ...options }),
    "posterize",
    (image) => posterizeImage(image, 3),
  ],
  "randomSolarize()": [
    (options) => randomSolarize({ threshold: 90, ...options }),
    "solarize",
    (image) => solarizeImage(image, 90),
  ],
  "randomSharpness()": [
    (options) => randomSharpness({ factor: 2.5, ...options }),
    "sharpen",
    (image) => adjustSharpness(image, 2.5),
  ],
};

const floatExample: Example = {
  image: { data: new Float32Array(16), height: 4, width: 4, channels: 1 },
  label: 0,
};

/** An image whose bytes don't reach from end to end. */
const dull = (height: number, width: number, channels: number): Image<Bytes> => {
  const image = byteImage(height, width, channels);
  return { ...image, data: image.data.map((byte) => 60 + byte / 3) };
};

for (const [name, [stage, verb, fn]] of Object.entries(STAGES)) {
  await testAugmentation({ name, stage, verb, images: [dull(20, 24, 3), dull(18, 21, 1)] });

  Deno.test(`${name} changes an image as its function does, or gives it as it is`, async () => {
    for (const image of [dull(20, 24, 3), dull(18, 21, 1)]) {
      const [changed] = await results(stage({ probability: 1, seed: 1 }), image, 1);
      assertEquals<Image | undefined>(changed, fn(image));
      const [kept] = await results(stage({ probability: 0, seed: 1 }), image, 1);
      assertStrictEquals<Image | undefined>(kept, image);
      const all = await results(stage({ probability: 0.3, seed: 1 }), image, 1000);
      const share = all.filter((result) => result !== image).length / 1000;
      assert(Math.abs(share - 0.3) < 4 * Math.sqrt(0.21 / 1000), `${share}`);
    }
  });

  Deno.test(`${name} refuses floats`, async () => {
    const floats = [floatExample] as Example[] as Example<Bytes>[];
    await assertRejects(
      () => drain(stage({ seed: 0 })(counting(floats))),
      StageError,
      `Cannot ${verb} item 0: the image is 4 × 4 × 1 float32 where it must be of bytes`,
    );
  });

  Deno.test(`${name} refuses an invalid probability when it is called`, () => {
    for (const bad of [-0.1, 1.1, NaN]) {
      assertThrows(
        () => stage({ probability: bad, seed: 0 }),
        RangeError,
        `Cannot ${verb} with probability ${bad}: the probability must be a number from 0 to 1`,
      );
    }
  });
}

// Part of the contract: whoever changes these breaks every run that is to be repeated or resumed.
Deno.test("the stages that change tones at random keep their choices from version to version", async () => {
  const image = dull(20, 24, 3);
  const choices = await Promise.all(
    Object.values(STAGES).map(async ([stage]) =>
      (await results(stage({ seed: 1, epoch: 5 }), image, 24))
        .map((result) => Number(result !== image)).join("")
    ),
  );
  assertEquals(choices, [
    "001000110010111101110101",
    "010000101010000001110101",
    "100100000001010001000001",
    "110100111011000110010100",
    "011110110010001111011001",
    "111111000111001110010111",
  ]);
});

Deno.test("the stages that change tones at random refuse a strength out of its range", () => {
  assertThrows(
    () => randomPosterize({ bits: 9 }),
    RangeError,
    "Cannot posterize to 9 bits: the number of bits must be an integer from 0 to 8",
  );
  assertThrows(
    () => randomSolarize({ threshold: 257 }),
    RangeError,
    "Cannot solarize from 257: the threshold must be a number from 0 to 256",
  );
  assertThrows(
    () => randomSharpness({ factor: -1 }),
    RangeError,
    "Cannot sharpen by -1: the factor must be a number of at least 0",
  );
});
