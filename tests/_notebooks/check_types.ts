import { rootUrl } from "../_package/list_packed_files.ts";
import { runProcess } from "../_package/process.ts";
import { formatProgram, type Notebook } from "./format_notebook.ts";

/**
 * Checks the types of notebooks' code, the cells of each one behind the other, as of a reader's program: with the settings that
 * Deno has by itself. Deno's kernel runs code as it is, and checks nothing.
 *
 * @param notebooks The notebooks, by their paths in the project.
 * @returns What TypeScript finds; nothing if all is well.
 */
export async function checkTypes(notebooks: ReadonlyMap<string, Notebook>): Promise<string> {
  const dir = await Deno.makeTempDir({ prefix: "rill-cells-" });
  const { imports, links } = JSON.parse(
    await Deno.readTextFile(new URL("deno.json", rootUrl)),
  ) as { readonly imports: Readonly<Record<string, string>>; readonly links: readonly string[] };
  const locate = (path: string) => path.startsWith("./") ? new URL(path, rootUrl).href : path;
  const config = {
    imports: Object.fromEntries(
      Object.entries(imports).map(([name, path]) => [name, locate(path)]),
    ),
    links: links.map((path) => `${locate(path)}/`),
  };
  try {
    await Deno.writeTextFile(`${dir}/deno.json`, JSON.stringify(config));
    const names: string[] = [];
    for (const [path, notebook] of notebooks) {
      const name = path.slice(path.lastIndexOf("/") + 1).replace(/\.ipynb$/, ".ts");
      await Deno.writeTextFile(`${dir}/${name}`, formatProgram(path, notebook));
      names.push(name);
    }
    const args = ["check", "--quiet", "--no-lock", ...names];
    const { code, stderr } = await runProcess(Deno.execPath(), args, dir);
    return code === 0 ? "" : stderr;
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}
