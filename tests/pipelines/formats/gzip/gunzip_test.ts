import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { toTransformStream } from "@std/streams";
import { collect, drain, gunzip, GzipError } from "@rill/rill/pipelines";
import { damage } from "../../_fuzz.ts";
import { counting, cut, nothing, range, settled, testStage } from "../../_helpers.ts";
import { damaged, gzip, joined, utf8 } from "../../_sources.ts";

testStage<Uint8Array, Uint8Array>({
  name: "gunzip() of what is not gzip",
  stage: gunzip(),
  input: ["ri", "ll", "is", "no", "gzip"].map(utf8),
  output: ["ri", "ll", "is", "no", "gzip"].map(utf8),
  pulled: (given) => given,
});

/** Bytes that cannot be compressed. */
const noise = (length: number): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length }, (_, i) => Math.imul(i + 1, 2654435761) >>> 24 ^ i * i >> 3);

const plain = noise(100_000);
const compressed = await gzip(plain);

Deno.test("gunzip() decompresses, however the stream is cut", async () => {
  const small = await gzip(utf8("rill"));
  for (const size of range(small.length + 1).slice(1)) {
    assertEquals(joined(await collect(gunzip()(counting(cut(small, [size]))))), utf8("rill"));
  }
  for (const size of [1000, 5000, 20_000, 1_000_000]) {
    assertEquals(joined(await collect(gunzip()(counting(cut(compressed, [size]))))), plain);
  }
});

Deno.test("gunzip() passes on what is short or empty", async () => {
  assertEquals(await collect(gunzip()(nothing())), []);
  assertEquals(await collect(gunzip()(counting([Uint8Array.of(0x1f)]))), [Uint8Array.of(0x1f)]);
});

Deno.test("gunzip() pulls only when pulled from, and little more than it needs", async () => {
  const source = counting(cut(compressed, [1000]));
  const chunks = gunzip()(source)[Symbol.asyncIterator]();
  await settled();
  assertEquals(source.pulled, 0);
  for (let given = 0; given < plain.length / 2;) {
    given += (await chunks.next()).value!.length;
    await settled();
    assert(source.pulled < given / 1000 + 40, `${source.pulled} chunks for ${given} bytes`);
  }
  await chunks.return!();
  assertEquals(source.closed, 1);
});

Deno.test("gunzip() closes its source when it is closed or cancelled", async () => {
  const source = counting(cut(compressed, [1000]));
  await gunzip()(source)[Symbol.asyncIterator]().return!();
  assertEquals([source.pulled, source.closed], [0, 1]);
  for await (const _ of gunzip()(source)) break;
  assertEquals(source.closed, 2);

  const cancelled = Promise.withResolvers<void>();
  const stream = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(compressed.slice(0, 20_000)),
    cancel: () => cancelled.resolve(),
  });
  const reader = stream.pipeThrough(toTransformStream(gunzip())).getReader();
  await reader.read();
  await reader.cancel();
  await cancelled.promise;
});

Deno.test("gunzip() passes an error of its source on as it is", async () => {
  const failure = new Error("the source failed");
  for (
    const chunks of [[], [compressed.slice(0, 1)], [compressed.slice(0, 1000)], [utf8("plain")]]
  ) {
    const source = counting(chunks, failure);
    const error = await assertRejects(() => drain(gunzip()(source)));
    assertStrictEquals(error, failure);
    assertEquals(source.closed, 0);
  }
});

Deno.test("gunzip() refuses what is cut short, damaged, or goes on behind its end", async () => {
  const small = await gzip(utf8("rill"));
  const failure = (bytes: Uint8Array) =>
    assertRejects(() => drain(gunzip({ source: "a.gz" })(counting([bytes]))), GzipError);
  for (let end = 2; end < small.length; end++) {
    const { message, position, source, cause } = await failure(small.slice(0, end));
    assert(
      message.startsWith(
        `Cannot gunzip stream a.gz as it is damaged or cut short at byte ${end}: `,
      ),
      message,
    );
    assertEquals([position, source], [end, "a.gz"]);
    assert(cause instanceof Error);
  }
  for (const at of [2, 11, small.length - 8, small.length - 1]) {
    const changed = small.slice();
    changed[at]! ^= 0x55;
    await failure(changed);
  }
  await failure(joined([small, utf8("more")]));
});

Deno.test("gunzip() gives damaged streams' bytes or a GzipError, and nothing else", async () => {
  const file = await gzip(utf8("rill ".repeat(100)));
  await fc.assert(
    fc.asyncProperty(damage, async (damage) => {
      try {
        await drain(gunzip()(counting(cut(damaged(file, damage), [7]))));
      } catch (error) {
        if (!(error instanceof GzipError)) throw error;
      }
    }),
    { numRuns: 200 },
  );
});

Deno.test("gunzip() decompresses no more at a time than it must", async () => {
  const bomb = await gzip(new Uint8Array(2 ** 27)); // 130 KB that become 128 MiB.
  let largest = 0;
  for await (const { length } of gunzip()(counting([bomb]))) largest = Math.max(largest, length);
  assert(largest < 2 ** 25, `${largest} bytes`);
});
