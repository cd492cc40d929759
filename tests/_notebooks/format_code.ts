import { root } from "../_package/list_packed_files.ts";
import { runForOutput } from "../_package/process.ts";
import { joinLines, type Notebook } from "./format_notebook.ts";

/**
 * Formats the code of a notebook's cells as that of the project.
 *
 * `deno fmt` knows notebooks, but its `--check` (2.9.6) takes each for unformatted, also one that it has just formatted. So
 * `deno.json` leaves them out, and the cells are formatted as files.
 */
export async function formatCode(notebook: Notebook): Promise<Notebook> {
  const dir = await Deno.makeTempDir({ prefix: "rill-cells-" });
  try {
    const paths = notebook.cells.map((_, i) => `${dir}/${i}.ts`);
    const isCode = notebook.cells.map(({ cell_type }) => cell_type === "code");
    for (const [i, { source }] of notebook.cells.entries()) {
      if (isCode[i]) await Deno.writeTextFile(paths[i]!, joinLines(source));
    }
    const { fmt } = JSON.parse(await Deno.readTextFile(`${root}deno.json`));
    const width = `--line-width=${fmt.lineWidth}`;
    await runForOutput(Deno.execPath(), ["fmt", "--quiet", "--no-config", width, dir], dir);
    const cells = notebook.cells.map(async (cell, i) =>
      isCode[i] ? { ...cell, source: (await Deno.readTextFile(paths[i]!)).trimEnd() } : cell
    );
    return { ...notebook, cells: await Promise.all(cells) };
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}
