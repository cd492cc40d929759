import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { GzipError, IdxError, idxExamples } from "@rill/rill/pipelines";

const bigEndian = (n: number) => [n >>> 24, n >>> 16 & 255, n >>> 8 & 255, n & 255];
const idx = (code: number, shape: readonly number[], bytes: readonly number[]) =>
  Uint8Array.from([0, 0, code, shape.length, ...shape.flatMap(bigEndian), ...bytes]);

const images = idx(8, [3, 2, 3], Array.from({ length: 18 }, (_, i) => 10 + i));
const labels = idx(8, [3], [9, 0, 5]);

async function gzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** A stream of chunks of one byte, and whether it was closed. */
function drip(bytes: Uint8Array) {
  const state = { closed: false, read: 0 };
  async function* give() {
    try {
      for (let at = 0; at < bytes.length; at++) {
        await Promise.resolve();
        state.read++;
        yield bytes.subarray(at, at + 1);
      }
    } finally {
      state.closed = true;
    }
  }
  return Object.assign(give(), { state });
}

Deno.test("idxExamples() gives the same of bytes and streams, gzipped and plain", async () => {
  const plain = await idxExamples({ images, labels }, { classes: 10 });
  assertEquals([plain.length, plain.height, plain.width, plain.channels], [3, 2, 3, 1]);
  assertEquals(plain.labels, Int32Array.of(9, 0, 5));
  assertEquals(plain.get(2), {
    image: { data: Uint8Array.of(22, 23, 24, 25, 26, 27), height: 2, width: 3, channels: 1 },
    label: 5,
  });
  const zipped = { images: await gzip(images), labels: await gzip(labels) };
  const ways = [
    zipped,
    { images: drip(images), labels: drip(labels) },
    { images: drip(zipped.images), labels: drip(zipped.labels) },
    { images: ReadableStream.from([images]), labels: ReadableStream.from([labels]) },
  ];
  for (const files of ways) {
    const source = await idxExamples(files);
    assertEquals(source.labels, plain.labels);
    for (let i = 0; i < 3; i++) assertEquals(source.get(i), plain.get(i));
  }
});

Deno.test("idxExamples() reads the first ones only, and closes its streams", async () => {
  const files = { images: drip(images), labels: drip(labels) };
  const source = await idxExamples(files, { limit: 2 });
  assertEquals([source.length, source.get(1).label], [2, 0]);
  assertEquals([files.images.state.closed, files.labels.state.closed], [true, true]);
  assertEquals(files.images.state.read, 16 + 12);
  assertEquals((await idxExamples({ images, labels }, { limit: 0 })).length, 0);
});

Deno.test("idxExamples() mends EMNIST, and reads QMNIST's rows of eight", async () => {
  const turned = await idxExamples({ images, labels: idx(8, [3], [1, 26, 2]) }, {
    transpose: true,
    firstLabel: 1,
    classes: 26,
  });
  assertEquals([turned.height, turned.width, [...turned.labels]], [3, 2, [0, 25, 1]]);
  assertEquals(turned.get(0).image.data, Uint8Array.of(10, 13, 11, 14, 12, 15));
  const rows = [7, 4, 0].flatMap((label) => [label, 1, 2, 3, 4, 5, 6, 7].flatMap(bigEndian));
  const wide = await idxExamples({ images, labels: idx(12, [3, 8], rows) }, { classes: 10 });
  assertEquals([...wide.labels], [7, 4, 0]);
});

Deno.test("idxExamples() reads images of several channels", async () => {
  const color = await idxExamples({
    images: idx(8, [1, 1, 2, 3], [1, 2, 3, 4, 5, 6]),
    labels: idx(8, [1], [0]),
  }, { transpose: true });
  assertEquals([color.height, color.width, color.channels], [2, 1, 3]);
  assertEquals(color.get(0).image.data, Uint8Array.of(1, 2, 3, 4, 5, 6));
});

Deno.test("idxExamples() refuses what doesn't go together, in one line", async () => {
  const cases: [Parameters<typeof idxExamples>[0], number, string][] = [
    [{ images, labels: idx(8, [2], [1, 2]) }, 10, "there are 3 images for 2 labels"],
    [{ images, labels: idx(8, [4], [1, 2, 3, 4]) }, 10, "there are only 3 images for 4 labels"],
    [{ images, labels }, 9, "label 0 is 9: it must be from 0 to 8"],
    [{ images: labels, labels }, 10, "they are uint8 of shape []"],
    [{ images, labels: images }, 10, "they are uint8 of shape [2, 3]"],
    [{ images, labels: idx(13, [3], Array(12).fill(0)) }, 10, "they are float32 of shape []"],
    [{ images, labels: labels.subarray(0, 9) }, 10, "the stream ended after 1"],
    [{ images: new Uint8Array(), labels }, 10, "the stream ended after 0 bytes"],
  ];
  for (const [files, classes, message] of cases) {
    await assertRejects(() => idxExamples(files, { classes }), IdxError, message);
  }
  const cut = (await gzip(images)).slice(0, 30);
  await assertRejects(() => idxExamples({ images: cut, labels }), GzipError);
});

Deno.test("idxExamples() closes the images where the labels are wrong", async () => {
  const stream = drip(images);
  const cancelled: unknown[] = [];
  const web = new ReadableStream<Uint8Array>({ cancel: (reason) => void cancelled.push(reason) });
  await assertRejects(() => idxExamples({ images: web, labels: new Uint8Array(3) }), IdxError);
  assertEquals(cancelled.length, 1);
  await assertRejects(() => idxExamples({ images: stream, labels: images }), IdxError);
  assertEquals((await stream.next()).done, true);
});

Deno.test("idxExamples() refuses invalid options and indices", async () => {
  await assertRejects(() => idxExamples({ images, labels }, { classes: 0 }), RangeError);
  await assertRejects(() => idxExamples({ images, labels }, { limit: -1 }), RangeError);
  const source = await idxExamples({ images, labels });
  assertThrows(() => source.get(3), RangeError, "Cannot read image 3 of 3");
});
