import { assertEquals, assertInstanceOf, assertRejects, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  type Batch,
  batch,
  collect,
  drain,
  type Example,
  type ImageData,
  StageError,
} from "@rill/rill/pipelines";
import { counting, range, testStage, tiny } from "../_helpers.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const tinyBatch = (...labels: number[]): Batch<Bytes> => ({
  images: { data: Uint8Array.from(labels), shape: [labels.length, 1, 1, 1] },
  labels: Int32Array.from(labels),
  size: labels.length,
});

testStage<Example<Bytes>, Batch<Bytes>>({
  name: "batch()",
  stage: batch(2),
  input: range(7).map(tiny),
  output: [tinyBatch(0, 1), tinyBatch(2, 3), tinyBatch(4, 5), tinyBatch(6)],
  pulled: (given) => 2 * given,
});

testStage<Example<Bytes>, Batch<Bytes>>({
  name: "batch() without remainder",
  stage: batch(2, { dropRemainder: true }),
  input: range(7).map(tiny),
  output: [tinyBatch(0, 1), tinyBatch(2, 3), tinyBatch(4, 5)],
  pulled: (given) => 2 * given,
});

Deno.test("batch() gives no empty batch after an exact multiple", async () => {
  for (const dropRemainder of [false, true]) {
    const source = counting(range(4).map(tiny));
    assertEquals(await collect(batch(2, { dropRemainder })(source)), [
      tinyBatch(0, 1),
      tinyBatch(2, 3),
    ]);
  }
});

Deno.test("batch() gives the examples one behind the other", async () => {
  const examples: fc.Arbitrary<Example<ImageData>[]> = fc.tuple(
    fc.integer({ min: 1, max: 3 }),
    fc.integer({ min: 1, max: 3 }),
    fc.integer({ min: 1, max: 3 }),
    fc.boolean(),
  ).chain(([height, width, channels, bytes]) => {
    const length = height * width * channels;
    const data = bytes
      ? fc.uint8Array({ minLength: length, maxLength: length }).map((data) => new Uint8Array(data))
      : fc.float32Array({ minLength: length, maxLength: length })
        .map((data) => new Float32Array(data));
    const image = data.map((data) => ({ data, height, width, channels }));
    return fc.array(fc.record({ image, label: fc.integer() }), { maxLength: 12 });
  });
  await fc.assert(
    fc.asyncProperty(examples, fc.integer({ min: 1, max: 5 }), async (items, size) => {
      const batches = await collect(batch(size)(counting(items)));
      assertEquals(batches.length, Math.ceil(items.length / size));
      batches.forEach((batch, b) => {
        const own = items.slice(b * size, (b + 1) * size);
        const { height, width, channels, data } = own[0]!.image;
        assertEquals(batch.size, own.length);
        assertEquals(batch.images.shape, [own.length, height, width, channels]);
        assertEquals([...batch.images.data], own.flatMap(({ image }) => [...image.data]));
        assertEquals(batch.labels, Int32Array.from(own, ({ label }) => label));
        assertInstanceOf(batch.images.data, data instanceof Uint8Array ? Uint8Array : Float32Array);
      });
    }),
  );
});

Deno.test("batch() fills new arrays for each batch, as long as it is", async () => {
  const batches = await collect(batch(2)(counting(range(5).map(tiny))));
  assertEquals(new Set(batches.map(({ images }) => images.data.buffer)).size, 3);
  assertEquals(batches.map(({ images }) => images.data.buffer.byteLength), [2, 2, 1]);
  assertEquals(batches.map(({ labels }) => labels.buffer.byteLength), [8, 8, 4]);
});

Deno.test("batch() takes images of another shape in another batch", async () => {
  const wide = { image: { ...tiny(0).image, data: new Uint8Array(2), width: 2 }, label: 0 };
  const batches = await collect(batch(2)(counting([tiny(1), tiny(2), wide, wide])));
  assertEquals(batches.map(({ images }) => images.shape), [[2, 1, 1, 1], [2, 1, 2, 1]]);
});

const square = { height: 2, width: 2, channels: 1 };
const bytes = { ...square, data: new Uint8Array(4) };

for (
  const [what, image, reason] of [
    [
      "of another height and width",
      { ...bytes, height: 1, width: 4 },
      "the image is 1 × 4 × 1 uint8 where the batch's first is 2 × 2 × 1 uint8",
    ],
    [
      "of more channels",
      { ...bytes, channels: 2, data: new Uint8Array(8) },
      "the image is 2 × 2 × 2 uint8 where the batch's first is 2 × 2 × 1 uint8",
    ],
    [
      "of another type",
      { ...square, data: new Float32Array(4) },
      "the image is 2 × 2 × 1 float32 where the batch's first is 2 × 2 × 1 uint8",
    ],
    [
      "whose channels are not those of its data",
      { ...bytes, channels: 2 },
      "the image is 2 × 2 × 2 uint8 and has 4 samples",
    ],
    [
      "whose height is not that of its data",
      { ...bytes, height: 3 },
      "the image is 3 × 2 × 1 uint8 and has 4 samples",
    ],
    [
      "with too few samples",
      { ...square, data: new Uint8Array(3) },
      "the image is 2 × 2 × 1 uint8 and has 3 samples",
    ],
  ] as const
) {
  Deno.test(`batch() refuses an image ${what}`, async () => {
    const source = counting<Example>(
      [bytes, bytes, bytes, image, bytes].map((image) => ({ image, label: 0 })),
    );
    const error = await assertRejects(() => drain(batch(2)(source)), StageError);
    assertEquals(error.message, `Cannot batch item 3: ${reason}`);
    assertEquals([error.stage, error.position, source.closed], ["batch", 3, 1]);
  });
}

Deno.test("batch() refuses a first image whose shape is not that of its data", async () => {
  for (
    const image of [
      { ...bytes, height: 3 },
      { ...bytes, height: 0, data: new Uint8Array() },
      { ...bytes, height: -2, width: -2 },
      { ...bytes, height: NaN },
    ]
  ) {
    await assertRejects(
      () => drain(batch(2)(counting([{ image, label: 0 }]))),
      StageError,
      `Cannot batch item 0: the image is ${image.height} × ${image.width} × 1 uint8 and has `,
    );
  }
});

Deno.test("batch() refuses a label that is not an integer of 32 bits", async () => {
  for (const label of [0.5, NaN, 2 ** 31, -(2 ** 31) - 1]) {
    await assertRejects(
      () => drain(batch(2)(counting([tiny(1), { ...tiny(1), label }]))),
      StageError,
      `Cannot batch item 1: the label ${label} is not an integer of 32 bits`,
    );
  }
});

Deno.test("batch() refuses a size that is none", () => {
  for (const size of [0, -1, 1.5, NaN, Infinity]) {
    assertThrows(
      () => batch(size),
      RangeError,
      `Cannot batch by ${size}: the size must be an integer of at least 1`,
    );
  }
});
