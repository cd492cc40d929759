import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { type Image, resizeImage, type ResizeMethod } from "@rill/rill/pipelines";
import listing from "../references/resize.json" with { type: "json" };

const { buffer } = await Deno.readFile(new URL("../references/resize.bin", import.meta.url));

function load({ offset, shape }: { offset: number; shape: number[] }, type: string): Image {
  const [height, width, channels] = shape as [number, number, number];
  const length = height * width * channels;
  const data = type === "uint8"
    ? new Uint8Array(buffer, offset, length)
    : new Float32Array(buffer, offset, length);
  return { data, height, width, channels };
}

for (const { name, method, type, input, output } of listing.cases) {
  const from = load(input, type);
  const to = load(output, type);
  Deno.test(`resizeImage() does as Pillow: ${name}`, () => {
    const size = { height: to.height, width: to.width };
    const image = resizeImage(from, { ...size, method: method as ResizeMethod });
    assertEquals({ ...image, data: 0 }, { ...to, data: 0 });
    assertEquals(image.data, to.data);
  });
}

Deno.test("resizeImage() is bilinear where nothing else is said", () => {
  const image = { data: Uint8Array.of(0, 9, 255), height: 1, width: 3, channels: 1 };
  const size = { height: 2, width: 5 };
  assertEquals(resizeImage(image, size), resizeImage(image, { ...size, method: "bilinear" }));
});

Deno.test("resizeImage() gives an image of the size as it is", () => {
  const image = { data: Uint8Array.of(1, 2), height: 1, width: 2, channels: 1 };
  for (const method of ["bilinear", "bicubic", "nearest"] as const) {
    assertStrictEquals(resizeImage(image, { height: 1, width: 2, method }), image);
  }
});

Deno.test("resizeImage() leaves its input alone", () => {
  const data = Uint8Array.of(9, 7, 5, 3);
  for (const method of ["bilinear", "bicubic", "nearest"] as const) {
    resizeImage({ data, height: 2, width: 2, channels: 1 }, { height: 5, width: 1, method });
    assertEquals(data, Uint8Array.of(9, 7, 5, 3));
  }
});

Deno.test("resizeImage() gives no byte above 255, however many rounded weights add up", () => {
  // The weights run from 5.5 to 11 units of the last place, and more of them are rounded up than down.
  const width = 508_400;
  const image = { data: new Uint8Array(width).fill(255), height: 1, width, channels: 1 };
  assertEquals(resizeImage(image, { height: 1, width: 1 }).data, Uint8Array.of(255));
});

Deno.test("resizeImage() gives the same again after many other sizes", () => {
  const image = { data: Uint8Array.of(0, 80, 255), height: 1, width: 3, channels: 1 };
  const before = resizeImage(image, { height: 1, width: 7 });
  for (let width = 8; width < 108; width++) resizeImage(image, { height: 1, width });
  assertEquals(resizeImage(image, { height: 1, width: 7 }), before);
});

Deno.test("resizeImage() refuses an invalid size", () => {
  const image = { data: Uint8Array.of(1), height: 1, width: 1, channels: 1 };
  for (const bad of [0, -1, 1.5, NaN, Infinity]) {
    assertThrows(
      () => resizeImage(image, { height: bad, width: 224 }),
      RangeError,
      `Cannot resize to ${bad} × 224: the height must be an integer of at least 1`,
    );
    assertThrows(
      () => resizeImage(image, { height: 224, width: bad }),
      RangeError,
      `Cannot resize to 224 × ${bad}: the width must be an integer of at least 1`,
    );
  }
});

Deno.test("resizeImage() refuses an unknown method", () => {
  const image = { data: Uint8Array.of(1), height: 1, width: 1, channels: 1 };
  assertThrows(
    () => resizeImage(image, { height: 1, width: 1, method: "lanczos" as ResizeMethod }),
    RangeError,
    'Cannot resize by the method "lanczos": there are bilinear, bicubic and nearest',
  );
});

Deno.test("resizeImage() refuses an image whose shape is not that of its data", () => {
  const image = { data: new Uint8Array(8), height: 2, width: 4, channels: 1 };
  for (const shape of [{ channels: 2 }, { height: 0.5, width: 16 }, { height: -2, width: -4 }]) {
    const { height, width, channels } = { ...image, ...shape };
    assertThrows(
      () => resizeImage({ ...image, ...shape }, { height: 4, width: 4 }),
      RangeError,
      `the image is ${height} × ${width} × ${channels} uint8 and has 8 samples`,
    );
  }
});
