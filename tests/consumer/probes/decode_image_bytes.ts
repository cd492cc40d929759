import { assertEquals } from "@std/assert";
import { decodeImageBytes } from "@rill/rill/pipelines/decode-image-bytes";
import { images } from "./_images.ts";

for (const { bytes, shape } of images) {
  const { data, height, width, channels } = await decodeImageBytes(bytes);
  assertEquals<readonly number[]>([height, width, channels], shape);
  assertEquals(data.length, height * width * channels);
}
