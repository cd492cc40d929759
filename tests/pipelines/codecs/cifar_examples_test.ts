import { assertEquals, assertRejects } from "@std/assert";
import { CifarError, cifarExamples } from "@rill/rill/pipelines";

/** A file of records: each has these labels, and planes of red, green and blue that count up from the first label. */
const file = (...records: readonly (readonly number[])[]): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(records.flatMap((labels) => [
    ...labels,
    ...Array.from({ length: 3072 }, (_, i) => (labels[0]! + i % 1024 + 50 * (i >> 10)) % 256),
  ]));

async function* cut(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) {
    await Promise.resolve();
    yield bytes.subarray(at, at + size);
  }
}

Deno.test("cifarExamples() puts the files one behind the other, the channels side by side", async () => {
  const source = await cifarExamples([file([3], [9]), file([0])]);
  assertEquals([source.length, [...source.labels]], [3, [3, 9, 0]]);
  const { image, label } = source.get(1);
  assertEquals([image.height, image.width, image.channels, label], [32, 32, 3, 9]);
  assertEquals([...image.data.subarray(0, 6)], [9, 59, 109, 10, 60, 110]);
  assertEquals(image.data[3 * 1023 + 2], (9 + 1023 + 100) % 256);
});

Deno.test("cifarExamples() takes streams of any chunks", async () => {
  const whole = file([3], [9], [1]);
  const expected = await cifarExamples([whole]);
  for (const size of [1, 1000, 3073, 5000]) {
    const source = await cifarExamples([cut(whole, size)]);
    assertEquals(source.get(2), expected.get(2), `${size}`);
  }
  const zipped = new Blob([whole]).stream().pipeThrough(new CompressionStream("gzip"));
  assertEquals((await cifarExamples([zipped])).get(2), expected.get(2));
});

Deno.test("cifarExamples() has both labels of CIFAR-100", async () => {
  const files = [file([19, 99], [2, 40])];
  assertEquals([...(await cifarExamples(files, { version: 100 })).labels], [99, 40]);
  const coarse = await cifarExamples(files, { version: 100, label: "coarse" });
  assertEquals([...coarse.labels], [19, 2]);
});

Deno.test("cifarExamples() reads the first ones only", async () => {
  const files = [file([3], [9]), file([0], [5])];
  const source = await cifarExamples(files, { limit: 3 });
  assertEquals([...source.labels], [3, 9, 0]);
});

Deno.test("cifarExamples() names what is wrong and where", async () => {
  const error = await assertRejects(
    () => cifarExamples([file([3]), file([1], [10])]),
    CifarError,
    "Cannot decode record 1 of CIFAR file 1 as its label is 10: it must be below 10",
  );
  assertEquals([error.file, error.record], [1, 1]);
  await assertRejects(
    () => cifarExamples([file([3]).subarray(0, 3000)]),
    CifarError,
    "Cannot decode record 0 of CIFAR file 0 as the file ends after 3000 bytes of 3073",
  );
  await assertRejects(() => cifarExamples([], { version: 20 as 10 }), RangeError);
  await assertRejects(() => cifarExamples([], { label: "both" as "fine" }), RangeError);
});
