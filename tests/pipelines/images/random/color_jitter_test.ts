import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import {
  adjustBrightness,
  adjustContrast,
  adjustHue,
  adjustSaturation,
  colorJitter,
  type ColorJitterOptions,
  drain,
  type Example,
  type Image,
  StageError,
} from "@rill/rill/pipelines";
import { byteImage, type Bytes, places, results, testAugmentation } from "../_augment.ts";
import { chiSquare, counting } from "../../_helpers.ts";

await testAugmentation({
  name: "colorJitter()",
  stage: (random) =>
    colorJitter({ brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1, ...random }),
  verb: "jitter",
  images: [byteImage(3, 4, 3), byteImage(5, 2, 1)],
});

const image = byteImage(4, 5, 3);
const jittered = (image: Image<Bytes>, count: number, options: ColorJitterOptions) =>
  results(colorJitter(options), image, count);

Deno.test("colorJitter() does each change by the factor it has drawn", async () => {
  for (
    const [name, adjust, factor] of [
      ["brightness", adjustBrightness, 0.7],
      ["contrast", adjustContrast, 1.6],
      ["saturation", adjustSaturation, 0.2],
      ["hue", adjustHue, -0.3],
    ] as const
  ) {
    const [result] = await jittered(image, 1, { [name]: [factor, factor], seed: 0 });
    assertEquals(result, adjust(image, factor));
  }
});

Deno.test("colorJitter() does the changes in every order equally often", async () => {
  const changes = [
    (image: Image<Bytes>) => adjustBrightness(image, 1.5),
    (image: Image<Bytes>) => adjustContrast(image, 0.5),
    (image: Image<Bytes>) => adjustSaturation(image, 1.8),
    (image: Image<Bytes>) => adjustHue(image, 0.2),
  ];
  const orders = new Map<string, string>();
  const permute = (done: string, image: Image<Bytes>) => {
    if (done.length === 4) orders.set(image.data.join(), done);
    changes.forEach((change, i) => done.includes(`${i}`) || permute(done + i, change(image)));
  };
  permute("", image);
  assertEquals(orders.size, 24);
  const outputs = await jittered(image, 4800, {
    brightness: [1.5, 1.5],
    contrast: [0.5, 0.5],
    saturation: [1.8, 1.8],
    hue: [0.2, 0.2],
    seed: 0,
  });
  const taken = outputs.map(({ data }) => orders.get(data.join()) ?? "none");
  assertEquals(new Set(taken), new Set(orders.values()));
  // 23 degrees of freedom: above 50 is a chance of one in a thousand.
  assert(chiSquare(taken, 24) < 50);
});

Deno.test("colorJitter() draws factors evenly from their ranges", async () => {
  const pixel = { data: Uint8Array.of(100), height: 1, width: 1, channels: 1 };
  for (
    const [brightness, low, high] of [[0.4, 60, 140], [[1.1, 1.3], 110, 130], [3, 0, 255]] as const
  ) {
    const values = (await jittered(pixel, 4000, { brightness, seed: 3 })).map(({ data }) =>
      data[0]!
    );
    assert(values.every((x) => x >= low && x <= high));
    if (high === 255) continue;
    const tenths = values.map((x) => `${Math.floor(10 * (x - low) / (high - low))}`);
    // 9 degrees of freedom: above 28 is a chance of one in a thousand.
    assert(chiSquare(tenths, 10) < 28);
  }
});

Deno.test("colorJitter() draws a factor whether or not the others are wanted", async () => {
  const options = { brightness: 0.4, seed: 5 };
  const alone = await jittered(byteImage(1, 1, 1), 20, options);
  assertEquals(
    await jittered(byteImage(1, 1, 1), 20, { ...options, saturation: 1, hue: 0.5 }),
    alone,
  );
});

Deno.test("colorJitter() gives a gray image brightness and contrast only", async () => {
  const gray = byteImage(2, 2, 1);
  const [same] = await jittered(gray, 1, { saturation: 0.9, hue: 0.5, seed: 0 });
  assertStrictEquals(same, gray);
  const [other] = await jittered(gray, 1, { contrast: [2, 2], seed: 0 });
  assertEquals(other, adjustContrast(gray, 2));
});

Deno.test("colorJitter() without options gives an image as it is", async () => {
  assertStrictEquals((await jittered(image, 1, { seed: 0 }))[0], image);
});

// Part of the contract: whoever changes these breaks every run that is to be repeated or resumed.
Deno.test("colorJitter() keeps its changes from version to version", async () => {
  const pixels = {
    data: Uint8Array.of(200, 100, 50, 20, 90, 160),
    height: 1,
    width: 2,
    channels: 3,
  };
  const strength = { brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 };
  const bytes = async (options: ColorJitterOptions) =>
    (await jittered(pixels, 3, { ...strength, ...options })).map(({ data }) => [...data]);
  assertEquals(await bytes({ seed: 0 }), [
    [255, 18, 61, 0, 198, 190],
    [207, 22, 65, 0, 156, 146],
    [199, 70, 36, 5, 99, 154],
  ]);
  assertEquals(await bytes({ seed: 1, epoch: 5 }), [
    [202, 47, 51, 18, 147, 162],
    [91, 69, 49, 36, 50, 76],
    [255, 114, 25, 0, 118, 246],
  ]);
});

Deno.test("colorJitter() refuses an image without colors", async () => {
  for (
    const [image, message] of [
      [byteImage(2, 2, 2), "the image has 2 channels where there must be 1 or 3"],
      [
        { ...places(2, 3), channels: 3, width: 2 },
        "the image is 2 × 2 × 3 float32 where it must be of bytes",
      ],
    ] as const
  ) {
    const source = counting([{ image, label: 0 } as Example<Bytes>]);
    await assertRejects(
      () => drain(colorJitter({ seed: 0 })(source)),
      StageError,
      `Cannot jitter item 0: ${message}`,
    );
  }
});

Deno.test("colorJitter() refuses bad options when it is called", () => {
  for (
    const [bad, message] of [
      [
        { brightness: -1 },
        "Cannot jitter with a brightness of -1: the brightness must be a number of at least 0",
      ],
      [
        { contrast: [2, 1] },
        "Cannot jitter with the contrast [2, 1]: it must be two numbers of at least 0, in order",
      ],
      [
        { saturation: NaN },
        "Cannot jitter with a saturation of NaN: the saturation must be a number of at least 0",
      ],
      [{ hue: 0.6 }, "Cannot jitter with a hue of 0.6: the hue must be a number from 0 to 0.5"],
      [
        { hue: [-1, 0] },
        "Cannot jitter with the hue [-1, 0]: it must be two numbers from -0.5 to 0.5, in order",
      ],
    ] as const
  ) {
    assertThrows(() => colorJitter({ ...bad, seed: 0 }), RangeError, message);
  }
});
