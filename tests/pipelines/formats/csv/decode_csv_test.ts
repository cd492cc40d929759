import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import fc from "fast-check";
import { collect, CsvError, decodeCsv, type DecodeCsvOptions, drain } from "@rill/rill/pipelines";
import { damage } from "../../_fuzz.ts";
import { counting, cut, nothing, range, testStage } from "../../_helpers.ts";
import { bytesAt, damaged, joined, sources, utf8 } from "../../_sources.ts";

testStage<Uint8Array, Record<string, string>>({
  name: "decodeCsv()",
  stage: decodeCsv(),
  input: ["path,la", "bel\r\na,", "1\r\nb,2\r\n", "c,3\r\n"].map(utf8),
  output: [{ path: "a", label: "1" }, { path: "b", label: "2" }, { path: "c", label: "3" }],
  pulled: (given) => [0, 3, 3, 4][given]!,
});

const read = (text: string, options?: DecodeCsvOptions) =>
  collect(decodeCsv(options)(counting([utf8(text)])));

for (const { name, separator, bytes, rows } of sources.tables) {
  Deno.test(`decodeCsv() reads Python's table, however it is cut: ${name}`, async () => {
    const [names = [], ...rest] = rows;
    const expected = rest.map((row) => Object.fromEntries(names.map((name, i) => [name, row[i]])));
    const file = bytesAt(bytes);
    for (const size of range(file.length + 1).slice(1)) {
      const items = await collect(decodeCsv({ separator })(counting(cut(file, [size]))));
      assertEquals(items, expected, `in pieces of ${size}`);
    }
  });
}

const field = fc.string({ maxLength: 12, unit: fc.constantFrom(...'ab,;"\r\n 图🎒') });

Deno.test("decodeCsv() gives back what was written by the rules, however it is cut", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }).chain((width) =>
        fc.array(fc.array(field, { minLength: width, maxLength: width }), { maxLength: 5 })
      ),
      fc.constantFrom("\n", "\r\n", "\r"),
      fc.boolean(),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }),
      async (rows, end, ended, sizes) => {
        const columns = (rows[0] ?? ["x"]).map((_, i) => `c${i}`);
        const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
        const text = rows.map((row) => row.map(quoted).join(",")).join(end);
        const bytes = utf8(ended && rows.length > 0 ? text + end : text);
        const items = await collect(
          decodeCsv({ columns, header: false })(counting(cut(bytes, sizes))),
        );
        assertEquals(items.map((item) => columns.map((c) => item[c])), rows);
      },
    ),
    { numRuns: 300 },
  );
});

Deno.test("decodeCsv() reads text with a byte order mark, and drops the mark", async () => {
  assertEquals(await read("\ufeffx\n1\n"), [{ x: "1" }]);
  const bytes = utf8("\ufeffx\n1\n");
  assertEquals(await collect(decodeCsv()(counting(cut(bytes, [1])))), [{ x: "1" }]);
});

Deno.test("decodeCsv() takes the columns that are wanted, in any order", async () => {
  const text = "id,path,label\n7,a.png,1\n";
  assertEquals(await read(text, { columns: ["label", "path"] }), [{ label: "1", path: "a.png" }]);
  assertEquals(await read("a.png,1\n", { columns: ["path", "label"], header: false }), [
    { path: "a.png", label: "1" },
  ]);
  assertEquals(await read("__proto__,x\n1,2\n"), [JSON.parse('{ "__proto__": "1", "x": "2" }')]);
});

Deno.test("decodeCsv() keeps spaces, and leaves out lines without a character", async () => {
  assertEquals(await read("\n\nx, y\r\n\r\n a , b \n\r\n"), [{ x: " a ", " y": " b " }]);
  assertEquals(await read('x\n""\n\n1'), [{ x: "" }, { x: "1" }]);
});

Deno.test("decodeCsv() gives nothing of names alone, and asks for those that are wanted", async () => {
  assertEquals(await read("x,y\n"), []);
  assertEquals(await read("x,y", { columns: ["y"] }), []);
  assertEquals(await collect(decodeCsv({ columns: ["x"], header: false })(nothing())), []);
  await assertRejects(
    () => read("", { columns: ["x"] }),
    CsvError,
    "Cannot decode CSV stream as line 1 does not name the columns: the stream is empty",
  );
});

/** What an error says, its line, and the rows before it, in pieces of any size. */
async function failure(text: string | Uint8Array<ArrayBuffer>, options?: DecodeCsvOptions) {
  const bytes = typeof text === "string" ? utf8(text) : text;
  const prefix = "Cannot decode CSV stream as line ";
  const facts = await Promise.all([1, 2, 5, 1000].map(async (size) => {
    const { message, line, rows } = await assertRejects(
      () => drain(decodeCsv(options)(counting(cut(bytes, [size])))),
      CsvError,
    );
    assert(message.startsWith(prefix), message);
    return [message.slice(prefix.length), line, rows] as const;
  }));
  if (!facts[0]![0].includes("UTF-8")) {
    for (const other of facts) assertEquals(other, facts[0]);
  }
  return facts.at(-1)!;
}

Deno.test("decodeCsv() refuses ragged rows, by the line they begin on", async () => {
  const columns = "the table has 2 columns";
  assertEquals(await failure("x,y\n1,2\n3\n"), [`3 has 1 field: ${columns}`, 3, 1]);
  assertEquals(await failure("x,y\r\n1,2,3\r\n"), [`2 has 3 fields: ${columns}`, 2, 0]);
  assertEquals(await failure('x,y\n"1\n1","2\r\n2"\n\n3'), [`6 has 1 field: ${columns}`, 6, 1]);
  assertEquals(await failure("x,y\r1,2\r\r3\r"), [`4 has 1 field: ${columns}`, 4, 1]);
  assertEquals(await failure('x,y\n1,2\n3,"\n\n",\n'), [`3 has 3 fields: ${columns}`, 3, 1]);
  const one = { columns: ["a"], header: false };
  assertEquals(await failure("1\n1,2", one), ["2 has 2 fields: the table has 1 column", 2, 1]);
});

Deno.test("decodeCsv() refuses quotes in the wrong place", async () => {
  assertEquals(await failure('x\na"b"\n'), [
    "2 has a quote within a field that is not in quotes",
    2,
    0,
  ]);
  assertEquals(await failure('x\n"a"b\n'), ["2 has text after a closing quote", 2, 0]);
  assertEquals(await failure('x\n"a" \n'), ["2 has text after a closing quote", 2, 0]);
  assertEquals(await failure('x\n1\n2,"a\n\n\nb'), ["3 has a quote that is not closed", 3, 1]);
});

Deno.test("decodeCsv() refuses names that are missing or come twice", async () => {
  assertEquals(await failure("x,y,x\n"), ['1 names the column "x" twice', 1, 0]);
  assertEquals(await failure("x,y\n", { columns: ["z"] }), ['1 names no column "z"', 1, 0]);
});

Deno.test("decodeCsv() refuses text that is not UTF-8", async () => {
  const [message, line] = await failure(joined([utf8("x\n1\n"), Uint8Array.of(0xff, 0x0a)]));
  // By the chunk.
  assertEquals([message, line], ["1 or one soon after it is not UTF-8", 1]);
  await failure(joined([utf8("x\n1"), Uint8Array.of(0xc3)]));
});

Deno.test("decodeCsv() takes no memory without end for a quote that is never closed", async () => {
  let pulled = 0;
  async function* endless() {
    yield utf8('x\n"');
    for (; pulled < 1000; pulled++) yield new Uint8Array(2 ** 16).fill(0x61);
  }
  await assertRejects(
    () => drain(decodeCsv()(endless())),
    CsvError,
    "line 2 is of a row of more than 1048576 characters",
  );
  assert(pulled < 20);
  for (const text of ["x\n12345", "x\n,,,,,,", 'x\n"\n\n\n\n\n"']) {
    const [message] = await failure(text, { maxRowSize: 5 });
    assertEquals(message, "2 is of a row of more than 5 characters");
  }
});

Deno.test("decodeCsv() names the stream, and closes it when it refuses it", async () => {
  const source = counting([utf8("x,y\n1\n"), utf8("2,3\n")]);
  const error = await assertRejects(() => drain(decodeCsv({ source: "a.csv" })(source)), CsvError);
  assert(error.message.startsWith("Cannot decode CSV stream a.csv as line 2 "));
  assertEquals([error.source, source.pulled, source.closed], ["a.csv", 1, 1]);
});

Deno.test("decodeCsv() gives a damaged table's rows or a CsvError, and nothing else", async () => {
  const files = sources.tables.map(({ bytes }) => bytesAt(bytes));
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...files), damage, async (file, damage) => {
      try {
        await drain(decodeCsv()(counting(cut(damaged(file, damage), [7]))));
      } catch (error) {
        if (!(error instanceof CsvError)) throw error;
      }
    }),
    { numRuns: 500 },
  );
});

Deno.test("decodeCsv() refuses invalid options", () => {
  for (const separator of ["", ",,", '"', "\n", "\r"]) {
    assertThrows(
      () => decodeCsv({ separator }),
      TypeError,
      `Cannot decode CSV separated by ${JSON.stringify(separator)}`,
    );
  }
  assertThrows(() => decodeCsv({ header: false }), TypeError, "Cannot decode CSV without names");
  assertThrows(() => decodeCsv({ header: false, columns: [] }), TypeError);
  assertThrows(
    () => decodeCsv({ columns: ["a", "b", "a"] }),
    RangeError,
    'Cannot decode CSV as the column "a" is asked for twice',
  );
  for (const maxRowSize of [0, -1, 1.5]) {
    assertThrows(() => decodeCsv({ maxRowSize }), RangeError, "Cannot decode CSV rows of up to");
  }
});
