import { assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import { flow } from "fp-ts/lib/function.js";
import {
  collect,
  type EncodedImage,
  type Example,
  flipHorizontal,
  type ImageError,
  randomRegion,
  randomResizedCrop,
  readImageHeader,
  resize,
  StageError,
  withSeed,
} from "@rill/rill/pipelines";
import { decodeImage } from "@rill/rill/pipelines/decode-image";
import { range } from "../../_helpers.ts";
import { orientedFiles } from "../../_orientations.ts";
import { imageFile, sources } from "../../_sources.ts";
import { byteImage, type Bytes, testAugmentation } from "../_augment.ts";

await testAugmentation({
  name: "randomRegion()",
  stage: (random) => randomRegion(random)<Example<Bytes>>,
  verb: "crop",
  images: [byteImage(9, 13, 3), byteImage(20, 11, 1)],
});

const files: readonly EncodedImage[] = [
  ...sources.images.map(({ name }) => imageFile(name)),
  ...orientedFiles.map(({ bytes }) => bytes),
].map((bytes, label) => ({ bytes, label }));

Deno.test("randomRegion() before decoding gives what randomResizedCrop() gives behind it", async () => {
  const size = { height: 8, width: 9 };
  const boxes = { scale: [0.2, 0.7], ratio: [0.5, 1.5] } as const;
  for (const orientation of ["apply", "ignore"] as const) {
    const decode = decodeImage({ channels: 3, orientation });
    const before = flow(
      withSeed({ seed: 5, epoch: 2 })<EncodedImage>,
      randomRegion({ ...boxes, orientation })<EncodedImage>,
      decode,
      resize(size)<Bytes>,
      flipHorizontal()<Bytes>,
    );
    const behind = flow(
      withSeed({ seed: 5, epoch: 2 })<EncodedImage>,
      decode,
      randomResizedCrop({ ...size, ...boxes })<Bytes>,
      flipHorizontal()<Bytes>,
    );
    const outputs = await collect(before(ReadableStream.from(files)));
    assertEquals(outputs, await collect(behind(ReadableStream.from(files))));
    assertEquals(outputs.map(({ label }) => label), range(files.length));
  }
});

Deno.test("randomRegion() chooses by the file's header, and leaves the rest of an item as it is", async () => {
  const item: EncodedImage & { readonly more: number } = { ...files[0]!, path: "a.jpg", more: 7 };
  const regions = (epoch: number) =>
    collect(randomRegion({ seed: 1, epoch })(ReadableStream.from([item, item])));
  const [first, second] = await regions(0);
  const { region, ...rest } = first!;
  assertEquals<unknown>(rest, item);
  assertNotEquals(second!.region, region);
  assertNotEquals((await regions(1))[0]!.region, region);
  const whole = randomRegion({ scale: [1, 1], ratio: [0.01, 100], seed: 1 });
  const { height, width } = readImageHeader(item.bytes);
  // A ratio other than the image's is never as large as that.
  const [largest] = await collect(whole(ReadableStream.from([item])));
  assertEquals(largest!.region, { top: 0, left: 0, height, width });
});

Deno.test("randomRegion() refuses a file without a header, and wrong options", async () => {
  const broken = { bytes: new Uint8Array(9), label: 0, path: "a.png" };
  const error = await assertRejects(
    () => collect(randomRegion({ seed: 1 })(ReadableStream.from([files[0]!, broken]))),
    StageError,
    "Cannot crop item 1: Cannot decode image a.png as it is neither PNG, JPEG nor WebP",
  );
  assertEquals((error.cause as ImageError).source, "a.png");
  for (
    const options of [
      { scale: [0.5, 0.2] },
      { scale: [-1, 1] },
      { ratio: [0, 1] },
      { orientation: "turn" as "apply" },
    ] as const
  ) assertThrows(() => randomRegion({ seed: 1, ...options }), RangeError, "Cannot crop");
});
