import { assertEquals, assertThrows } from "@std/assert";
import { readImageData, toImageData } from "@rill/rill/pipelines";

// Every alpha, and colors that premultiplying would change.
const data = Uint8Array.from({ length: 256 * 4 }, (_, i) => i % 4 === 3 ? i >> 2 : i * 37);
const image = { data, height: 8, width: 32, channels: 4 };
assertEquals(readImageData({ ...image, data: new Uint8ClampedArray(data) }), image);
assertThrows(() => toImageData({ ...image, data: new Float32Array(1024) }), TypeError);
// Node has none, unless a package brings one.
if ("ImageData" in globalThis) {
  const pixels = toImageData(image);
  assertEquals(pixels instanceof ImageData, true);
  assertEquals(readImageData(pixels), image);
} else {
  assertEquals(assertThrows(() => toImageData(image), DOMException).name, "NotSupportedError");
}
