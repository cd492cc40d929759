import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { toTransformStream } from "@std/streams";
import fc from "fast-check";
import {
  collect,
  decodeTar,
  drain,
  encodeTar,
  StageError,
  type TarEntry,
} from "@rill/rill/pipelines";
import { counting, nothing, range, settled } from "../../_helpers.ts";
import { archive, utf8 } from "../../_sources.ts";
import { getOnly } from "../../_get_only.ts";

const three: readonly TarEntry[] = range(3).map((i) => ({ name: `${i}.txt`, bytes: utf8(`${i}`) }));
const chunks = await collect(encodeTar()(counting(three)));

const end = chunks.at(-1)!;

Deno.test("encodeTar() gives a chunk for each file and one for the end, every time it is used", async () => {
  assertEquals(chunks.map(({ length }) => length), [1024, 1024, 1024, 1024]);
  assertEquals(end, new Uint8Array(1024));
  const encode = encodeTar();
  assertEquals(await collect(encode(counting(three))), chunks);
  assertEquals(await collect(encode(counting(three))), chunks);
});

Deno.test("encodeTar() writes an archive without files, too", async () => {
  assertEquals(await collect(encodeTar()(nothing())), [end]);
});

Deno.test("encodeTar() pulls only when pulled from, and no more than a file", async () => {
  const source = counting(three);
  const outputs = encodeTar()(source)[Symbol.asyncIterator]();
  for (let given = 0; given <= 3; given++) {
    await settled();
    assertEquals(source.pulled, given);
    await outputs.next();
  }
});

Deno.test("encodeTar() closes its source when it is closed, begun or not", async () => {
  const source = counting(three);
  await encodeTar()(source)[Symbol.asyncIterator]().return!();
  assertEquals([source.pulled, source.closed], [0, 1]);
  for await (const _ of encodeTar()(source)) break;
  assertEquals([source.pulled, source.closed], [1, 2]);
});

Deno.test("encodeTar() passes an error of its source on as it is", async () => {
  const failure = new Error("the source failed");
  const error = await assertRejects(() => collect(encodeTar()(counting(three, failure))));
  assertStrictEquals(error, failure);
});

Deno.test("encodeTar() works in pipeThrough()", async () => {
  const piped = ReadableStream.from(three).pipeThrough(toTransformStream(encodeTar()));
  assertEquals(await collect(piped), chunks);
});

const name = fc.oneof(
  fc.string({ minLength: 1, unit: "grapheme", maxLength: 200 }),
  fc.array(fc.stringMatching(/^[a-z]{1,60}$/), { minLength: 1, maxLength: 8 })
    .map((parts) => parts.join("/")),
).filter((name) =>
  !/^[/\\]|^[A-Za-z]:|\0|\/$/.test(name) && !name.split(/[/\\]/).includes("..") &&
  name.isWellFormed()
);

Deno.test("encodeTar() writes what decodeTar() reads", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(name, fc.uint8Array({ maxLength: 1200 })), { maxLength: 4 }),
      async (files) => {
        const entries = files.map(([name, bytes]) => ({ name, bytes: new Uint8Array(bytes) }));
        const read = await collect(decodeTar()(encodeTar()(counting(entries))));
        assertEquals(read, entries.map((entry, index) => ({ ...entry, index })));
      },
    ),
    { numRuns: 300 },
  );
});

Deno.test("encodeTar() writes the bytes that Python does", async () => {
  const [header] = await collect(
    encodeTar({ mode: 0o644 })(counting([{ name: "a.txt", bytes: utf8("alpha") }])),
  );
  const python = archive("ustar").slice(0, 1024);
  assertEquals(header, python);
});

Deno.test("encodeTar() splits long names at a slash, and extends the header where it can't", async () => {
  const long = (name: string) => encodeTar()(counting([{ name, bytes: utf8("x") }]));
  /** The file without the end of the archive. */
  const encode = async (name: string) => getOnly((await collect(long(name))).slice(0, -1));
  const split = `${"p".repeat(150)}/${"q".repeat(100)}`;
  assertEquals((await encode(split)).length, 1024);
  for (const name of [`${"p".repeat(150)}/${"q".repeat(101)}`, "r".repeat(101), "ä"]) {
    const bytes = await encode(name);
    assertEquals(bytes.length, 2048);
    assertEquals(bytes[156], "x".charCodeAt(0));
    assertEquals(getOnly(await collect(decodeTar()(long(name)))).name, name);
  }
});

Deno.test("encodeTar() writes long names that no header can hold, cut at a whole character", async () => {
  for (const name of ["日".repeat(40), `${"x".repeat(99)}é`]) {
    const [bytes] = await collect(encodeTar()(counting([{ name, bytes: utf8("1") }])));
    const read = await collect(decodeTar()(counting([bytes!, end])));
    assertEquals(read, [{ name, bytes: utf8("1"), index: 0 }]);
    // What readers see that don't know PAX.
    const short = new TextDecoder("utf-8", { fatal: true }).decode(bytes!.slice(1024, 1124));
    assertEquals(
      short.replace(/\0+$/, ""),
      name.startsWith("x") ? "x".repeat(99) : "日".repeat(33),
    );
  }
});

Deno.test("encodeTar() writes names that aren't UTF-8 as they were read", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 300 }), async (letters) => {
      const nameBytes = new Uint8Array(letters).map((byte) => byte < 0x80 ? 0x61 : byte);
      const name = new TextDecoder("utf-8", { ignoreBOM: true }).decode(nameBytes);
      const file = { name, nameBytes, bytes: utf8("1") };
      const [read] = await collect(decodeTar()(encodeTar()(counting([file]))));
      assertEquals([read!.name, read!.nameBytes ?? utf8(read!.name)], [name, nameBytes]);
      // A file that was given another name doesn't get its old one.
      const renamed = encodeTar()(counting([{ ...file, name: "b" }]));
      assertEquals(getOnly(await collect(decodeTar()(renamed))).name, "b");
    }),
    { numRuns: 200 },
  );
});

Deno.test("encodeTar() refuses names that decodeTar() refuses, and those of directories", async () => {
  for (const name of ["", "/a", "../a", "a/..", "C:/a", "a\0b", "a/", "a\ud800"]) {
    const error = await assertRejects(
      () => drain(encodeTar()(counting([...three.slice(0, 1), { name, bytes: utf8("x") }]))),
      StageError,
      `Cannot encode item 1: the name ${JSON.stringify(name)} `,
    );
    assertEquals(error.position, 1);
  }
});

Deno.test("encodeTar() says what it is told of time and permissions", async () => {
  const encode = encodeTar({ modified: 1e9, mode: 0o600 });
  const chunks = await collect(encode(counting(three.slice(0, 1))));
  const bytes = getOnly(chunks.slice(0, -1));
  const field = (from: number, to: number) => new TextDecoder().decode(bytes.slice(from, to));
  assertEquals(field(100, 107), "0000600");
  assertEquals(parseInt(field(136, 147), 8), 1e9);
  assert(!Number.isNaN(parseInt(field(148, 154), 8)));
});

Deno.test("encodeTar() refuses options that do not fit", () => {
  for (const modified of [-1, 1.5, 8 ** 11]) {
    assertThrows(() => encodeTar({ modified }), RangeError);
  }
  for (const mode of [-1, 0o10000]) assertThrows(() => encodeTar({ mode }), RangeError);
});
