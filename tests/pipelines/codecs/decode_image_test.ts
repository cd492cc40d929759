import { assertEquals, assertInstanceOf, assertRejects, assertThrows } from "@std/assert";
import {
  drain,
  type EncodedImage,
  type Example,
  ImageError,
  StageError,
} from "@rill/rill/pipelines";
import { decodeImage } from "@rill/rill/pipelines/decode-image";
import { counting, testStage } from "../_helpers.ts";
import { bytesAt, imageFile, sources } from "../_sources.ts";

const names = ["PNG gray", "JPEG", "WebP lossless", "PNG one pixel"];
const files: EncodedImage[] = names.map((name, label) => ({ bytes: imageFile(name), label }));
const examples = names.map((name, label): Example<Uint8Array<ArrayBuffer>> => {
  const { shape, pixels } = sources.images.find((image) => image.name === name)!;
  const [height, width, channels] = shape;
  return { image: { data: bytesAt(pixels), height, width, channels }, label };
});

testStage<EncodedImage, Example>({
  name: "decodeImage()",
  stage: decodeImage(),
  input: files,
  output: examples,
  pulled: (given) => given,
});

Deno.test("decodeImage() names the item, the file and the reason of an error", async () => {
  const cut = { bytes: imageFile("JPEG").slice(0, 200), label: 0, path: "boots/3.png" };
  const source = counting([...files.slice(0, 1), cut]);
  const error = await assertRejects(
    () => drain(decodeImage({ channels: 3 })(source)),
    StageError,
    "Cannot decode item 1: Cannot decode image boots/3.png as it is cut short: " +
      "it ends after 200 bytes",
  );
  assertInstanceOf(error.cause, ImageError);
  const { source: path, format } = error.cause;
  assertEquals([error.stage, error.position, path, format], ["decode", 1, "boots/3.png", "JPEG"]);
  assertEquals(source.closed, 1);
});

Deno.test("decodeImage() looks at extensions when asked to", async () => {
  const lying = { ...files[0]!, path: "a.jpg" };
  await drain(decodeImage()(counting([lying])));
  await assertRejects(
    () => drain(decodeImage({ strictExtension: true })(counting([lying]))),
    StageError,
    "it is PNG where its extension is that of JPEG",
  );
});

Deno.test("decodeImage() refuses invalid options, at once", () => {
  assertThrows(() => decodeImage({ channels: 2 as 1 }), RangeError, "Cannot decode images to 2");
  assertThrows(() => decodeImage({ maxSamples: 0 }), RangeError, "Cannot decode images of up to 0");
});
