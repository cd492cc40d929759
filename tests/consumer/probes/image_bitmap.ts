import { assert, assertEquals } from "@std/assert";
import { readImageBitmap, toImageBitmap } from "@rill/rill/pipelines";

// Opaque pixels come back as they were.
for (const channels of [1, 3] as const) {
  const data = Uint8Array.from({ length: 7 * 5 * channels }, (_, i) => i * 37);
  const image = { data, height: 7, width: 5, channels };
  const bitmap = await toImageBitmap(image);
  assert(bitmap instanceof ImageBitmap);
  for (let twice = 0; twice < 2; twice++) {
    assertEquals(await readImageBitmap(bitmap, { channels }), image);
  }
  bitmap.close();
}

// Of others, browsers know the color as far as alpha leaves it.
const data = Uint8Array.from({ length: 256 * 4 }, (_, i) => i % 4 === 3 ? i >> 2 : i * 37);
const bitmap = await toImageBitmap({ data, height: 16, width: 16, channels: 4 });
const found = await readImageBitmap(bitmap);
for (let at = 0; at < data.length; at += 4) {
  const alpha = data[at + 3]!;
  assertEquals(found.data[at + 3], alpha);
  for (let c = at; alpha > 0 && c < at + 3; c++) {
    const most = Math.ceil(255 / alpha / 2) + 1;
    assert(Math.abs(found.data[c]! - data[c]!) <= most, `${data[c]} at ${alpha}: ${found.data[c]}`);
  }
}
bitmap.close();
const error = await readImageBitmap(bitmap).catch((error) => error);
assertEquals(error.name, "InvalidStateError");
