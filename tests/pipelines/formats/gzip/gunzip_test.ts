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

/** What `references/make_gzip.py` made. */
const streams: readonly {
  readonly name: string;
  readonly bytes: string;
  readonly gzip: string | null;
  readonly warns: boolean;
  readonly python: string | null;
}[] = JSON.parse(Deno.readTextFileSync(new URL("../../references/gzip.json", import.meta.url)));

const latin1 = (bytes: Uint8Array) => String.fromCharCode(...bytes);
const bytesOf = (name: string) =>
  Uint8Array.fromBase64(streams.find((stream) => stream.name === name)!.bytes);

for (const { name, bytes, gzip, warns, python } of streams) {
  // Python reads on behind zeros, where gzip warns; gzip tests the header's checksum, which Python doesn't.
  const expected = warns ? python : gzip;
  Deno.test(`gunzip() ${expected === null ? "refuses" : "reads"} ${name}`, async () => {
    const stream = Uint8Array.fromBase64(bytes);
    for (const size of [1, 2, 7, 26, stream.length]) {
      const read = async () =>
        latin1(joined(await collect(gunzip()(counting(cut(stream, [size]))))));
      if (expected === null) await assertRejects(read, GzipError);
      else assertEquals(await read(), expected);
    }
  });
}

Deno.test("gunzip() reads members of any content, wherever they and the chunks are cut", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.uint8Array({ maxLength: 40 }), fc.nat(3)), {
        minLength: 1,
        maxLength: 6,
      }),
      fc.array(fc.nat(30), { minLength: 1, maxLength: 5 })
        .filter((sizes) => sizes.some((size) => size > 0)),
      async (members, sizes) => {
        const pieces = await Promise.all(
          members.map(async ([content, zeros]) => [
            await gzip(new Uint8Array(content)),
            new Uint8Array(zeros),
          ]),
        );
        const read = await collect(gunzip()(counting(cut(joined(pieces.flat()), sizes))));
        assertEquals(joined(read), joined(members.map(([content]) => content)));
        assert(read.every(({ length }) => length > 0));
      },
    ),
    { numRuns: 200 },
  );
});

Deno.test("gunzip() reads large members, one behind the other", async () => {
  const both = joined([compressed, compressed]);
  for (const size of [1000, 65_536, compressed.length, both.length]) {
    const read = joined(await collect(gunzip()(counting(cut(both, [size])))));
    assertEquals(read, joined([plain, plain]));
  }
});

Deno.test("gunzip() says which member is damaged, and where", async () => {
  const failure = (name: string, size: number) =>
    assertRejects(
      () => drain(gunzip({ source: "a.gz" })(counting(cut(bytesOf(name), [size])))),
      GzipError,
    );
  const hello = bytesOf("one member").length;
  const length = bytesOf("the second member's data changed").length;
  assertEquals([hello, length], [26, 51]);
  const expected: [string, string, number, number][] = [
    ["other bytes behind", "what follows its member 1, from byte 26 on, is not gzip", 2, 28],
    [
      "zeros and other bytes behind",
      "what follows its member 1, from byte 626 on, is not gzip",
      2,
      628,
    ],
    [
      "a header cut short behind",
      "its member 2, from byte 26 on, is not complete: the stream ended after 31 bytes",
      2,
      31,
    ],
    [
      "the second member's method changed",
      "its member 2, from byte 26 on, is damaged at byte 30: unknown compression method",
      2,
      30,
    ],
    [
      "the second member's checksum changed",
      "its member 2, from byte 26 on, is damaged at byte 47: incorrect data check",
      2,
      47,
    ],
    [
      "the second member's length changed",
      "its member 2, from byte 26 on, is damaged at byte 51: incorrect length check",
      2,
      51,
    ],
    [
      "a wrong checksum of the header",
      "it is damaged at byte 12: header crc mismatch",
      1,
      12,
    ],
  ];
  for (const [name, reason, member, position] of expected) {
    for (const size of [1, 1000]) {
      const error = await failure(name, size);
      assertEquals(error.message, `Cannot gunzip stream a.gz as ${reason}`);
      assertEquals([error.source, error.member, error.position], ["a.gz", member, position]);
    }
  }
});

Deno.test("gunzip() gives what comes before the damage", async () => {
  const chunks: Uint8Array[] = [];
  const damagedSecond = counting([bytesOf("the second member's checksum changed")]);
  await assertRejects(async () => {
    for await (const chunk of gunzip()(damagedSecond)) chunks.push(chunk);
  }, GzipError);
  assertEquals(latin1(joined(chunks)), "hello world");
  assertEquals(damagedSecond.closed, 1);
});

Deno.test("gunzip() refuses what is cut short or damaged, wherever", async () => {
  const small = await gzip(utf8("rill"));
  const failure = (bytes: Uint8Array) =>
    assertRejects(() => drain(gunzip({ source: "a.gz" })(counting([bytes]))), GzipError);
  for (let end = 2; end < small.length; end++) {
    const { message, position, source, member } = await failure(small.slice(0, end));
    assertEquals(
      message,
      `Cannot gunzip stream a.gz as it is not complete: the stream ended after ${end} bytes`,
    );
    assertEquals([position, source, member], [end, "a.gz", 1]);
  }
  for (const at of [2, 11, small.length - 8, small.length - 1]) {
    const changed = small.slice();
    changed[at]! ^= 0x55;
    const { message } = await failure(changed);
    assert(message.startsWith("Cannot gunzip stream a.gz as it is damaged at byte "), message);
  }
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
  assert(largest <= 2 ** 16, `${largest} bytes`);
});
