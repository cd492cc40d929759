// The pages that `deno doc` makes. What keeps some people from reading them is mended in what it has written.
import { formatError } from "../_cli/errors.ts";
import { readText, root } from "../_exports/modules.ts";

/** Style behind Deno's, whose colours are too faint for some. */
const STYLE = `
html.light { --link: #0b4f8a; } html.dark { --link: #8cc8ff; }
.ddoc [class*="opacity"], .ddoc .doc_excerpt, .ddoc .italic, .ddoc .namespaceItemContent span { opacity: 1 !important; }
.ddoc, .ddoc * { min-width: 0; } .ddoc .namespaceItemContent { overflow-wrap: anywhere; } .ddoc pre { overflow-x: auto; }
@media (width < 30rem) { #searchbar { min-width: 0; width: 6rem; } }
.ddoc .text-optional, .ddoc a, .ddoc .link, .ddoc .contextLink, .ddoc [class^="td-"] { color: var(--link) !important; }
html.light .token { color: #1a1f26 !important; } html.dark .token { color: #e8ebef !important; }
html.light .token.keyword { color: #a3006f !important; } html.dark .token.keyword { color: #ff9bd2 !important; }
html.light .ddoc .td-str { color: #0a5c36 !important; } html.dark .ddoc .td-str { color: #7ddba8 !important; }
html.light .token.string { color: #0a5c36 !important; } html.dark .token.string { color: #7ddba8 !important; }
html.light .token.comment { color: #57606a !important; } html.dark .token.comment { color: #a2acb8 !important; }
`;

/** Builds the pages of the API in a folder, and gives their number. */
export async function buildApi(dir: string): Promise<number> {
  const { stderr, success } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--html", "--name=Rill", `--output=${dir}`, ...await listModules()],
    cwd: root,
    env: { NO_COLOR: "1" },
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) {
    const reason = new TextDecoder().decode(stderr).trim().split("\n").at(-1);
    throw new Error(`Cannot build the pages of the API as deno doc fails: ${formatError(reason)}`);
  }
  await Deno.writeTextFile(`${dir}/rill.css`, STYLE);
  return await mendFolder(dir, "");
}

/** Lists the modules that hold all that is public: each of the others exports a part of one. */
async function listModules(): Promise<string[]> {
  const { exports, imports } = JSON.parse(await readText("deno.json"));
  const own = Object.values<string>(imports).filter((path) =>
    /^\.\/(?:models|pipelines)\//.test(path)
  );
  const known = new Set(Object.values<string>(exports));
  return [...new Set(own)].filter((path) => known.has(path));
}

async function mendFolder(dir: string, up: string): Promise<number> {
  let count = 0;
  for await (const { name, isDirectory } of Deno.readDir(dir)) {
    const path = `${dir}/${name}`;
    if (isDirectory) count += await mendFolder(path, `../${up}`);
    else if (name.endsWith(".html")) {
      await Deno.writeTextFile(path, mendPage(await Deno.readTextFile(path), up));
      count++;
    }
  }
  return count;
}

/** Mends a page: it says its language, its buttons have names, its code can be scrolled by keyboard, and its lists are lists. */
export const mendPage = (page: string, up: string): string => {
  const ids = new Set([...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id));
  return page
    // It links to type parameters that have no place of their own.
    .replaceAll(/href="#([^"]+)"/g, (link, id) => ids.has(id) ? link : `href="#"`)
    .replace(/<html(?=[ >])/, `<html lang="en"`)
    // Browsers ask for an icon that isn't there where none is named.
    .replace(
      "</head>",
      () => `<link rel="icon" href="data:,"><link rel="stylesheet" href="${up}rill.css"></head>`,
    )
    .replaceAll(`class="copyButton"`, `class="copyButton" aria-label="Copy"`)
    .replaceAll(`<code class="language-`, `<code tabindex="0" class="language-`)
    .replaceAll(
      /<ul class="breadcrumbs">[\s\S]*?<\/nav>/g,
      (crumbs) =>
        crumbs.replaceAll("<ul", `<ul role="presentation"`).replaceAll(
          "<li",
          `<li role="presentation"`,
        ),
    )
    .replaceAll(
      /(from |import )(&quot;|")((?:models|pipelines)[\w/-]*)\2/g,
      (_, word, quote, path) => `${word}${quote}@rill/rill/${path}${quote}`,
    );
};
