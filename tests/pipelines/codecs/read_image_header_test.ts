import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ImageError, readImageHeader } from "@rill/rill/pipelines";
import { damage } from "../_fuzz.ts";
import { orientedFile, orientedFiles } from "../_orientations.ts";
import { bytesAt, damaged, imageFile, sources, utf8 } from "../_sources.ts";

Deno.test("readImageHeader() tells format, size and channels of what is then decoded", () => {
  for (const { name, bytes, shape } of sources.images) {
    const [height, width, channels] = shape;
    const format = name.split(" ")[0];
    const orientation = name === "JPEG upside down" ? 3 : 1;
    const header = { format, height, width, channels, orientation };
    assertEquals(readImageHeader(bytesAt(bytes)) as unknown, header, name);
  }
});

Deno.test("readImageHeader() tells the orientation, and the size as it is stored", () => {
  for (const { name, bytes, orientation, stored: [height, width, channels] } of orientedFiles) {
    const header = { format: name.split(" ")[0], height, width, channels, orientation };
    assertEquals(readImageHeader(bytes) as unknown, header, name);
  }
});

Deno.test("readImageHeader() needs the beginning of a file alone", () => {
  for (const { name, bytes } of sources.images) {
    const whole = readImageHeader(bytesAt(bytes));
    const lengths = [];
    for (let length = 0; length <= bytes[1]; length++) {
      try {
        assertEquals(readImageHeader(bytesAt(bytes).subarray(0, length)), whole, name);
        lengths.push(length);
      } catch (error) {
        if (!(error instanceof ImageError)) throw error;
      }
    }
    // From some length on all are enough, and that is not the last.
    assertEquals(lengths.length, bytes[1] - lengths[0]! + 1, name);
    assert(lengths[0]! < bytes[1] * 0.9, `${name}: ${lengths[0]} of ${bytes[1]}`);
  }
  // WebP has its orientation behind the picture.
  const { bytes } = orientedFile("WebP 6");
  assertEquals(readImageHeader(bytes.subarray(0, bytes.length - 40)).orientation, 1);
});

Deno.test("readImageHeader() tells sizes that could never be decoded", () => {
  const png = imageFile("PNG RGB").slice(0, 33);
  assertThrows(() => readImageHeader(png), ImageError, "it is cut short: it ends after 33 bytes");
  const jpeg = imageFile("JPEG").slice();
  const frame = jpeg.findIndex((byte, i) => byte === 0xff && jpeg[i + 1] === 0xc0);
  jpeg.set([0xea, 0x60, 0xea, 0x60], frame + 5);
  const { height, width } = readImageHeader(jpeg);
  assertEquals([height, width], [60_000, 60_000]);
});

Deno.test("readImageHeader() refuses what is no image, and names it", () => {
  const refuse = (bytes: Uint8Array, message: string) => {
    const error = assertThrows(() => readImageHeader(bytes, { source: "a.png" }), ImageError);
    assertEquals(error.message, `Cannot decode image a.png as ${message}`);
    assertEquals(error.source, "a.png");
  };
  refuse(new Uint8Array(), "it is empty");
  refuse(utf8("GIF89a"), "it is neither PNG, JPEG nor WebP: it begins with 47 49 46 38 39 61");
  refuse(imageFile("JPEG").slice(0, 20), "it is cut short: it ends after 20 bytes");
  const error = assertThrows(() => readImageHeader(utf8("a")), ImageError);
  assert(error.message.startsWith("Cannot decode image as it is neither"));
});

Deno.test("readImageHeader() reads a damaged file's header or refuses it with an ImageError", () => {
  const files = [
    ...sources.images.map(({ bytes }) => bytesAt(bytes)),
    ...orientedFiles.map(({ bytes }) => bytes),
  ];
  fc.assert(
    fc.property(fc.constantFrom(...files), damage, (file, damage) => {
      try {
        const { height, width, orientation } = readImageHeader(damaged(file, damage));
        assert(height > 0 && width > 0 && orientation >= 1 && orientation <= 8);
      } catch (error) {
        if (!(error instanceof ImageError)) throw error;
      }
    }),
    { numRuns: 3000 },
  );
});
