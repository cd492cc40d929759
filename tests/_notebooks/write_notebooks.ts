// Runs the notebooks of `docs/`, or those that are named, with all images that they name, and writes them with their outputs. It takes
// minutes. With --format they are only formatted, as after somebody saved one in Jupyter.

import { root } from "../_package/list_packed_files.ts";
import { formatCode } from "./format_code.ts";
import { formatNotebook } from "./format_notebook.ts";
import { NOTEBOOKS } from "./notebooks.ts";
import { runNotebook } from "./run_notebook.ts";

const isFormat = Deno.args.includes("--format");
const named = Deno.args.filter((arg) => arg !== "--format");
for (const path of named.length > 0 ? named : NOTEBOOKS) {
  const saved = await formatCode(JSON.parse(await Deno.readTextFile(root + path)));
  await Deno.writeTextFile(root + path, formatNotebook(saved));
  if (!isFormat) {
    const run = await runNotebook(path, { quick: false, patience: 3_600_000 });
    await Deno.writeTextFile(root + path, formatNotebook(run));
  }
  console.log(path);
}
