import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { cropImage, resizeImage } from "@rill/rill/pipelines";
import { byteImage, places } from "../_augment.ts";
import { readReferences } from "../../_references.ts";

for (const { name, function: fn, parameters, input, check } of await readReferences("crops")) {
  const [top, left, height, width] = parameters;
  if (fn === "cropImage") {
    Deno.test(`cropImage() does as Pillow's pad and crop: ${name}`, () => {
      const result = cropImage(input, { top, left, height, width, fill: parameters[4] });
      assertEquals([result.height, result.width, result.channels], [height, width, input.channels]);
      check(result);
    });
  } else if (fn === "resizedCrop") {
    Deno.test(`cropImage() and resizeImage() do as torchvision: ${name}`, () => {
      const part = cropImage(input, { top, left, height, width });
      const [, , , , rows, columns, method] = parameters;
      check(resizeImage(part, { height: rows, width: columns, method }));
    });
  }
}

const image = byteImage(3, 4, 2);

Deno.test("cropImage() gives the image itself where the box is all of it", () => {
  assertStrictEquals(cropImage(image, { top: 0, left: 0, height: 3, width: 4, fill: 9 }), image);
});

Deno.test("cropImage() takes a box that lies beside the image", () => {
  const size = { height: 2, width: 3 };
  for (
    const [top, left] of [[-2, 0], [3, 0], [0, -3], [0, 4], [-50, -50], [50, 50], [9, -9]] as const
  ) {
    const { data } = cropImage(image, { top, left, ...size, fill: [5, 6] });
    assertEquals(data, Uint8Array.of(5, 6, 5, 6, 5, 6, 5, 6, 5, 6, 5, 6));
    assertEquals(cropImage(image, { top, left, ...size }).data, new Uint8Array(12));
  }
});

Deno.test("cropImage() takes floats, to fill with as well", () => {
  const { data } = cropImage(places(2, 2), { top: 1, left: 1, height: 1, width: 2, fill: 0.5 });
  assertEquals(data, Float32Array.of(1, 1, 0.5, 0.5));
});

Deno.test("cropImage() refuses an invalid box", () => {
  const box = { top: 0, left: 0, height: 1, width: 1 };
  for (
    const [bad, message] of [
      [{ height: 0 }, "Cannot crop to 0 × 1: the height must be an integer of at least 1"],
      [{ width: 1.5 }, "Cannot crop to 1 × 1.5: the width must be an integer of at least 1"],
      [{ top: 0.5 }, "Cannot crop from row 0.5: the row must be an integer"],
      [{ left: NaN }, "Cannot crop from column NaN: the column must be an integer"],
      [{ fill: NaN }, "Cannot crop with the fill NaN: it must be finite"],
      [{ fill: [] }, "Cannot crop with the fill []: it must have a number for each channel"],
      [{ fill: [0, 0, 0] }, "the image has 2 channels where there are 3 fills"],
      [{ fill: 256 }, "the image is of bytes where the fill is 256, not an integer from 0 to 255"],
      [
        { fill: [0, 0.5] },
        "the image is of bytes where the fill is 0.5, not an integer from 0 to 255",
      ],
    ] as const
  ) {
    assertThrows(() => cropImage(image, { ...box, ...bad }), RangeError, message);
  }
  assertThrows(
    () => cropImage({ ...image, width: 5 }, box),
    RangeError,
    "the image is 3 × 5 × 2 uint8 and has 24 samples",
  );
});
