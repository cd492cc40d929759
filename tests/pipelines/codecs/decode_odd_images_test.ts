import { assert, assertEquals, assertRejects } from "@std/assert";
import { inflateSync } from "node:zlib";
import { ImageError } from "@rill/rill/pipelines";
import { decodeImageBytes } from "@rill/rill/pipelines/decode-image";
import { oddFile, oddImages, readPiece } from "../_odd_images.ts";
import { imageFile, joined } from "../_sources.ts";

for (const { name, shape: [height, width, channels], pixels } of oddImages) {
  Deno.test(`decodeImageBytes() gives Pillow's samples: ${name}`, async () => {
    const data = new Uint8Array(inflateSync(readPiece(pixels)));
    assertEquals(await decodeImageBytes(oddFile(name)), { data, height, width, channels });
  });
}

const refuse = async (bytes: Uint8Array, reason: string) => {
  const { message } = await assertRejects(() => decodeImageBytes(bytes), ImageError);
  assert(message.includes(reason), `${message} is not: ${reason}`);
};

const findMarker = (jpeg: Uint8Array, marker: number, from = 0): number =>
  jpeg.findIndex((byte, i) => i >= from && byte === 0xff && jpeg[i + 1] === marker);

Deno.test("decodeImageBytes() refuses a JPEG with stray bytes in its compressed data", async () => {
  const jpeg = oddFile("JPEG sampled 2x2");
  const end = jpeg.length - 2;
  for (let count = 1; count < 20; count++) {
    const stray = new Uint8Array(count).fill(0x5a);
    const reason = `Corrupt JPEG data: ${count} extraneous bytes before marker 0xd9`;
    await refuse(joined([jpeg.slice(0, end), stray, jpeg.slice(end)]), `is damaged: ${reason}`);
  }
  // Before the end of a restart interval, and of a scan that is not the last.
  for (
    const [name, marker] of [["JPEG with restarts", 0xd1], [
      "JPEG sampled 1x2, progressive",
      0xc4,
    ]] as const
  ) {
    const file = oddFile(name);
    const scan = findMarker(file, 0xda);
    const at = findMarker(file, marker, scan);
    for (let count = 1; count < 20; count++) {
      const stray = new Uint8Array(count).fill(0x5a);
      const reason = `${count} extraneous bytes before marker 0x${marker.toString(16)}`;
      await refuse(joined([file.slice(0, at), stray, file.slice(at)]), `JPEG data: ${reason}`);
    }
  }
  // One that was refused does not spoil the next.
  await decodeImageBytes(jpeg);
});

Deno.test("decodeImageBytes() takes zeros before a JPEG's markers, which are padding", async () => {
  for (
    const [name, marker] of [
      ["JPEG sampled 2x2", 0xd9],
      ["JPEG with restarts", 0xd1],
      ["JPEG sampled 1x2, progressive", 0xc4],
      ["JPEG sampled 1x2, progressive", 0xd9],
    ] as const
  ) {
    const file = oddFile(name);
    const at = findMarker(file, marker, findMarker(file, 0xda));
    const image = await decodeImageBytes(file);
    for (let count = 1; count < 20; count++) {
      for (const fill of [0, 2]) {
        const padding = new Uint8Array(count + fill).fill(0xff, count);
        const padded = joined([file.slice(0, at), padding, file.slice(at)]);
        assertEquals(await decodeImageBytes(padded), image);
      }
    }
  }
});

Deno.test("decodeImageBytes() takes an unknown color transform for YCCK, as Pillow does", async () => {
  const cmyk = oddFile("JPEG CMYK");
  const transform = findMarker(cmyk, 0xee) + 15;
  const change = (code: number) => cmyk.map((old, i) => i === transform ? code : old);
  assertEquals(await decodeImageBytes(change(7)), await decodeImageBytes(change(2)));
});

Deno.test("decodeImageBytes() refuses a JPEG that lacks a part of its compressed data", async () => {
  const jpeg = oddFile("JPEG sampled 2x2");
  const scan = jpeg.findIndex((byte, i) => byte === 0xff && jpeg[i + 1] === 0xda);
  const half = scan + 14 + (jpeg.length - scan >> 1);
  await refuse(
    joined([jpeg.slice(0, half), jpeg.slice(-2)]),
    "its data is damaged: Corrupt JPEG data: premature end of data segment",
  );
});

Deno.test("decodeImageBytes() refuses JPEGs of other processes, by name", async () => {
  const jpeg = imageFile("JPEG");
  const frame = jpeg.findIndex((byte, i) => byte === 0xff && jpeg[i + 1] === 0xc0);
  const change = (at: number, byte: number) => jpeg.map((old, i) => i === frame + at ? byte : old);
  await refuse(change(1, 0xc3), "it is lossless JPEG, which can't be decoded");
  await refuse(change(1, 0xcb), "it is lossless JPEG, which can't be decoded");
  await refuse(change(1, 0xc5), "it is hierarchical JPEG, which can't be decoded");
  await refuse(change(1, 0xcf), "it is hierarchical lossless JPEG, which can't be decoded");
  await refuse(change(4, 12), "it has 12 bits a sample: 8 can be decoded");
  await refuse(change(9, 2), "it has 2 channels: 1, 3 or 4 can be decoded");
});

Deno.test("decodeImageBytes() counts the RGB of CMYK against its limit", async () => {
  const cmyk = oddFile("JPEG CMYK"); // 21 × 26.
  await decodeImageBytes(cmyk, { maxSamples: 21 * 26 * 3 });
  await assertRejects(() => decodeImageBytes(cmyk, { maxSamples: 21 * 26 * 3 - 1 }), ImageError);
  assertEquals((await decodeImageBytes(cmyk, { channels: 1 })).channels, 1);
});

Deno.test("decodeImageBytes() takes no more memory with each JPEG, sound or damaged", async () => {
  const sound = oddFile("JPEG sampled 2x2");
  const damaged = joined([sound.slice(0, -60), sound.slice(-2)]);
  const decodeMany = async () => {
    for (let i = 0; i < 2000; i++) {
      await decodeImageBytes(sound);
      await refuse(damaged, "premature end");
    }
  };
  await decodeMany();
  // The memory is that of all tests that run at a time: what leaks shows in every round.
  let least = Infinity;
  for (let round = 0; round < 4; round++) {
    const before = Deno.memoryUsage().rss;
    await decodeMany();
    least = Math.min(least, Deno.memoryUsage().rss - before);
  }
  assert(least < 2 ** 25, `${least} bytes`);
});

Deno.test("decodeImageBytes() decodes several JPEGs at a time", async () => {
  const names = oddImages.map(({ name }) => name).filter((name) => name.startsWith("JPEG sampled"));
  const alone = [];
  for (const name of names) alone.push(await decodeImageBytes(oddFile(name)));
  assertEquals(await Promise.all(names.map((name) => decodeImageBytes(oddFile(name)))), alone);
});

/** Changes some bytes of an animated WebP's frame header, and restores none of its sizes. */
const changeFrame = (at: number, ...bytes: number[]): Uint8Array => {
  const webp = oddFile("WebP animated, a frame within");
  const frame = new TextDecoder("latin1").decode(webp).indexOf("ANMF");
  webp.set(bytes, frame + at);
  return webp;
};

Deno.test("decodeImageBytes() refuses an animated WebP whose first frame is invalid", async () => {
  await refuse(changeFrame(0, 0x41, 0x42), "it has no frame");
  await refuse(changeFrame(8, 20), "its first frame is larger than the image");
  await refuse(changeFrame(4, 0xff, 0xff, 0xff), "it is cut short");
  await refuse(changeFrame(14, 9), "its data is damaged");
});
