import { assertEquals, assertThrows } from "@std/assert";
import { flipImage } from "@rill/rill/pipelines";
import { byteImage } from "../_augment.ts";
import { readReferences } from "../../_references.ts";

for (const { name, function: fn, input, check } of await readReferences("crops")) {
  if (fn !== "flipImage") continue;
  Deno.test(`flipImage() does as torchvision: ${name}`, () => {
    const image = flipImage(input);
    assertEquals({ ...image, data: 0 }, { ...input, data: 0 });
    check(image);
  });
}

Deno.test("flipImage() twice is no change, for any number of channels", () => {
  for (
    const [height, width, channels] of [[1, 1, 1], [3, 4, 1], [2, 5, 2], [4, 3, 3], [
      2,
      2,
      7,
    ]] as const
  ) {
    const image = byteImage(height, width, channels);
    assertEquals(flipImage(flipImage(image)), image);
    assertEquals(
      flipImage(image).data.slice(0, channels),
      image.data.slice((width - 1) * channels, width * channels),
    );
  }
});

Deno.test("flipImage() refuses an image whose shape is not that of its data", () => {
  assertThrows(
    () => flipImage({ ...byteImage(2, 2, 1), width: 3 }),
    RangeError,
    "the image is 2 × 3 × 1 uint8 and has 4 samples",
  );
});
