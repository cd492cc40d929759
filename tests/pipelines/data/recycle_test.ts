import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  type Batch,
  batch,
  collect,
  drain,
  type Example,
  normalize,
  prefetch,
  recycle,
  resize,
  tap,
} from "@rill/rill/pipelines";
import { findPool, Pool } from "../../../pipelines/data/_pool.ts";
import { getOnly } from "../_get_only.ts";
import { counting, indexed, range, tiny } from "../_helpers.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Whether a batch of tiny examples has the images of its labels. */
const isIntact = ({ images: { data }, labels }: Batch): boolean =>
  data.length === labels.length && labels.every((label, i) => data[i] === label);

Deno.test("recycle() takes the images away, at once and for good, and leaves the labels", async () => {
  const first = getOnly(await collect(batch(2)(counting([1, 2].map(tiny)))));
  const view = first.images.data.subarray(1);
  recycle(first);
  assertEquals([first.images.data.length, view.length], [0, 0]);
  assertEquals(first.labels, Int32Array.of(1, 2));
  assertThrows(() => recycle(first), TypeError, "Cannot recycle the batch as its memory is gone");
});

Deno.test("recycle() never touches a batch that is in use", async () => {
  const length = fc.integer({ min: 0, max: 40 });
  const size = fc.integer({ min: 1, max: 4 });
  const given = fc.infiniteStream(fc.boolean());
  await fc.assert(fc.asyncProperty(length, size, given, async (length, size, given) => {
    const held = new Set<Batch<Bytes>>();
    const labels: number[] = [];
    for await (const one of prefetch(2)(batch(size)(indexed(range(length).map(tiny))))) {
      labels.push(...one.labels);
      held.add(one);
      for (const old of held) {
        assert(isIntact(old));
        if (!given.next().value) continue;
        recycle(old);
        held.delete(old);
      }
    }
    assertEquals(labels, range(length));
    for (const old of held) assert(isIntact(old));
  }));
});

Deno.test("recycled memory has nothing of its former batch in the next one", async () => {
  const image = (value: number): Example<Bytes> => ({
    image: { data: new Uint8Array(12).fill(value), height: 2, width: 2, channels: 3 },
    label: value,
  });
  const input = range(50).map(image);
  const toBatches = (source: AsyncIterable<Example<Bytes>>) =>
    batch(3)(normalize()(resize({ height: 3, width: 5 })(source)));
  const copies: Batch[] = [];
  await drain(
    tap((one: Batch) => {
      copies.push(structuredClone(one));
      recycle(one);
    })(toBatches(indexed(input))),
  );
  assertEquals(copies, await collect(toBatches(indexed(input))));
});

Deno.test("recycle() works after the stream's end, and on a batch from elsewhere", async () => {
  const batches = await collect(batch(2)(counting(range(5).map(tiny))));
  for (const one of batches) recycle(one);
  const own: Batch = {
    images: { data: Uint8Array.of(1), shape: [1, 1, 1, 1] },
    labels: Int32Array.of(1),
    size: 1,
  };
  recycle(own);
  assertEquals(own.images.data.length, 0);
});

Deno.test("a pool gives memory that it was given back, and only where the size fits", () => {
  const pool = new Pool();
  const buffer = pool.give(8);
  assertStrictEquals(findPool(buffer), pool);
  assert(pool.give(8) !== buffer);
  pool.take(buffer);
  assertStrictEquals(pool.give(8), buffer);
  pool.take(buffer);
  assertEquals(pool.give(16).byteLength, 16);
  assert(pool.give(8) !== buffer);
  pool.close();
  pool.take(buffer);
  assert(pool.give(8) !== buffer);
});
