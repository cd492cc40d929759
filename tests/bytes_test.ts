import { assert, assertEquals } from "@std/assert";
import { type Bytes, measureBytes } from "./_bytes/measure_bytes.ts";
import { PREDICTION_BAR, WHOLE } from "./_bytes/rows.ts";
import { root } from "./_package/list_packed_files.ts";

let measuring: Promise<Bytes> | undefined;
const getBytes = (): Promise<Bytes> => measuring ??= measureBytes();

Deno.test("stages are a few kB each, from pipelines as from their own entry points", async () => {
  const { stages, whole } = await getBytes();
  for (const { row: { names, most }, fromWhole, fromEntry } of stages) {
    const bytes = fromWhole ?? fromEntry;
    assert(bytes <= most, `${names}: ${bytes} bytes, where there may be ${most}`);
    assert(fromEntry <= bytes, `${names}: ${fromEntry} bytes from its own entry point`);
    // What others leave behind in a bundle is at most this much.
    assert(bytes - fromEntry <= 1200, `${names}: ${bytes - fromEntry} bytes of other stages`);
  }
  assert(whole <= WHOLE, `all: ${whole} bytes, where there may be ${WHOLE}`);
});

Deno.test("a page loads the backend that it opens, and 200 kB of scripts at most to predict", async () => {
  const { pages } = await getBytes();
  for (const { row: { program, backend, most }, scripts, kernels } of pages) {
    const bytes = scripts - kernels;
    const what = `${program} on ${backend}: ${bytes} bytes`;
    assert(bytes <= most, `${what}, where there may be ${most}`);
    if (program === "predict") assert(bytes <= PREDICTION_BAR, what);
  }
});

Deno.test("docs/bytes.md has what is measured", async () => {
  const { stages, pages } = await getBytes();
  const text = await Deno.readTextFile(`${root}docs/bytes.md`);
  const found = text.split("\n").filter((line) => line.startsWith("|"))
    .map((line) => line.split("|").map((cell) => cell.trim()));
  const hint = "write it anew with: deno run --allow-all tests/_bytes/write_bytes.ts";
  /** A figure ages by a twentieth before somebody must write it anew. */
  const check = (bytes: number, cell: string | undefined, what: string) => {
    const difference = Math.abs(Number(cell) * 1000 - bytes);
    assert(difference <= Math.max(bytes / 20, 200), `${what}: ${bytes}, not ${cell}; ${hint}`);
  };
  for (const { row, fromWhole, fromEntry } of stages) {
    const cells = found.find((cells) => cells[3] === `\`${row.entry}\``);
    assert(cells, `${row.entry}; ${hint}`);
    if (fromWhole !== undefined) check(fromWhole, cells[2], row.entry);
    check(fromEntry, cells[4], row.entry);
  }
  const rows = found.filter(([, first]) => first?.startsWith("["));
  assertEquals(rows.length, pages.length, hint);
  for (const [i, { row, scripts, kernels }] of pages.entries()) {
    check(scripts - kernels, rows[i]![3], `${row.program} on ${row.backend}`);
  }
});
