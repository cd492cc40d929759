import { assert, assertEquals } from "@std/assert";
import { encodeImageBlob } from "@rill/rill/pipelines";
import { decodeImageBlob } from "@rill/rill/pipelines/decode-image";

for (const channels of [1, 2, 3, 4]) {
  const data = Uint8Array.from({ length: 7 * 5 * channels }, (_, i) => i * 37);
  const image = { data, height: 7, width: 5, channels };
  assertEquals(await decodeImageBlob(await encodeImageBlob(image)), image);
}

const gray = { data: new Uint8Array(64).fill(99), height: 8, width: 8, channels: 1 };
for (const type of ["image/jpeg", "image/webp"] as const) {
  if ("document" in globalThis) {
    const blob = await encodeImageBlob(gray, { type, quality: 0.9 });
    assertEquals(blob.type, type);
    const { data } = await decodeImageBlob(blob, { channels: 1 });
    assert(data.every((sample) => Math.abs(sample - 99) < 3), data.join());
  } else {
    const error = await encodeImageBlob(gray, { type }).catch((error) => error);
    assertEquals(error.name, "NotSupportedError");
  }
}
