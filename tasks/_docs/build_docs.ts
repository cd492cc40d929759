import { dirname } from "node:path";
import { UsageError } from "../_cli/errors.ts";
import { replaceFolder } from "../_files/replace_folder.ts";
import { printNote } from "../_text/print.ts";
import { buildApi } from "./api_pages.ts";
import { findGuides } from "./guides.ts";
import { GENERATOR, renderGuides } from "./render_guides.ts";

/** Builds the site, whole or not at all. */
export async function buildDocs(out: string): Promise<void> {
  await checkOut(out);
  await replaceFolder(out, async (building) => {
    const pages = await renderGuides(await findGuides());
    for (const [path, content] of pages) await writePage(`${building}/${path}`, content);
    const count = await buildApi(`${building}/api`);
    printNote(`docs: ${pages.size} pages of guides and ${count} of the API, in ${out}`);
  });
}

async function writePage(path: string, content: string): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeTextFile(path, content);
}

/** Checks that the site replaces nothing but a site. */
async function checkOut(out: string): Promise<void> {
  const names = await Array.fromAsync(Deno.readDir(out), ({ name }) => name).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return [];
    if (error instanceof Deno.errors.NotADirectory) {
      throw new UsageError(`Cannot use --out ${out} as it is not a folder`);
    }
    throw error;
  });
  if (names.length === 0) return;
  const index = await Deno.readTextFile(`${out}/index.html`).catch(() => "");
  if (index.includes(GENERATOR)) return;
  throw new UsageError(
    `Cannot use --out ${out} as it holds files that are no site of ours: name another folder`,
  );
}
