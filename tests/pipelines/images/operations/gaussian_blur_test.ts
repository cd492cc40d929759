import { assert, assertEquals, assertThrows } from "@std/assert";
import { flipImage, gaussianBlurImage, rotateImage } from "@rill/rill/pipelines";
import { byteImage, places } from "../_augment.ts";
import { readReferences } from "../../_references.ts";

for (const { name, parameters, input, check } of await readReferences("blurs")) {
  const [kernelSize, sigma] = parameters;
  Deno.test(`gaussianBlurImage() does as torchvision: ${name}`, () => {
    const before = structuredClone(input);
    const image = gaussianBlurImage(input, sigma ? { kernelSize, sigma } : { kernelSize });
    assertEquals({ ...image, data: 0 }, { ...input, data: 0 });
    check(image);
    assertEquals(input, before);
  });
}

Deno.test("gaussianBlurImage() blurs floats as a sum over the kernel does", () => {
  const { height, width } = { height: 9, width: 8 };
  const image = byteImage(height, width, 2);
  const floats = { ...image, data: Float32Array.from(image.data, (x) => x / 10 - 3) };
  const { data } = gaussianBlurImage(floats, { kernelSize: [3, 5], sigma: [0.7, 2] });
  const mirror = (i: number, length: number) => i < 0 ? -i : i >= length ? 2 * length - 2 - i : i;
  const weight = (i: number, sigma: number) => Math.exp(-i * i / (2 * sigma * sigma));
  for (let at = 0; at < data.length; at++) {
    const [row, column, channel] = [Math.floor(at / 16), Math.floor(at / 2) % 8, at % 2];
    let [sum, total] = [0, 0];
    for (let y = -1; y <= 1; y++) {
      for (let x = -2; x <= 2; x++) {
        const from = mirror(row + y, height) * 16 + mirror(column + x, width) * 2 + channel;
        sum += weight(y, 0.7) * weight(x, 2) * floats.data[from]!;
        total += weight(y, 0.7) * weight(x, 2);
      }
    }
    assert(Math.abs(data[at]! - sum / total) < 1e-5);
  }
});

Deno.test("gaussianBlurImage() is the same in a mirror, and of a turned image", () => {
  const image = byteImage(20, 30, 3);
  const blur = { kernelSize: 7, sigma: 1.3 };
  assertEquals(
    gaussianBlurImage(flipImage(image), blur),
    flipImage(gaussianBlurImage(image, blur)),
  );
  const quarter = { angle: 90, expand: true };
  const [one, other] = [
    gaussianBlurImage(rotateImage(image, quarter), { kernelSize: [3, 9], sigma: [1, 2] }),
    rotateImage(gaussianBlurImage(image, { kernelSize: [9, 3], sigma: [2, 1] }), quarter),
  ];
  assert(one.data.every((x, i) => Math.abs(x - other.data[i]!) <= 1));
});

Deno.test("gaussianBlurImage() refuses invalid arguments", () => {
  const image = byteImage(6, 5, 3);
  for (const kernelSize of [0, -3, 1.5, NaN]) {
    assertThrows(
      () => gaussianBlurImage(image, { kernelSize }),
      RangeError,
      `Cannot blur with a kernel of ${kernelSize}: the size must be an integer of at least 1`,
    );
  }
  assertThrows(
    () => gaussianBlurImage(image, { kernelSize: [3, 4] }),
    RangeError,
    "Cannot blur with a kernel of 4: the size must be odd",
  );
  for (const sigma of [0, -1, NaN, Infinity]) {
    assertThrows(
      () => gaussianBlurImage(image, { kernelSize: 3, sigma: [1, sigma] }),
      RangeError,
      `Cannot blur with a sigma of ${sigma}: the sigma must be a number above 0`,
    );
  }
  assertThrows(
    () => gaussianBlurImage(image, { kernelSize: 11 }),
    RangeError,
    "the image is 6 × 5, which is too small to mirror half of a kernel of 11 × 11",
  );
  gaussianBlurImage(image, { kernelSize: [11, 9] });
  assertThrows(
    () => gaussianBlurImage({ ...places(2, 3), width: 4 }, { kernelSize: 1 }),
    RangeError,
  );
});
