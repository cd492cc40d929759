import { assertEquals, assertThrows } from "@std/assert";
import { shareBatch } from "@rill/rill/models";

const whole = {
  images: { data: Float32Array.from({ length: 20 }, (_, i) => i), shape: [5, 2, 2] },
  labels: Int32Array.of(0, 1, 2, 3, 4),
  masks: { data: Uint8Array.from({ length: 15 }, (_, i) => i), shape: [5, 3] as const, soft: true },
  names: ["a", "b", "c", "d", "e"],
  absent: undefined,
  size: 5,
};

const share = (rank: number, size: number) => shareBatch(whole, { rank, size });

Deno.test("shareBatch() shares every field, in order, and views what it can", () => {
  for (const size of [1, 2, 3, 5, 7]) {
    const parts = Array.from({ length: size }, (_, rank) => share(rank, size));
    assertEquals(parts.reduce((sum, part) => sum + part.size, 0), 5);
    assertEquals(parts.flatMap(({ labels }) => [...labels]), [...whole.labels]);
    assertEquals(parts.flatMap(({ names }) => names), whole.names);
    assertEquals(parts.flatMap(({ images }) => [...images.data]), [...whole.images.data]);
    assertEquals(parts.flatMap(({ masks }) => [...masks.data]), [...whole.masks.data]);
    for (const part of parts) {
      assertEquals(
        [part.images.shape, part.masks.shape as readonly number[], part.masks.soft],
        [[part.size, 2, 2], [part.size, 3], true],
      );
      assertEquals(part.images.data.buffer, whole.images.data.buffer);
      assertEquals(part.labels.buffer, whole.labels.buffer);
      assertEquals([part.labels.length, part.names.length], [part.size, part.size]);
    }
    const most = Math.ceil(5 / size);
    assertEquals(parts.every((part) => part.size === most || part.size === most - 1), true);
  }
});

Deno.test("shareBatch() gives nothing to some where there are more ranks than examples", () => {
  const one = { labels: Int32Array.of(7), size: 1 };
  const sizes = [0, 1, 2].map((rank) => shareBatch(one, { rank, size: 3 }));
  assertEquals(sizes.map(({ size, labels }) => [size, ...labels]), [[0], [0], [1, 7]]);
});

Deno.test("shareBatch() refuses a batch whose fields don't fit it", () => {
  for (
    const [batch, message] of [
      [{ ...whole, labels: Int32Array.of(1) }, "the field labels of 1: each field has one entry"],
      [{ ...whole, size: 4 }, "a batch of 4 examples with the field images of 5 x 2 x 2"],
      [{ ...whole, size: 0 }, "a batch of 0 examples: there must be at least one"],
    ] as const
  ) {
    assertThrows(() => shareBatch(batch, { rank: 0, size: 2 }), RangeError, message);
  }
});
