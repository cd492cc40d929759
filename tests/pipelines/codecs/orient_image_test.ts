import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  collect,
  type Image,
  ImageError,
  type ImageOrientation,
  orientImage,
} from "@rill/rill/pipelines";
import { decodeImage, decodeImageBytes } from "@rill/rill/pipelines/decode-image";
import { orientedFile, orientedFiles } from "../_orientations.ts";

for (const { name, bytes, orientation, stored, turned } of orientedFiles) {
  Deno.test(`decodeImageBytes() turns as Pillow's exif_transpose() does: ${name}`, async () => {
    assertEquals(await decodeImageBytes(bytes), turned);
    const [height, width, channels] = stored;
    const plain = await decodeImageBytes(bytes, { orientation: "ignore" });
    assertEquals([plain.height, plain.width, plain.channels], [height, width, channels]);
    assertEquals(orientImage(plain, orientation), turned);
    const other = channels === 1 ? 3 : 1;
    const converted = await decodeImageBytes(bytes, { channels: other });
    const unturned = await decodeImageBytes(bytes, { channels: other, orientation: "ignore" });
    assertEquals(converted, orientImage(unturned, orientation));
  });
}

Deno.test("decodeImage() turns images, and leaves them as they are stored by an option", async () => {
  const { bytes, turned } = orientedFile("JPEG 6");
  const files = () => ReadableStream.from([{ bytes, label: 3 }]);
  assertEquals(await collect(decodeImage()(files())), [{ image: turned, label: 3 }]);
  const [stored] = await collect(decodeImage({ orientation: "ignore" })(files()));
  assertEquals([stored?.image.height, stored?.image.width], [11, 17]);
  assertThrows(
    () => decodeImage({ orientation: "6" as "apply" }),
    RangeError,
    'Cannot decode images with orientation 6: it must be "apply" or "ignore"',
  );
});

Deno.test("decodeImageBytes() is never failed by EXIF, whatever is in it", async () => {
  const { bytes } = orientedFile("JPEG 6");
  const stored = await decodeImageBytes(bytes, { orientation: "ignore" });
  const all = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => orientImage(stored, n as ImageOrientation));
  const start = bytes.findIndex((byte, i) => byte === 0xff && bytes[i + 1] === 0xe1) + 4;
  const size = bytes[start - 2]! * 256 + bytes[start - 1]! - 2;
  const change = fc.tuple(fc.nat(size - 1), fc.nat(255));
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 6 }), async (changes) => {
      const broken = bytes.slice();
      for (const [at, value] of changes) broken[start + at] = value;
      const image = await decodeImageBytes(broken);
      assert(all.some(({ data }) => data.every((sample, i) => sample === image.data[i])));
    }),
    { numRuns: 300 },
  );
});

Deno.test("decodeImageBytes() leaves out EXIF that is cut short or of another kind", async () => {
  const { bytes } = orientedFile("JPEG 6");
  const stored = await decodeImageBytes(bytes, { orientation: "ignore" });
  const marker = bytes.findIndex((byte, i) => byte === 0xff && bytes[i + 1] === 0xe1);
  const size = bytes[marker + 2]! * 256 + bytes[marker + 3]!;
  // The next directory's address, behind the last tag, is of no use.
  for (let kept = 0; kept < size - 2 - 4; kept++) {
    const cut = new Uint8Array(bytes.length - size + 2 + kept);
    cut.set(bytes.subarray(0, marker + 4 + kept));
    cut.set(bytes.subarray(marker + 2 + size), marker + 4 + kept);
    cut.set([kept + 2 >> 8, kept + 2 & 255], marker + 2);
    assertEquals(await decodeImageBytes(cut), stored);
  }
  const at = (offset: number, value: number) =>
    bytes.map((byte, i) => i === marker + 10 + offset ? value : byte);
  // Its byte order, its mark, and of the tag's type and count.
  for (const broken of [at(0, 0x4d), at(2, 43), at(24, 1), at(24, 2), at(26, 2)]) {
    assertEquals(await decodeImageBytes(broken), stored);
  }
});

Deno.test("decodeImageBytes() takes the orientation of a PNG's sound chunk, and of the first", async () => {
  const { bytes, turned } = orientedFile("PNG 6");
  const find = (tag: string, from = 0) =>
    bytes.findIndex((_, i) =>
      i >= from && [...tag].every((c, j) => bytes[i + j] === c.charCodeAt(0))
    );
  const exif = find("eXIf");
  const broken = bytes.map((byte, i) => i === exif + 4 + 12 ? byte ^ 1 : byte);
  assertEquals(
    await decodeImageBytes(broken),
    await decodeImageBytes(bytes, { orientation: "ignore" }),
  );
  const upright = orientedFile("PNG 1").bytes;
  const end = bytes.slice(exif - 4, exif - 4 + 12 + new DataView(bytes.buffer).getUint32(exif - 4));
  const both = new Uint8Array([...upright.slice(0, -12), ...end, ...upright.slice(-12)]);
  assertEquals(await decodeImageBytes(both), await decodeImageBytes(upright));
  assertEquals(await decodeImageBytes(bytes), turned);
});

Deno.test("decodeImageBytes() refuses what is too large however it is turned", async () => {
  const { bytes } = orientedFile("JPEG 6");
  await decodeImageBytes(bytes, { maxSamples: 11 * 17 * 3 });
  await assertRejects(
    () => decodeImageBytes(bytes, { maxSamples: 11 * 17 * 3 - 1 }),
    ImageError,
    "its header promises 11 × 17 × 3 samples",
  );
});

/** Where each orientation puts a pixel, as EXIF's text says it. */
const MOVES: Readonly<
  Record<number, (row: number, column: number, h: number, w: number) => [number, number]>
> = {
  1: (row, column) => [row, column],
  2: (row, column, _, w) => [row, w - 1 - column],
  3: (row, column, h, w) => [h - 1 - row, w - 1 - column],
  4: (row, column, h) => [h - 1 - row, column],
  5: (row, column) => [column, row],
  6: (row, column, h) => [column, h - 1 - row],
  7: (row, column, h, w) => [w - 1 - column, h - 1 - row],
  8: (row, column, _, w) => [w - 1 - column, row],
};

Deno.test("orientImage() moves each pixel to its place, whatever the size and the samples", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 140 }),
      fc.integer({ min: 1, max: 140 }),
      fc.integer({ min: 1, max: 4 }),
      fc.boolean(),
      (height, width, channels, isFloat) => {
        const length = height * width * channels;
        const data = isFloat ? new Float32Array(length) : new Uint8Array(length);
        for (let i = 0; i < length; i++) data[i] = (i * 31 + 7) % 251;
        const image: Image = { data, height, width, channels };
        for (const [orientation, move] of Object.entries(MOVES)) {
          const turned = orientImage(image, Number(orientation) as ImageOrientation);
          assertEquals(turned.data.constructor, data.constructor);
          assertEquals(
            [turned.height, turned.width],
            Number(orientation) > 4 ? [width, height] : [height, width],
          );
          for (let row = 0; row < height; row++) {
            for (let column = 0; column < width; column++) {
              const [to, at] = move(row, column, height, width);
              for (let c = 0; c < channels; c++) {
                const moved = turned.data[(to * turned.width + at) * channels + c];
                if (moved !== data[(row * width + column) * channels + c]) {
                  throw new Error(`${orientation}: ${row}, ${column} is not at ${to}, ${at}`);
                }
              }
            }
          }
        }
      },
    ),
    { numRuns: 30 },
  );
});

Deno.test("orientImage() gives the same image where there is nothing to do", () => {
  const image = { data: new Uint8Array(2), height: 1, width: 2, channels: 1 };
  assertStrictEquals(orientImage(image, 1), image);
});

Deno.test("orientImage() refuses an orientation that is none", () => {
  const image = { data: new Uint8Array(2), height: 1, width: 2, channels: 1 };
  for (const orientation of [0, 9, 1.5, NaN, -1]) {
    assertThrows(
      () => orientImage(image, orientation as ImageOrientation),
      RangeError,
      `Cannot orient an image by ${orientation}: it must be an integer from 1 to 8`,
    );
  }
});
