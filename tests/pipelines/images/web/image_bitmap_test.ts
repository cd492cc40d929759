import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import fc from "fast-check";
import { readImageBitmap, readImageData, toImageBitmap, toImageData } from "@rill/rill/pipelines";
import { byteImages } from "./_byte_images.ts";

Deno.test("toImageBitmap() and readImageBitmap() give images back, alpha too", async () => {
  await fc.assert(
    fc.asyncProperty(byteImages(), async (image) => {
      const bitmap = await toImageBitmap(image);
      assertEquals([bitmap.height, bitmap.width], [image.height, image.width]);
      // Reading doesn't take it away.
      for (let twice = 0; twice < 2; twice++) {
        assertEquals(await readImageBitmap(bitmap), readImageData(toImageData(image)));
      }
      if (image.channels !== 2) {
        const channels = image.channels as 1 | 3 | 4;
        assertEquals(await readImageBitmap(bitmap, { channels }), image);
      }
      bitmap.close();
    }),
    { numRuns: 40 },
  );
});

Deno.test("readImageBitmap() reads a bitmap of a decoded file", async () => {
  const png = Uint8Array.fromBase64(
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAAAAADRSSBWAAAAC0lEQVR4nGNg+A8AAQIBAEK+vGgAAAAASUVORK5CYII=",
  );
  const bitmap = await createImageBitmap(new Blob([png], { type: "image/png" }));
  const image = await readImageBitmap(bitmap, { channels: 1 });
  assertEquals(image, { data: Uint8Array.of(0, 255), height: 1, width: 2, channels: 1 });
  bitmap.close();
});

Deno.test("readImageBitmap() refuses a closed bitmap", async () => {
  const image = { data: Uint8Array.of(0), height: 1, width: 1, channels: 1 };
  const bitmap = await toImageBitmap(image);
  bitmap.close();
  const error = await assertRejects(
    () => readImageBitmap(bitmap),
    DOMException,
    "Cannot read an ImageBitmap as it is closed, or was transferred",
  );
  assertEquals(error.name, "InvalidStateError");
});

Deno.test("toImageBitmap() refuses floats where they are given", () => {
  const image = { data: new Float32Array(1), height: 1, width: 1, channels: 1 };
  assertThrows(
    () => void toImageBitmap(image),
    TypeError,
    "Cannot make an ImageBitmap of the image as it is 1 × 1 × 1 float32: it must be of bytes",
  );
});
