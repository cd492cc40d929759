import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  adjustSharpness,
  autoContrastImage,
  equalizeImage,
  type Image,
  invertImage,
  posterizeImage,
  solarizeImage,
} from "@rill/rill/pipelines";
import { byteImage, type Bytes } from "../_augment.ts";
import { range } from "../../_helpers.ts";
import { readReferences } from "../../_references.ts";

type ByteImage = Image<Bytes>;

/** Each function, with an argument at which it changes something. */
const FUNCTIONS: Readonly<
  Record<string, readonly [(image: ByteImage, argument: number) => ByteImage, number]>
> = {
  autoContrastImage: [autoContrastImage, NaN],
  equalizeImage: [equalizeImage, NaN],
  invertImage: [invertImage, NaN],
  posterizeImage: [posterizeImage, 2],
  solarizeImage: [solarizeImage, 100],
  adjustSharpness: [adjustSharpness, 3],
};

for (const { name, function: fn, parameters, input, check } of await readReferences("tones")) {
  Deno.test(`${fn}() does as torchvision: ${name}`, () => {
    const image = FUNCTIONS[fn]![0](input as ByteImage, parameters[0]);
    assertEquals({ ...image, data: 0 }, { ...input, data: 0 });
    check(image);
  });
}

for (const [name, [fn, argument]] of Object.entries(FUNCTIONS)) {
  Deno.test(`${name}() leaves its input alone`, () => {
    const image = byteImage(20, 30, 3);
    const before = structuredClone(image);
    const result = fn(image, argument);
    assertEquals(image, before);
    assertEquals(result.data.buffer === image.data.buffer, false);
  });

  Deno.test(`${name}() refuses what isn't a gray or RGB image of bytes`, () => {
    const image = byteImage(4, 5, 3);
    const wrong: readonly [ByteImage, ErrorConstructor, string][] = [
      [byteImage(4, 5, 4), RangeError, "the image has 4 channels where there must be 1 or 3"],
      [byteImage(4, 5, 2), RangeError, "the image has 2 channels where there must be 1 or 3"],
      [{ ...image, width: 4 }, RangeError, "the image is 4 × 4 × 3 uint8 and has 60 samples"],
      [
        { data: new Uint8Array(), height: 0, width: 5, channels: 1 },
        RangeError,
        "the image is 0 × 5 × 1 uint8 and has 0 samples",
      ],
      [
        { ...image, data: new Float32Array(60) } as Image as ByteImage,
        TypeError,
        "the image is 4 × 5 × 3 float32 where it must be of bytes",
      ],
    ];
    for (const [image, error, message] of wrong) {
      assertThrows(() => fn(image, argument), error, message);
    }
  });
}

Deno.test("the functions of tones refuse invalid numbers", () => {
  const image = byteImage(3, 3, 3);
  for (const bits of [-1, 9, 2.5, NaN]) {
    assertThrows(
      () => posterizeImage(image, bits),
      RangeError,
      `Cannot posterize to ${bits} bits: the number of bits must be an integer from 0 to 8`,
    );
  }
  for (const threshold of [-1, 256.5, NaN]) {
    assertThrows(
      () => solarizeImage(image, threshold),
      RangeError,
      `Cannot solarize from ${threshold}: the threshold must be a number from 0 to 256`,
    );
  }
  for (const factor of [-0.1, NaN, Infinity]) {
    assertThrows(
      () => adjustSharpness(image, factor),
      RangeError,
      `Cannot adjust sharpness by ${factor}: the factor must be a number of at least 0`,
    );
  }
});

Deno.test("the functions of tones give an image as it is where nothing changes", () => {
  const image = byteImage(6, 7, 3);
  assertStrictEquals(posterizeImage(image, 8), image);
  assertStrictEquals(solarizeImage(image, 256), image);
  assertStrictEquals(adjustSharpness(image, 1), image);
  const border = byteImage(2, 7, 1);
  assertStrictEquals(adjustSharpness(border, 3), border);
  const full = { data: Uint8Array.of(0, 7, 255), height: 3, width: 1, channels: 1 };
  assertStrictEquals(autoContrastImage(full), full);
  assertStrictEquals(equalizeImage(full), full);
});

Deno.test("the functions of tones have their properties on any image", () => {
  for (const salt of range(20)) {
    const image = byteImage(5 + salt, 31 - salt, salt % 2 === 0 ? 1 : 3, salt);
    assertEquals(invertImage(invertImage(image)), image);
    assertEquals(solarizeImage(image, 0), invertImage(image));
    assertEquals(posterizeImage(image, 0).data, new Uint8Array(image.data.length));
    assertEquals(posterizeImage(posterizeImage(image, 3), 3), posterizeImage(image, 3));
    const stretched = autoContrastImage(image);
    assertEquals(autoContrastImage(stretched), stretched);
    // Equalizing keeps the order of the tones of a channel.
    const { channels } = image;
    const equal = equalizeImage(image);
    const order = range(image.data.length / channels).map((i) => i * channels).sort((a, b) =>
      image.data[a]! - image.data[b]!
    );
    for (const [i, at] of order.entries()) {
      if (i > 0) assertEquals(equal.data[order[i - 1]!]! <= equal.data[at]!, true);
    }
  }
});
