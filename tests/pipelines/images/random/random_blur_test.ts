import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  drain,
  type Example,
  gaussianBlurImage,
  type Image,
  randomBlur,
  type RandomBlurOptions,
  StageError,
} from "@rill/rill/pipelines";
import { byteImage, places, results, testAugmentation } from "../_augment.ts";
import { chiSquare, counting } from "../../_helpers.ts";

await testAugmentation({
  name: "randomBlur()",
  stage: (random) => randomBlur({ kernelSize: 5, ...random }),
  verb: "blur",
  images: [byteImage(9, 12, 3), byteImage(8, 7, 1)],
});

const images: readonly Image[] = [byteImage(9, 12, 3), byteImage(9, 12, 1), places(9, 12)];

Deno.test("randomBlur() blurs as gaussianBlurImage() does", async () => {
  for (const image of images) {
    for (const kernelSize of [3, [5, 1] as const]) {
      const [result] = await results(randomBlur({ kernelSize, sigma: 1.5, seed: 0 }), image, 1);
      assertEquals(result, gaussianBlurImage(image, { kernelSize, sigma: 1.5 }));
    }
  }
});

Deno.test("randomBlur() finds all deviations of its range equally often", async () => {
  // A line, of which less is left in the middle the more it is blurred.
  const line = { data: new Float32Array([0, 0, 0, 1, 0, 0, 0]), height: 1, width: 7, channels: 1 };
  const kernelSize = [1, 7] as const;
  const limits = [0.8, 1.1, 1.4, 1.7].map((sigma) =>
    gaussianBlurImage(line, { kernelSize, sigma }).data[3]!
  );
  const all = await results(randomBlur({ kernelSize, sigma: [0.5, 1.7], seed: 1 }), line, 1000);
  const quarters = all.map(({ data }) => `${limits.findIndex((limit) => data[3]! >= limit)}`);
  // 3 degrees of freedom: above 16 is a chance of one in a thousand.
  assert(chiSquare(quarters, 4) < 16);
});

Deno.test("randomBlur() blurs as often as it is told", async () => {
  const image = byteImage(6, 6, 1);
  const all = await results(randomBlur({ kernelSize: 3, probability: 0.3, seed: 1 }), image, 1000);
  const share = all.filter((result) => result !== image).length / 1000;
  assert(Math.abs(share - 0.3) < 4 * Math.sqrt(0.21 / 1000), `${share}`);
});

// Part of the contract: whoever changes these breaks every run that is to be repeated or resumed.
Deno.test("randomBlur() keeps its draws from version to version", async () => {
  const point = { data: new Uint8Array([0, 0, 255, 0, 0]), height: 1, width: 5, channels: 1 };
  const options = { kernelSize: [1, 5], probability: 0.8, seed: 1, epoch: 5 } as const;
  const all = await results(randomBlur(options), point, 10);
  assertEquals(all.map(({ data }) => data[2]), [76, 69, 65, 65, 152, 255, 255, 114, 127, 255]);
});

Deno.test("randomBlur() names the image that is too small for its kernel", async () => {
  const source = counting<Example>([{ image: byteImage(9, 9, 1), label: 0 }, {
    image: byteImage(2, 9, 1),
    label: 0,
  }]);
  await assertRejects(
    () => drain(randomBlur({ kernelSize: 5, seed: 0 })(source)),
    StageError,
    "Cannot blur item 1: the image is 2 × 9",
  );
  assertEquals(source.closed, 1);
});

Deno.test("randomBlur() refuses bad options when it is called", () => {
  const cases: readonly [RandomBlurOptions, string][] = [
    [{ kernelSize: 4 }, "Cannot blur with a kernel of 4: the size must be odd"],
    [{ kernelSize: [3, 0] }, "Cannot blur with a kernel of 0: the size must be an integer of at"],
    [
      { kernelSize: 3, sigma: 0 },
      "Cannot blur with the sigma [0, 0]: it must be two numbers above",
    ],
    [{ kernelSize: 3, sigma: [2, 1] }, "Cannot blur with the sigma [2, 1]: it must be two numbers"],
    [{ kernelSize: 3, probability: 2 }, "Cannot blur with probability 2: the probability must be"],
  ];
  for (const [options, message] of cases) {
    assertThrows(() => randomBlur(options), RangeError, message);
  }
});
