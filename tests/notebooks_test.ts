import { readdirSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { assert, assertEquals } from "@std/assert";
import { testUnless } from "./_test_unless.ts";
import { root } from "./_package/list_packed_files.ts";
import { checkTypes } from "./_notebooks/check_types.ts";
import { formatCode } from "./_notebooks/format_code.ts";
import {
  formatNotebook,
  formatProgram,
  joinLines,
  listKinds,
  type Notebook,
} from "./_notebooks/format_notebook.ts";
import { NOTEBOOKS } from "./_notebooks/notebooks.ts";
import { findMissing, runNotebook } from "./_notebooks/run_notebook.ts";
import { png } from "./tasks/_pictures.ts";
import { withFolder } from "./tasks/_task.ts";

const missing = await findMissing();
const hint = "write it anew with: deno run --allow-all tests/_notebooks/write_notebooks.ts";

const read = async (path: string): Promise<Notebook> =>
  JSON.parse(await Deno.readTextFile(root + path));

Deno.test("all notebooks of docs/ are listed", () => {
  const found = [...Deno.readDirSync(`${root}docs`)]
    .map(({ name }) => `docs/${name}`)
    .filter((path) => path.endsWith(".ipynb"));
  assertEquals(found.sort(), NOTEBOOKS);
});

Deno.test("the code of all notebooks is right by its types", async () => {
  const notebooks = await Promise.all(
    NOTEBOOKS.map(async (path) => [path, await read(path)] as const),
  );
  // One more has a mistake, which is the only one.
  const wrong = {
    id: "",
    cell_type: "code",
    metadata: {},
    source: 'const a: number = "b";',
  } as const;
  const found = await checkTypes(new Map([...notebooks, ["docs/wrong.ipynb", { cells: [wrong] }]]));
  assertEquals(found.match(/\bTS\d+\b.*/g), [
    "TS2322 [ERROR]: Type 'string' is not assignable to type 'number'.",
  ], found);
});

for (const path of NOTEBOOKS) {
  Deno.test(`${path} is formatted, and was run once from top to bottom`, async () => {
    const notebook = await read(path);
    assertEquals(
      await Deno.readTextFile(root + path),
      formatNotebook(await formatCode(notebook)),
      "format it with: deno run --allow-all tests/_notebooks/write_notebooks.ts --format",
    );
    const code = notebook.cells.filter(({ cell_type }) => cell_type === "code");
    assertEquals(code.map((cell) => cell.execution_count), code.map((_, i) => i + 1), hint);
    const outputs = code.flatMap((cell) => cell.outputs ?? []);
    assertEquals(outputs.filter(({ output_type }) => output_type === "error"), []);
    // Whoever reads it where nothing is drawn has words.
    for (const { data } of outputs) {
      if (data) assert("text/plain" in data, Object.keys(data).join());
    }
    assert((await Deno.stat(root + path)).size < 600_000, "it is too large for a forge to show");
  });

  testUnless(missing, `${path} runs, and gives what it has been saved with`, async () => {
    const saved = await read(path);
    const expected = saved.cells.map(listKinds);
    // Deno's kernel may say that it's idle before what a cell gave has been sent, which nbconvert then leaves out: on a busy machine
    // in most runs, and each time of other cells. What a cell gave in one of the runs counts.
    let kinds: readonly string[][] = [];
    for (let i = 0; i < 5 && JSON.stringify(kinds) !== JSON.stringify(expected); i++) {
      const run = await runNotebook(path, { quick: true, patience: 300_000 });
      assertEquals(
        run.cells.map(({ source }) => joinLines(source)),
        saved.cells.map(({ source }) => joinLines(source)),
      );
      kinds = run.cells.map((cell, k) => {
        const [now, before] = [listKinds(cell), kinds[k] ?? []];
        return now.length > before.length ? now : before;
      });
    }
    assertEquals(kinds, expected, hint);
  });
}

Deno.test("docs/own_pictures.ipynb leaves a folder of the reader's own as it is", () =>
  withFolder(async (dir) => {
    const own = `${dir}/own`;
    for (const [k, name] of ["cats", "dogs"].entries()) {
      await Deno.mkdir(`${own}/${name}`, { recursive: true });
      for (let i = 0; i < 4; i++) {
        await Deno.writeFile(`${own}/${name}/${i}.png`, await png(4 * k + i));
      }
    }
    const list = () =>
      readdirSync(own, { encoding: "utf8", recursive: true })
        .map((name) => [name, Deno.statSync(`${own}/${name}`).mtime]);
    const before = list();
    const path = "docs/own_pictures.ipynb";
    const program = [
      ['own: string = ""', `own: string = ${JSON.stringify(own)}`],
      ['Deno.env.get("RILL_NOTEBOOK")', '"quick"'],
      ["Deno.jupyter.broadcast", "() => Promise.resolve()"],
      ['openBackend("auto")', 'openBackend("wasm")'],
    ].reduce(
      (code, [from, to]) => {
        assertEquals(code.split(from!).length, 2, from);
        return code.replace(from!, () => to!);
      },
      formatProgram(path, await read(path)),
    );
    await Deno.writeTextFile(`${dir}/program.ts`, program);
    await import(pathToFileURL(`${dir}/program.ts`).href);
    assertEquals(list(), before);
  }));

Deno.test("formatNotebook() leaves out what is another in each run", () => {
  const run = (time: string, id: string): Notebook => ({
    cells: [{
      cell_type: "code",
      execution_count: 1,
      id,
      metadata: { execution: { "iopub.execute_input": time } },
      outputs: [{ output_type: "stream", name: "stdout", text: "one\ntwo\n" }],
      source: "const a = 1;\na;",
    }],
  });
  const text = formatNotebook(run("now", "a1"));
  assertEquals(formatNotebook(run("then", "b2")), text);
  assertEquals(formatNotebook(JSON.parse(text)), text);
  const [cell] = (JSON.parse(text) as Notebook).cells;
  assertEquals(cell?.source, ["const a = 1;\n", "a;"]);
  assertEquals(listKinds(cell!), ["stream stdout"]);
});
