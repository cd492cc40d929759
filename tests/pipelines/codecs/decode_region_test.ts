import { assert, assertEquals, assertRejects } from "@std/assert";
import { collect, cropImage, type EncodedImage, ImageError } from "@rill/rill/pipelines";
import {
  decodeImage,
  decodeImageBlob,
  decodeImageBytes,
  type DecodeImageBytesOptions,
} from "@rill/rill/pipelines/decode-image";
import { createRandom } from "../../_soak/trend.ts";
import { oddFile, oddImages } from "../_odd_images.ts";
import { orientedFiles } from "../_orientations.ts";
import { imageFile, joined, sources } from "../_sources.ts";

const files = [
  ...sources.images.map(({ name }) => ({ name, bytes: imageFile(name) })),
  ...oddImages.map(({ name }) => ({ name, bytes: oddFile(name) })),
  ...orientedFiles.map(({ name, bytes, orientation }) => ({
    name: `${name} ${orientation}`,
    bytes,
  })),
  { name: "JPEG without its last scans", bytes: withoutLastScans("JPEG of 53 rows, progressive") },
];

/** A progressive file of which the last scans are missing, so that smoothing stands in for what they have. */
function withoutLastScans(name: string): Uint8Array {
  const bytes = oddFile(name);
  const scans = [...bytes.keys()].filter((i) => bytes[i] === 0xff && bytes[i + 1] === 0xda);
  // A scan's tables come before it; they may be those of none.
  return joined([bytes.subarray(0, scans[2]), Uint8Array.of(0xff, 0xd9)]);
}

/** Draws regions of an image: some at its edges, some within. */
function drawRegions(height: number, width: number, count: number) {
  const random = createRandom(height * width);
  const below = (n: number) => Math.floor(random() * n);
  return Array.from({ length: count }, () => {
    const size = { height: 1 + below(height), width: 1 + below(width) };
    return { top: below(height - size.height + 1), left: below(width - size.width + 1), ...size };
  });
}

Deno.test("decodeImageBytes() gives of a region what the whole image has there, of every kind of file", async () => {
  for (const { name, bytes } of files) {
    for (
      const options of [{}, { channels: 1, orientation: "ignore" }, { channels: 3 }] as const
    ) {
      const whole = await decodeImageBytes(bytes, options);
      const { height, width } = whole;
      for (const region of [...drawRegions(height, width, 6), { top: 0, left: 0, height, width }]) {
        const { data, ...shape } = await decodeImageBytes(bytes, { ...options, region });
        const { data: expected, ...size } = cropImage(whole, region);
        assertEquals(shape, size, name);
        assert(
          data.every((sample, i) => sample === expected[i]),
          `${name} ${JSON.stringify(region)}`,
        );
      }
    }
  }
});

Deno.test("decodeImage() and decodeImageBlob() decode the region", async () => {
  const bytes = imageFile("JPEG");
  const region = { top: 3, left: 5, height: 9, width: 12 };
  const image = cropImage(await decodeImageBytes(bytes), region);
  const encoded: EncodedImage = { bytes, label: 4, region };
  assertEquals(await collect(decodeImage()(ReadableStream.from([encoded]))), [{ image, label: 4 }]);
  assertEquals(await decodeImageBlob(new Blob([bytes]), { region }), image);
});

Deno.test("decodeImageBytes() refuses a region that the image hasn't, and one that none has", async () => {
  const upright = { bytes: imageFile("JPEG"), size: "19 × 23" };
  const turned = {
    bytes:
      orientedFiles.find(({ orientation, stored: [height, width] }) =>
        orientation === 6 && height < width
      )!.bytes,
  };
  const region = { top: 3, left: 20, height: 2, width: 4 };
  const decode = (bytes: Uint8Array, options: DecodeImageBytesOptions) => () =>
    decodeImageBytes(bytes, { source: "a.jpg", ...options });
  await assertRejects(
    decode(upright.bytes, { region }),
    ImageError,
    `Cannot decode image a.jpg as it is ${upright.size} and has no region of 2 × 4 at row 3, column 20`,
  );
  const { height, width } = await decodeImageBytes(turned.bytes);
  assert(height > width);
  await assertRejects(
    decode(turned.bytes, { region: { top: 0, left: 0, height: width, width: height } }),
    ImageError,
    `it is ${height} × ${width} and has no region of ${width} × ${height} at row 0, column 0`,
  );
  for (
    const [part, reason] of [
      [{ top: -1 }, "from row -1: the row must be an integer of at least 0"],
      [{ left: 0.5 }, "from column 0.5: the column must be an integer of at least 0"],
      [{ height: 0 }, "of 0 rows: the number must be an integer of at least 1"],
      [{ width: NaN }, "of NaN columns: the number must be an integer of at least 1"],
    ] as const
  ) {
    const options = { region: { ...region, ...part } };
    await assertRejects(
      async () => await decodeImageBytes(upright.bytes, options),
      RangeError,
      `Cannot decode a region ${reason}`,
    );
  }
});

Deno.test("decodeImageBytes() refuses a JPEG that is damaged before the end of the region, and not for what is behind", async () => {
  const name = "JPEG sampled 1x1";
  const bytes = oddFile(name).slice();
  const { height, width } = await decodeImageBytes(bytes);
  // A marker in the last row of blocks: the rest is missing.
  const scan = bytes.length - 80;
  bytes.set([0xff, 0xd3], scan);
  const above = { top: 0, left: 0, height: 8, width };
  assertEquals(
    await decodeImageBytes(bytes, { region: above }),
    await decodeImageBytes(oddFile(name), { region: above }),
  );
  for (const region of [undefined, { ...above, height }, { ...above, top: height - 8 }]) {
    await assertRejects(() => decodeImageBytes(bytes, { region }), ImageError, "is damaged");
  }
});
