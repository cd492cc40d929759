import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { type Image, readImageData, toImageData } from "@rill/rill/pipelines";
import { byteImages } from "./_byte_images.ts";

Deno.test("toImageData() and readImageData() give images of all channels back", () => {
  fc.assert(fc.property(byteImages(), (image) => {
    const pixels = toImageData(image);
    assertEquals([pixels.height, pixels.width], [image.height, image.width]);
    const { data, height, width, channels } = readImageData(pixels);
    assertEquals([height, width, channels], [image.height, image.width, 4]);
    for (let i = 0; i < height * width; i++) {
      const pixel = [...image.data.subarray(i * image.channels, (i + 1) * image.channels)];
      const [first = 0, second = 0, third = 0, fourth = 0] = pixel;
      assertEquals(
        [...data.subarray(4 * i, 4 * i + 4)],
        [
          [first, first, first, 255],
          [first, first, first, second],
          [first, second, third, 255],
          [first, second, third, fourth],
        ][image.channels - 1],
      );
    }
    if (image.channels !== 2) {
      const channels = image.channels as 1 | 3 | 4;
      assertEquals(readImageData(pixels, { channels }), image);
    }
  }));
});

Deno.test("toImageData() and readImageData() share no memory with what they are given", () => {
  const image = { data: Uint8Array.of(1, 2, 3, 4), height: 1, width: 1, channels: 4 };
  const pixels = toImageData(image);
  const again = readImageData(pixels);
  pixels.data[0] = 99;
  assertEquals([image.data[0], again.data[0]], [1, 1]);
});

Deno.test("readImageData() refuses what it can't read", () => {
  const read = (data: Uint8Array | Float32Array, height = 1, width = 1, options = {}) =>
    readImageData({ data, height, width }, options);
  assertThrows(
    () => read(new Uint8Array(4), 1, 1, { channels: 2 }),
    RangeError,
    "Cannot read ImageData with 2 channels: they must be 1, 3 or 4",
  );
  assertThrows(
    () => read(new Float32Array(4)),
    TypeError,
    "Cannot read ImageData as its samples have 32 bits: they must be bytes",
  );
  assertThrows(
    () => read(new Uint8Array(4), 2),
    RangeError,
    "Cannot read ImageData as it is 2 × 1 × 4 and has 4 samples",
  );
  assertThrows(() => read(new Uint8Array(0), 0), RangeError, "has 0 samples");
});

Deno.test("toImageData() refuses floats, more channels and shapes that don't fit", () => {
  const make = (image: Partial<Image>) =>
    toImageData({ data: new Uint8Array(6), height: 1, width: 2, channels: 3, ...image });
  assertThrows(
    () => make({ data: new Float32Array(6) }),
    TypeError,
    "Cannot make ImageData of the image as it is 1 × 2 × 3 float32: it must be of bytes",
  );
  assertThrows(
    () => make({ data: new Uint8Array(10), channels: 5 }),
    RangeError,
    "Cannot make ImageData of the image as it has 5 channels: there must be 1 to 4",
  );
  assertThrows(
    () => make({ height: 2 }),
    RangeError,
    "Cannot make ImageData of the image: the image is 2 × 2 × 3 uint8 and has 6 samples",
  );
});
