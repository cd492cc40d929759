import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import {
  collect,
  decodeTar,
  drain,
  encodeTar,
  map,
  skipRecords,
  type Stage,
  type TarEntry,
  TarError,
  type TarWarning,
  withRecordPolicy,
} from "@rill/rill/pipelines";
import { damage } from "../../_fuzz.ts";
import { counting, cut, range, testStage } from "../../_helpers.ts";
import { archive, damaged, joined, sources, utf8 } from "../../_sources.ts";
import { getOnly } from "../../_get_only.ts";

const encode = async (entries: readonly TarEntry[]): Promise<Uint8Array<ArrayBuffer>> =>
  joined(await collect(encodeTar()(counting(entries))));

const three: readonly TarEntry[] = range(3).map((index) => ({
  name: `${index}.bin`,
  bytes: new Uint8Array(700).fill(index),
  index,
}));

testStage<Uint8Array, TarEntry>({
  name: "decodeTar()",
  stage: decodeTar(),
  // A header and 1024 bytes each, of which 700 are needed.
  input: [...cut(await encode(three), [512, 500, 524])],
  output: three,
  pulled: (given) => 3 * given,
  refusesNothing: true,
});

const hex = (bytes: Uint8Array) => bytes.toHex();

for (const { name, files } of sources.archives) {
  Deno.test(`decodeTar() reads Python's archive: ${name}`, async () => {
    const entries = await collect(decodeTar()(counting([archive(name)])));
    assertEquals(entries.map(({ name, bytes }) => [name, hex(bytes)]), files as [string, string][]);
  });
}

/** What `references/make_archives.py` made. */
const oddArchives: readonly {
  readonly name: string;
  readonly bytes: string;
  readonly files: readonly (readonly [nameHex: string, contentHex: string])[];
}[] = JSON.parse(Deno.readTextFileSync(new URL("../../references/archives.json", import.meta.url)));

for (const { name, bytes, files } of oddArchives) {
  Deno.test(`decodeTar() reads, as Python does: ${name}`, async () => {
    const stream = new Uint8Array(gunzipSync(Uint8Array.fromBase64(bytes)));
    for (const size of [700, 100_000]) {
      const stage = decodeTar({ onWarning: () => {} });
      const entries = await collect(stage(counting(cut(stream, [size]))));
      assertEquals(
        entries.map(({ name, nameBytes, bytes }) => [hex(nameBytes ?? utf8(name)), hex(bytes)]),
        files as [string, string][],
      );
      assertEquals(entries.map(({ index }) => index), range(files.length));
    }
  });
}

Deno.test("decodeTar() gives names that aren't UTF-8 with their bytes, and what can be read of them", async () => {
  const koi8 = Uint8Array.of(0xd0, 0xd2, 0x2e, 0x6a, 0x70, 0x67); // "пр.jpg".
  const bytes = withHeader((header) => {
    header[0] = 0;
    header.set(koi8);
  });
  const entries = await collect(decodeTar()(counting([bytes])));
  assertEquals(entries, [
    { name: "\ufffd\ufffd.jpg", nameBytes: koi8, bytes: new Uint8Array(), index: 0 },
  ]);
  // A stage behind decides: this one decodes, and another may throw under a policy.
  const decode = map((entry: TarEntry): TarEntry =>
    entry.nameBytes
      ? { name: new TextDecoder("koi8-r").decode(entry.nameBytes), bytes: entry.bytes }
      : entry
  );
  const refuse = map((entry: TarEntry) => {
    if (entry.nameBytes) throw new TypeError(`the name ${entry.name} is not UTF-8`);
    return entry;
  });
  const read = (stage: Stage<TarEntry, TarEntry>) =>
    collect(stage(decodeTar()(counting([joined([bytes.slice(0, 512), named("b")])]))));
  assertEquals((await read(decode)).map(({ name }) => name), ["пр.jpg", "b"]);
  const skipped = await read(withRecordPolicy(refuse, skipRecords()));
  assertEquals(skipped.map(({ name }) => name), ["b"]);
});

Deno.test("decodeTar() says that the rest of a file from another volume is left out", async () => {
  const rest = withHeader((header) => header.set(utf8("M"), 156));
  const { names, warnings } = await read(joined([rest.slice(0, 512), named("b")]));
  assertEquals([names, warnings.map(({ reason }) => reason)], [
    ["b"],
    ['"a" is left out: it is the rest of a file from another volume'],
  ]);
});

Deno.test("decodeTar() refuses an extended header without a member", async () => {
  const own = extended("x", utf8("13 path=long\n")).slice(0, 1024);
  for (const end of [new Uint8Array(), new Uint8Array(1024)]) {
    const { message } = await failure(joined([own, end]));
    assert(message.includes("the header before byte 1024 extends no member"), message);
  }
  const global = extended("g", utf8("13 path=long\n")).slice(0, 1024);
  assertEquals((await read(joined([global, new Uint8Array(1024)]))).names, []);
});

Deno.test("decodeTar() holds little of PAX records that don't matter", async () => {
  const size = 2 ** 28;
  const length = size + 20;
  const head = utf8(`${length} comment=`);
  const header = extended("x", new Uint8Array(), length).slice(0, 512);
  function* chunks() {
    const piece = new Uint8Array(2 ** 16).fill(0xff);
    yield header;
    yield head;
    for (let left = length - head.length - 1; left > 0; left -= 2 ** 16) {
      yield piece.subarray(0, left);
    }
    yield utf8("\n");
    yield joined([new Uint8Array(-length & 511), named("a")]);
  }
  const before = Deno.memoryUsage().rss;
  assertEquals((await collect(decodeTar()(counting(chunks())))).map(({ name }) => name), ["a"]);
  assert(Deno.memoryUsage().rss - before < 2 ** 27);
});

Deno.test("decodeTar() refuses a name in a PAX header that has no end", async () => {
  const { message } = await failure(
    extended("x", utf8(`2000000 path=${"a".repeat(70_000)}`), 2_000_000),
  );
  assert(message.includes("has a PAX record path of 2000000 bytes: there may be 1048576"), message);
  const key = utf8(`2000000 ${"k".repeat(100_000)}`);
  const endless = await failure(extended("x", key, 2_000_000));
  assert(endless.message.includes("PAX records that cannot be read"), endless.message);
});

Deno.test("decodeTar() reads an archive however it is cut", async () => {
  const bytes = archive("pax");
  const expected = await collect(decodeTar()(counting([bytes])));
  for (const size of [...range(20).slice(1), 100, 511, 512, 513, 1000, 5000]) {
    assertEquals(await collect(decodeTar()(counting(cut(bytes, [size])))), expected, `${size}`);
  }
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 1, maxLength: 5 })
        .filter((sizes) => sizes.some((size) => size > 0)),
      async (sizes) => {
        assertEquals(await collect(decodeTar()(counting(cut(bytes, sizes)))), expected);
      },
    ),
    { numRuns: 50 },
  );
});

Deno.test("decodeTar() gives files memory of their own", async () => {
  const bytes = await encode(three);
  const entries = await collect(decodeTar()(counting([bytes])));
  bytes.fill(255);
  assertEquals(entries, [...three]);
  assert(entries.every(({ bytes }) => bytes.buffer.byteLength === bytes.length));
});

/** The error of reading such an archive. */
function failure(
  bytes: Uint8Array<ArrayBuffer>,
  options?: Parameters<typeof decodeTar>[0],
): Promise<TarError> {
  return assertRejects(() => drain(decodeTar(options)(counting([bytes]))), TarError);
}

/** Reads an archive, and gives its files' names and its warnings. */
async function read(
  bytes: Uint8Array<ArrayBuffer>,
  options?: Parameters<typeof decodeTar>[0],
): Promise<{ names: string[]; indices: (number | undefined)[]; warnings: TarWarning[] }> {
  const warnings: TarWarning[] = [];
  const onWarning = (warning: TarWarning) => void warnings.push(warning);
  const files = await collect(decodeTar({ onWarning, ...options })(counting(cut(bytes, [700]))));
  return { names: files.map(({ name }) => name), indices: files.map((f) => f.index), warnings };
}

Deno.test("decodeTar() refuses an archive that is cut short within a member, wherever", async () => {
  const bytes = await encode(three);
  for (let end = 0; end < bytes.length - 1024; end += end % 512 === 511 ? 2 : 73) {
    if (end > 0 && end % 1536 === 0) continue;
    const { message, position, entries } = await failure(bytes.slice(0, end));
    assert(message.includes(`not complete: the stream ended after ${end} byte`), message);
    assertEquals(position, end);
    assertEquals(entries, Math.floor((end + 1536 - 512 - 700) / 1536));
  }
});

Deno.test("decodeTar() ends with a warning where no end is marked, and none at one block of zeros", async () => {
  const bytes = await encode(three);
  for (const end of [1536, 3072, 4608, 4609, 4608 + 511]) {
    const { names, warnings } = await read(bytes.slice(0, end), { source: "a.tar" });
    const entries = Math.floor(end / 1536);
    assertEquals(names, range(entries).map((i) => `${i}.bin`));
    assertEquals(warnings, [{
      reason:
        `the end is not marked: the stream ended after ${end} bytes, and may have been cut short`,
      position: 1536 * entries,
      entries,
      source: "a.tar",
      entry: undefined,
    }]);
  }
  for (const end of [4608 + 512, 4608 + 700, bytes.length]) {
    assertEquals((await read(bytes.slice(0, end))).warnings, []);
  }
});

Deno.test("decodeTar() prints its warnings where nobody else takes them", async () => {
  const bytes = await encode(three.slice(0, 1));
  const printed: unknown[] = [];
  const { warn } = console;
  console.warn = (...values) => void printed.push(...values);
  try {
    for (const source of [undefined, "a.tar"]) {
      await drain(decodeTar({ source })(counting([bytes, utf8("junk")])));
    }
  } finally {
    console.warn = warn;
  }
  const reason = "the end is at byte 1536, and data follows behind it";
  assertEquals(printed, [
    `Warning: in a tar stream, ${reason}`,
    `Warning: in the tar stream a.tar, ${reason}`,
  ]);
});

Deno.test("decodeTar() fails with what its caller makes of a warning", async () => {
  const bytes = await encode(three);
  const error = await failure(bytes.slice(0, 1536), {
    onWarning: (warning) => {
      throw new TarError(warning.reason, warning);
    },
  });
  assertEquals(
    error.message,
    "Cannot decode tar stream as the end is not marked: " +
      "the stream ended after 1536 bytes, and may have been cut short",
  );
});

Deno.test("decodeTar() names what is cut short", async () => {
  const bytes = await encode(three);
  assertEquals(
    (await failure(bytes.slice(0, 600), { source: "a.tar" })).message,
    'Cannot decode tar stream a.tar as the content of "0.bin" is not complete: ' +
      "the stream ended after 600 bytes",
  );
  const { entry, entries } = await failure(bytes.slice(0, 1300)); // In the zeros behind it.
  assertEquals([entry, entries], ["0.bin", 1]);
  assertEquals(
    (await failure(new Uint8Array())).message,
    "Cannot decode tar stream as the first header is not complete: the stream ended after 0 bytes",
  );
  assertEquals(
    (await failure(bytes.slice(0, 1539))).message,
    "Cannot decode tar stream as the header at byte 1536 is not complete: " +
      "the stream ended after 1539 bytes",
  );
});

/** An archive of one empty member, whose header is as said. */
function withHeader(change: (header: Uint8Array) => void): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(1536);
  bytes.set(utf8("a"));
  bytes.set(utf8("00000000000\0"), 124);
  bytes.set(utf8("0"), 156);
  bytes.set(utf8("ustar\x0000"), 257);
  change(bytes);
  seal(bytes);
  return bytes;
}

/** Gives a header its checksum. */
function seal(header: Uint8Array): void {
  header.set(utf8(" ".repeat(8)), 148);
  const sum = header.subarray(0, 512).reduce((sum, byte) => sum + byte, 0);
  header.set(utf8(`${sum.toString(8).padStart(6, "0")}\0 `), 148);
}

const named = (name: string) => withHeader((header) => header.set(utf8(name)));

Deno.test("decodeTar() refuses wrong checksums", async () => {
  const bytes = await encode(three);
  for (const at of [0, 50, 100, 124, 148, 156, 300, 511]) {
    const changed = bytes.slice();
    changed[1536 + at]! ^= 1;
    const { message, position, entries } = await failure(changed);
    assertEquals(
      message,
      "Cannot decode tar stream as the header at byte 1536 has a wrong checksum",
    );
    assertEquals([position, entries], [1536, 1]);
  }
});

Deno.test("decodeTar() takes checksums of signed bytes, as some old writers made them", async () => {
  const bytes = withHeader((header) => header.set(utf8("ä")));
  bytes.set(utf8(" ".repeat(8)), 148);
  const sum = bytes.subarray(0, 512).reduce((sum, byte) => sum + (byte << 24 >> 24), 0);
  bytes.set(utf8(`${sum.toString(8).padStart(6, "0")}\0 `), 148);
  assertEquals(getOnly(await collect(decodeTar()(counting([bytes])))).name, "ä");
});

Deno.test("decodeTar() refuses names that lead out of the archive", async () => {
  const reasons: [string, string][] = [
    ["/etc/passwd", "is an absolute path"],
    ["\\\\server\\file", "is an absolute path"],
    ["..", "leads out of the archive"],
    ["../a", "leads out of the archive"],
    ["a/../../b", "leads out of the archive"],
    ["a\\..\\b", "leads out of the archive"],
    ["C:\\a", "begins with a drive letter"],
    ["c:a", "begins with a drive letter"],
  ];
  for (const [name, reason] of reasons) {
    const error = await failure(named(name));
    assertEquals(
      error.message,
      `Cannot decode tar stream as the name ${JSON.stringify(name)} at byte 0 ${reason}`,
    );
    assertEquals(error.entry, name);
  }
  for (const name of ["..a", "a..", "a/..b", "...", "./a", "ab:c"]) {
    assertEquals(getOnly(await collect(decodeTar()(counting([named(name)])))).name, name);
  }
  const empty = withHeader((header) => header[0] = 0);
  assert((await failure(empty)).message.includes('the name "" at byte 0 is empty'));
});

Deno.test("decodeTar() asks nothing of the names of what it leaves out", async () => {
  for (const type of "123456DVA") {
    for (const name of ["/", "../a", "C:/a", ""]) {
      const bytes = withHeader((header) => {
        header.fill(0, 0, 100);
        header.set(utf8(name));
        header.set(utf8(type), 156);
      });
      assertEquals(await read(bytes), { names: [], indices: [], warnings: [] }, type + name);
    }
  }
  // A directory of the oldest format.
  assertEquals((await read(named("../a/"))).names, []);
});

/** A member whose header is extended by PAX records or a GNU long name. */
function extended(type: string, extension: Uint8Array, size = extension.length) {
  const header = withHeader((header) => {
    header.set(utf8(type), 156);
    header.set(utf8(size.toString(8).padStart(11, "0")), 124);
  }).slice(0, 512);
  const padded = new Uint8Array(Math.ceil(extension.length / 512) * 512);
  padded.set(extension);
  return joined([header, padded, named("short")]);
}

Deno.test("decodeTar() refuses such names in extended headers, too", async () => {
  assert((await failure(extended("L", utf8("../a\0")))).message.includes("leads out"));
  assert((await failure(extended("x", utf8("13 path=../a\n")))).message.includes("leads out"));
  assert((await failure(extended("g", utf8("13 path=../a\n")))).message.includes("leads out"));
  const nul = await failure(extended("x", utf8("12 path=a\0b\n")));
  assert(nul.message.includes("has a NUL in it"), nul.message);
});

Deno.test("decodeTar() refuses PAX records that cannot be read", async () => {
  const wrong = [
    "path=a\n",
    "99 path=a\n",
    "8 path=a\n",
    "10 path=a\nx",
    "-1 path=a\n",
    "7 path\n",
    "1e1 path=a\n",
    "0 a=b\n",
    "99999999999999999999 a=b\n",
    "\0\0\0a",
    "\0" + "13 path=long\n",
    `13 path=long\n${"\0".repeat(100_000)}a`,
  ];
  for (const records of wrong) {
    const { message } = await failure(extended("x", utf8(records)));
    assert(message.includes("has PAX records that cannot be read"), `${records}: ${message}`);
  }
  for (const size of ["-1", "1.5", "1e3", "9".repeat(16), "", " 1", "0x10"]) {
    const length = `00 size=${size}\n`.length;
    const record = `${length} size=${size}\n`.padStart(length, "0");
    const { message } = await failure(extended("x", utf8(record)));
    assert(message.includes("has a size that cannot be read"), `${size}: ${message}`);
  }
});

Deno.test("decodeTar() takes zeros behind PAX records, as GNU tar and Python do", async () => {
  for (const zeros of [1, 499, 500, 100_000]) {
    const long = extended("x", utf8("13 path=long\n" + "\0".repeat(zeros)));
    const [entry] = await collect(decodeTar()(counting([...cut(long, [700])])));
    assertEquals(entry?.name, "long");
    const [plain] = await collect(decodeTar()(counting([extended("x", new Uint8Array(zeros))])));
    assertEquals(plain?.name, "short");
  }
});

Deno.test("decodeTar() refuses extensions without end, and takes no memory for them", async () => {
  const { message } = await failure(extended("L", utf8("a"), 2 ** 30));
  assertEquals(
    message,
    "Cannot decode tar stream as the header at byte 0 is extended by 1073741824 bytes: " +
      "there may be 1048576",
  );
});

Deno.test("decodeTar() takes a PAX header for the next member only, a global one for all", async () => {
  const own = extended("x", utf8("13 path=long\n"));
  const bytes = joined([own.slice(0, 1536), named("other").slice(0, 512), new Uint8Array(1024)]);
  const names = async (bytes: Uint8Array) =>
    (await collect(decodeTar()(counting([bytes])))).map(({ name }) => name);
  assertEquals(await names(bytes), ["long", "other"]);
  const comment = extended("g", utf8("13 comment=a\n"));
  assertEquals(await names(comment), ["short"]);
});

Deno.test("decodeTar() refuses sparse files, whose content is not what it seems", async () => {
  const old = withHeader((header) => header.set(utf8("S"), 156));
  assert((await failure(old)).message.includes('the file "a" is sparse'));
  const pax = extended("x", utf8("22 GNU.sparse.major=1\n"));
  assert((await failure(pax)).message.includes('the file "short" is sparse'));
});

Deno.test("decodeTar() refuses invalid sizes", async () => {
  const sized = (...size: number[]) => withHeader((header) => header.set(size, 124));
  const octal = await failure(sized(...utf8("9")));
  assert(octal.message.includes("has a size that cannot be read"), octal.message);
  assert((await failure(sized(0xff, 0, 0))).message.includes("has a negative size"));
  assert((await failure(sized(0x80, 1, 1, 1, 1))).message.includes("has a size that is too large"));
});

Deno.test("decodeTar() refuses files that are too large before it takes memory for them", async () => {
  const huge = withHeader((header) => header.set([0x80, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0], 124));
  const { message, entry } = await failure(huge);
  assertEquals(
    message,
    'Cannot decode tar stream as the file "a" has 1099511627776 bytes: ' +
      "a file may have 2147483647 bytes",
  );
  assertEquals(entry, "a");
  const bytes = await encode(three);
  assertEquals(await collect(decodeTar({ maxEntrySize: 700 })(counting([bytes]))), [...three]);
  assert(
    (await failure(bytes, { maxEntrySize: 699 })).message.includes("a file may have 699 bytes"),
  );
});

Deno.test("decodeTar() takes no memory on a header's word", async () => {
  const before = Deno.memoryUsage().external;
  for (let i = 0; i < 20; i++) {
    const large = withHeader((header) => header.set(utf8("17777777777"), 124)); // 2 GiB.
    assert((await failure(large)).message.includes("not complete"));
  }
  assert(Deno.memoryUsage().external - before < 2 ** 27);
});

Deno.test("decodeTar() skips members that are not files, with their content", async () => {
  const volume = withHeader((header) => {
    header.set(utf8("V"), 156);
    header.set(utf8("00000000005"), 124);
  }).slice(0, 512);
  const bytes = joined([volume, new Uint8Array(512).fill(7), named("b")]);
  assertEquals(await collect(decodeTar()(counting(cut(bytes, [100])))), [
    { name: "b", bytes: new Uint8Array(), index: 0 },
  ]);
  const cutShort = bytes.slice(0, 700);
  assert((await failure(cutShort)).message.includes('the content of "a" is not complete'));
});

Deno.test("decodeTar() ends at an archive's end, with a warning where data follows", async () => {
  const bytes = await encode(three);
  const zeros = await read(joined([bytes, new Uint8Array(5000)]));
  assertEquals([zeros.names.length, zeros.warnings], [3, []]);
  for (const more of [bytes, utf8("junk"), joined([new Uint8Array(3000), utf8("j"), bytes])]) {
    const { names, warnings } = await read(joined([bytes, more]));
    assertEquals(names, ["0.bin", "1.bin", "2.bin"]);
    assertEquals(warnings.map(({ reason, position, entries }) => [reason, position, entries]), [
      ["the end is at byte 4608, and data follows behind it", 4608, 3],
    ]);
  }
  // GNU tar warns of the one block, and none reads on.
  const single = joined([bytes.slice(0, -512), bytes]);
  assertEquals((await read(single)).names, ["0.bin", "1.bin", "2.bin"]);
});

Deno.test("decodeTar() reads archives one behind the other where asked", async () => {
  const bytes = await encode(three);
  const names = ["0.bin", "1.bin", "2.bin"];
  for (const [end, gap] of [[0, 0], [0, 18 * 512], [512, 0], [512, 100 * 512]] as const) {
    const both = joined([bytes.slice(0, bytes.length - end), new Uint8Array(gap), bytes]);
    assertEquals(await read(both, { ignoreZeros: true }), {
      names: [...names, ...names],
      indices: [0, 1, 2, 0, 1, 2],
      warnings: [],
    });
  }
  const { names: found, warnings } = await read(joined([bytes, bytes.slice(0, 1536)]), {
    ignoreZeros: true,
  });
  assertEquals([found.length, warnings.length], [4, 1]);
  const junk = await failure(joined([bytes, utf8("junk".repeat(128))]), { ignoreZeros: true });
  assert(junk.message.includes("the header at byte 5632 has a wrong checksum"), junk.message);
  // What a global header says ends with its archive.
  const global = extended("g", utf8("12 path=all\n"));
  const read2 = await read(joined([global, named("b")]), { ignoreZeros: true });
  assertEquals(read2.names, ["all", "b"]);
});

Deno.test("decodeTar() refuses streams that are not archives", async () => {
  for (const bytes of [utf8("<!doctype html>".repeat(50)), new Uint8Array(600).fill(255)]) {
    assert((await failure(bytes)).message.includes("the header at byte 0 has a wrong checksum"));
  }
});

Deno.test("decodeTar() closes its source when it refuses it", async () => {
  const source = counting([new Uint8Array(512).fill(1), new Uint8Array(512)]);
  await assertRejects(() => drain(decodeTar()(source)), TarError);
  assertEquals([source.pulled, source.closed], [1, 1]);
});

Deno.test("decodeTar() gives a damaged archive's files or a TarError, and nothing else", async () => {
  const files = sources.archives.map(({ name }) => archive(name));
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...files),
      damage,
      fc.boolean(),
      async (file, damage, sealed) => {
        const bytes = damaged(file, damage);
        // With good checksums, more of the damage goes further.
        if (sealed && bytes.length >= 512) seal(bytes);
        try {
          const stage = decodeTar({ onWarning: () => {} });
          for await (const { name } of stage(counting(cut(bytes, [333])))) {
            assert(!name.split("/").includes(".."));
          }
        } catch (error) {
          if (!(error instanceof TarError)) throw error;
        }
      },
    ),
    { numRuns: 1000 },
  );
});

Deno.test("decodeTar() refuses an invalid limit", () => {
  for (const maxEntrySize of [0, -1, 1.5, NaN, 2 ** 31]) {
    assertThrows(
      () => decodeTar({ maxEntrySize }),
      RangeError,
      `Cannot decode tar entries of up to ${maxEntrySize} bytes: ` +
        "the maximum must be an integer from 1 to 2147483647",
    );
  }
});
