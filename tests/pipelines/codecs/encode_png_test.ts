import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { encodePng, readImageHeader } from "@rill/rill/pipelines";
import { decodeImageBytes } from "@rill/rill/pipelines/decode-image";
import { byteImages } from "../images/web/_byte_images.ts";

Deno.test("encodePng() writes what decodeImageBytes() reads, in all channels", async () => {
  await fc.assert(fc.asyncProperty(byteImages(), async (image) => {
    const file = await encodePng(image);
    const { format, height, width, channels } = readImageHeader(file);
    assertEquals([format, height, width, channels], [
      "PNG",
      image.height,
      image.width,
      image.channels,
    ]);
    assertEquals(await decodeImageBytes(file), image);
  }));
});

Deno.test("encodePng() filters rows, so that a gradient takes little space", async () => {
  const data = Uint8Array.from({ length: 256 * 256 }, (_, i) => (i & 255) + 3 * (i >> 8));
  const file = await encodePng({ data, height: 256, width: 256, channels: 1 });
  assert(file.length < 1500, `${file.length} bytes`);
});

Deno.test("encodePng() refuses floats, more channels and shapes that don't fit", () => {
  const image = { data: new Uint8Array(3), height: 1, width: 1, channels: 3 };
  assertThrows(
    () => void encodePng({ ...image, data: new Float32Array(3) }),
    TypeError,
    "Cannot encode image as PNG as it is 1 × 1 × 3 float32: it must be of bytes",
  );
  assertThrows(
    () => void encodePng({ ...image, data: new Uint8Array(5), channels: 5 }),
    RangeError,
    "Cannot encode image as PNG as it has 5 channels: there must be 1 to 4",
  );
  assertThrows(
    () => void encodePng({ ...image, width: 2 }),
    RangeError,
    "Cannot encode image as PNG: the image is 1 × 2 × 3 uint8 and has 3 samples",
  );
});
