import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ImageError } from "@rill/rill/pipelines";
import { decodeImageBytes, type DecodeImageBytesOptions } from "@rill/rill/pipelines/decode-image";
import { damage } from "../_fuzz.ts";
import { bytesAt, damaged, imageFile, joined, sources, utf8 } from "../_sources.ts";

for (const { name, bytes, shape, pixels } of sources.images) {
  Deno.test(`decodeImageBytes() gives Pillow's samples: ${name}`, async () => {
    const [height, width, channels] = shape;
    const image = await decodeImageBytes(bytesAt(bytes), { orientation: "ignore" });
    assertEquals(image, { data: bytesAt(pixels), height, width, channels });
    assertEquals(image.data.buffer.byteLength, image.data.length);
  });
}

for (const { name, channels, pixels } of sources.converted) {
  Deno.test(`decodeImageBytes() converts as Pillow does: ${name} to ${channels}`, async () => {
    const image = await decodeImageBytes(imageFile(name), { channels });
    assertEquals(image.channels, channels);
    assertEquals(image.data, bytesAt(pixels));
  });
}

Deno.test("decodeImageBytes() decodes several at a time, and those in larger memory", async () => {
  const names = ["JPEG", "PNG RGB", "WebP lossy", "JPEG gray", "PNG palette", "JPEG progressive"];
  const alone = await Promise.all(names.map((name) => decodeImageBytes(imageFile(name))));
  const within = names.map((name) => {
    const file = imageFile(name);
    const larger = joined([new Uint8Array(13), file, new Uint8Array(7)]);
    return larger.subarray(13, 13 + file.length);
  });
  assertEquals(await Promise.all(within.map((bytes) => decodeImageBytes(bytes))), alone);
  const shared = new Uint8Array(new SharedArrayBuffer(within[1]!.length));
  shared.set(within[1]!);
  assertEquals(await decodeImageBytes(shared), alone[1]);
});

/** The error of decoding such a file. */
const failure = (bytes: Uint8Array, options?: DecodeImageBytesOptions): Promise<ImageError> =>
  assertRejects(() => decodeImageBytes(bytes, options), ImageError);

Deno.test("decodeImageBytes() refuses files of other formats", async () => {
  const { message, source, format } = await failure(utf8("GIF89a.."), { source: "a.png" });
  assertEquals(
    message,
    "Cannot decode image a.png as it is neither PNG, JPEG nor WebP: " +
      "it begins with 47 49 46 38 39 61 2e 2e",
  );
  assertEquals([source, format], ["a.png", undefined]);
  assertEquals((await failure(new Uint8Array())).message, "Cannot decode image as it is empty");
});

Deno.test("decodeImageBytes() goes by the content, or refuses an extension that lies", async () => {
  const jpeg = imageFile("JPEG");
  await decodeImageBytes(jpeg, { source: "a.png" });
  for (const source of ["a.jpg", "b/a.JPEG", "a", "a.dat", undefined]) {
    await decodeImageBytes(jpeg, { source, strictExtension: true });
  }
  const { message, format } = await failure(jpeg, { source: "a.PNG", strictExtension: true });
  assertEquals(
    message,
    "Cannot decode image a.PNG as it is JPEG where its extension is that of PNG",
  );
  assertEquals(format, "JPEG");
});

Deno.test("decodeImageBytes() refuses a file that is cut short, wherever", async () => {
  for (const name of ["JPEG", "JPEG progressive", "WebP lossy", "WebP lossless", "PNG RGB"]) {
    const bytes = imageFile(name);
    for (let end = 12; end < bytes.length; end += name.startsWith("JPEG p") ? 7 : 31) {
      const { message, format } = await failure(bytes.slice(0, end));
      assert(message.includes(`it is cut short: it ends after ${end} bytes`), message);
      assertEquals(format, name.split(" ")[0]);
    }
  }
});

Deno.test("decodeImageBytes() refuses a JPEG whose data is cut short, however it ends", async () => {
  const bytes = imageFile("JPEG");
  const half = joined([bytes.slice(0, bytes.length * 0.8), Uint8Array.of(0xff, 0xd9)]);
  const { message } = await failure(half);
  assert(/its data is damaged: Corrupt JPEG data/.test(message), message);
  // One that the decoder gave up on does not spoil the next.
  await decodeImageBytes(bytes);
});

/** A PNG with another size, bits and type of color in its header. */
function pngOf(width: number, height: number, depth = 8, type = 2): Uint8Array<ArrayBuffer> {
  const bytes = imageFile("PNG RGB").slice();
  const view = new DataView(bytes.buffer);
  view.setUint32(16, width);
  view.setUint32(20, height);
  bytes.set([depth, type], 24);
  view.setUint32(29, crc(bytes.subarray(12, 29)));
  return bytes;
}

/** CRC-32, bit by bit. */
function crc(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >>> 1 ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}

Deno.test("decodeImageBytes() refuses absurd sizes before it decodes or takes memory", async () => {
  const before = Deno.memoryUsage().external;
  assertEquals(
    (await failure(pngOf(60_000, 60_000))).message,
    "Cannot decode image as its header promises 60000 × 60000 × 3 samples: there may be 268435456",
  );
  await failure(pngOf(2 ** 31 - 1, 2 ** 31 - 1, 16, 6));
  const jpeg = imageFile("JPEG").slice();
  const frame = jpeg.findIndex((byte, i) => byte === 0xff && jpeg[i + 1] === 0xc0);
  jpeg.set([0xea, 0x60, 0xea, 0x60], frame + 5);
  assert((await failure(jpeg)).message.includes("promises 60000 × 60000 × 3"));
  const webp = imageFile("WebP lossy").slice();
  webp.set([0xff, 0x3f, 0xff, 0x3f], 26);
  assert((await failure(webp)).message.includes("promises 16383 × 16383 × 3"));
  const lossless = imageFile("WebP lossless").slice();
  lossless.set([0xff, 0xff, 0xff, 0x0f], 21);
  assert((await failure(lossless)).message.includes("promises 16384 × 16384 × 3"));
  assert(Deno.memoryUsage().external - before < 2 ** 24);
});

Deno.test("decodeImageBytes() refuses sizes that the file's own could never hold", async () => {
  assert((await failure(pngOf(9000, 9000))).message.includes("can't hold 243009000"));
  const jpeg = imageFile("JPEG").slice();
  const frame = jpeg.findIndex((byte, i) => byte === 0xff && jpeg[i + 1] === 0xc0);
  jpeg.set([0x20, 0, 0x20, 0], frame + 5);
  assert((await failure(jpeg)).message.includes("can't hold 8192 × 8192"));
});

Deno.test("decodeImageBytes() refuses images larger than its own limit", async () => {
  const png = imageFile("PNG RGB"); // 19 × 23 × 3.
  await decodeImageBytes(png, { maxSamples: 19 * 23 * 3 });
  await failure(png, { maxSamples: 19 * 23 * 3 - 1 });
  await failure(png, { maxSamples: 19 * 23 * 3 - 1, channels: 1 });
  await failure(imageFile("PNG gray"), { maxSamples: 19 * 23, channels: 3 });
});

Deno.test("decodeImageBytes() refuses invalid PNGs", async () => {
  const png = imageFile("PNG RGB");
  const expect = async (bytes: Uint8Array, reason: string) => {
    const { message } = await failure(bytes);
    assert(message.includes(reason), `${message} is not: ${reason}`);
  };
  const flipped = (at: number) => png.map((byte, i) => i === at ? byte ^ 1 : byte);
  await expect(flipped(19), "the chunk IHDR at byte 8 has a wrong checksum");
  await expect(flipped(60), "the chunk IDAT at byte 33 has a wrong checksum");
  await expect(flipped(11), "it does not begin with a header");
  await expect(flipped(12), "it does not begin with a header");
  await expect(pngOf(0, 5), "its header has an invalid size: 5 × 0");
  await expect(pngOf(2 ** 31, 5), "its header has an invalid size: 5 × 2147483648");
  await expect(pngOf(23, 19, 4, 2), "its header has an invalid color type: 2 with 4 bits");
  await expect(pngOf(23, 19, 8, 5), "its header has an invalid color type: 5 with 8 bits");
  await expect(pngOf(23, 19, 8, 3), "its palette is missing or invalid");
  await expect(pngOf(23, 20), "its data ends after 1330 of 1400 bytes");
  await expect(joined([png.slice(0, 33), png.slice(-12)]), "it has no data");
  await expect(joined([png.slice(0, 33), png.slice(8)]), "it has two chunks IHDR");
});

Deno.test("decodeImageBytes() skips the chunks of a PNG that do not matter", async () => {
  const png = imageFile("PNG RGB");
  const chunk = (type: string, content: Uint8Array) => {
    const bytes = joined([new Uint8Array(4), utf8(type), content, new Uint8Array(4)]);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, content.length);
    view.setUint32(bytes.length - 4, crc(bytes.subarray(4, -4)));
    return bytes;
  };
  const expected = await decodeImageBytes(png);
  const withText = joined([png.slice(0, 33), chunk("tEXt", utf8("a\0b")), png.slice(33)]);
  assertEquals(await decodeImageBytes(withText), expected);
  assertEquals(await decodeImageBytes(joined([png, utf8("more")])), expected);
  const critical = joined([png.slice(0, 33), chunk("ABCD", utf8("a")), png.slice(33)]);
  assert((await failure(critical)).message.includes("the chunk ABCD at byte 33 is unknown"));
});

Deno.test("decodeImageBytes() inflates no PNG beyond its size", async () => {
  const zeros = new Blob([new Uint8Array(2 ** 27)]).stream();
  const data = new Uint8Array(
    await new Response(zeros.pipeThrough(new CompressionStream("deflate"))).arrayBuffer(),
  );
  const head = pngOf(23, 19).slice(0, 33);
  const idat = joined([new Uint8Array(4), utf8("IDAT"), data, new Uint8Array(4)]);
  const view = new DataView(idat.buffer);
  view.setUint32(0, data.length);
  view.setUint32(idat.length - 4, crc(idat.subarray(4, -4)));
  const start = performance.now();
  const image = await decodeImageBytes(joined([head, idat, imageFile("PNG RGB").slice(-12)]));
  assertEquals(image.data, new Uint8Array(19 * 23 * 3));
  assert(performance.now() - start < 1000);
});

Deno.test("decodeImageBytes() refuses JPEGs of so many scans that they would take hours", async () => {
  const bytes = imageFile("JPEG progressive");
  const last = bytes.findLastIndex((byte, i) => byte === 0xff && bytes[i + 1] === 0xda);
  const scan = bytes.slice(last, -2);
  const many = joined([bytes.slice(0, -2), ...Array(100).fill(scan), bytes.slice(-2)]);
  assert((await failure(many)).message.includes("it has more than 100 scans"));
});

Deno.test("decodeImageBytes() decodes a damaged file or refuses it with an ImageError", async () => {
  const files = sources.images.map(({ bytes }) => bytesAt(bytes));
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...files),
      damage,
      fc.boolean(),
      async (file, damage, seal) => {
        const bytes = damaged(file, damage);
        if (seal) mendChecksums(bytes);
        try {
          const { data, height, width, channels } = await decodeImageBytes(bytes, {
            maxSamples: 2 ** 20,
          });
          assertEquals(data.length, height * width * channels);
        } catch (error) {
          if (!(error instanceof ImageError)) throw error;
        }
      },
    ),
    { numRuns: 600 },
  );
});

/** Gives a damaged PNG's chunks their checksums, so that more of the damage goes further. */
function mendChecksums(bytes: Uint8Array<ArrayBuffer>): void {
  const view = new DataView(bytes.buffer);
  for (let at = 8; at + 12 <= bytes.length;) {
    const end = at + 12 + view.getUint32(at);
    if (end > bytes.length) return;
    view.setUint32(end - 4, crc(bytes.subarray(at + 4, end - 4)));
    at = end;
  }
}

Deno.test("decodeImageBytes() refuses invalid options", () => {
  for (const channels of [0, 2, 4, NaN]) {
    assertThrows(
      () => decodeImageBytes(new Uint8Array(), { channels: channels as 1 }),
      RangeError,
      `Cannot decode images to ${channels} channels: they must be 1 or 3`,
    );
  }
  for (const maxSamples of [0, -1, 1.5, NaN]) {
    assertThrows(
      () => decodeImageBytes(new Uint8Array(), { maxSamples }),
      RangeError,
      `Cannot decode images of up to ${maxSamples} samples`,
    );
  }
});
