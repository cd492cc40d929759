import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import fc from "fast-check";
import { encodeImageBlob, ImageError } from "@rill/rill/pipelines";
import { decodeImageBlob } from "@rill/rill/pipelines/decode-image";
import { byteImages } from "./_byte_images.ts";

Deno.test("encodeImageBlob() and decodeImageBlob() give images back", async () => {
  await fc.assert(fc.asyncProperty(byteImages(), async (image) => {
    const blob = await encodeImageBlob(image);
    assertEquals(blob.type, "image/png");
    assertEquals(await decodeImageBlob(blob), image);
  }));
});

Deno.test("decodeImageBlob() names the file that it can't decode", async () => {
  const file = new File(["text"], "notes.png", { type: "image/png" });
  const error = await assertRejects(() => decodeImageBlob(file), ImageError);
  assertEquals(error.source, "notes.png");
  const renamed = await assertRejects(() => decodeImageBlob(file, { source: "it" }), ImageError);
  assertEquals(renamed.source, "it");
  await assertRejects(
    () => decodeImageBlob(new Blob()),
    ImageError,
    "Cannot decode image as it is empty",
  );
});

Deno.test("encodeImageBlob() refuses what it can't encode", async () => {
  const image = { data: new Uint8Array(3), height: 1, width: 1, channels: 3 };
  assertThrows(
    () => void encodeImageBlob(image, { type: "image/gif" as "image/png" }),
    RangeError,
    "Cannot encode image as image/gif: it must be image/png, image/jpeg or image/webp",
  );
  assertThrows(
    () => void encodeImageBlob(image, { quality: 2 }),
    RangeError,
    "Cannot encode image with quality 2: it must be a number from 0 to 1",
  );
  assertThrows(
    () => void encodeImageBlob({ ...image, data: new Float32Array(3) }),
    TypeError,
    "Cannot encode image as image/png as it is 1 × 1 × 3 float32: it must be of bytes",
  );
  const error = await assertRejects(
    () => encodeImageBlob(image, { type: "image/jpeg" }),
    DOMException,
    "Cannot encode image as image/jpeg as this runtime has no",
  );
  assertEquals(error.name, "NotSupportedError");
});
