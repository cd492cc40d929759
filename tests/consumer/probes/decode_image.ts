import { assertEquals } from "@std/assert";
import { collect } from "@rill/rill/pipelines";
import { decodeImage, decodeImageBytes } from "@rill/rill/pipelines/decode-image";
import { images } from "./_images.ts";

const examples = await collect(decodeImage({ channels: 3 })(ReadableStream.from(images)));
assertEquals(
  examples.map(({ image: { height, width, channels }, label }) => [height, width, channels, label]),
  images.map(({ shape: [height, width], label }) => [height, width, 3, label]),
);

for (const { bytes, shape } of images) {
  const { data, height, width, channels } = await decodeImageBytes(bytes);
  assertEquals<readonly number[]>([height, width, channels], shape);
  assertEquals(data.length, height * width * channels);
}
