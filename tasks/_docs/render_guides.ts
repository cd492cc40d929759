import { root } from "../_exports/modules.ts";
import { type Html, html, trustHtml } from "../_pages/html.ts";
import { renderPage } from "../_pages/page.ts";
import { type Guide, toRelative } from "./guides.ts";
import { renderCode, renderMarkdown } from "./markdown.ts";

/** By what a site of ours is known. */
export const GENERATOR = `<meta name="generator" content="deno task docs">`;

/** Where the pages of the API begin. */
const API = "api/index.html";

const STYLE = `
.docs { display: grid; grid-template-columns: minmax(0, 1fr); gap: 1.5rem; }
.docs nav ul { margin: 0; padding: 0; list-style: none; display: flex; flex-wrap: wrap; gap: 0.2rem 1rem; }
.docs nav h2 { margin: 0.8rem 0 0.2rem; font-size: 0.9rem; }
.docs nav a { display: inline-block; padding: 0.15rem 0; }
.docs nav a[aria-current] { color: var(--text); font-weight: 600; text-decoration: none; }
@media (min-width: 60rem) {
  .docs { grid-template-columns: 13rem minmax(0, 1fr); }
  .docs nav ul { display: block; }
}
main { overflow-wrap: anywhere; }
th, td { overflow-wrap: normal; vertical-align: top; }
pre { overflow-x: auto; padding: 0.8rem; background: var(--surface); border: 1px solid var(--border); border-radius: 0.4rem; overflow-wrap: normal; }
code { font: 0.875em/1.45 ui-monospace, monospace; }
:not(pre) > code { padding: 0.1em 0.3em; background: var(--surface); border-radius: 0.25rem; }
.hljs-comment, .hljs-quote { color: var(--quiet); font-style: italic; }
.hljs-keyword, .hljs-literal, .hljs-built_in { color: light-dark(#a3006f, #ff9bd2); }
.hljs-string, .hljs-regexp { color: light-dark(#0a5c36, #7ddba8); }
.hljs-number, .hljs-attr, .hljs-variable { color: light-dark(#8a3b00, #f0b37e); }
.hljs-title, .hljs-type, .hljs-meta { color: light-dark(#0b4f8a, #8cc8ff); }
`;

/** Renders all guides, and the files that they link to, by their paths in the site. */
export async function renderGuides(
  guides: readonly Guide[],
): Promise<ReadonlyMap<string, string>> {
  const pages = new Map<string, string>();
  const files = new Set<string>();
  const pictures = new Map<string, string>();
  for (const { path, text } of guides) {
    for (const [, href = ""] of text.matchAll(/!\[[^\]]*\]\(([^)\s]+)\)/g)) {
      const bytes = await Deno.readFile(new URL(resolvePath(path, href), root));
      const type = href.endsWith(".svg") ? "svg+xml" : "png";
      pictures.set(resolvePath(path, href), `data:image/${type};base64,${bytes.toBase64()}`);
    }
  }
  for (const guide of guides) {
    const content = renderMarkdown(guide.text, {
      link: (href) => {
        if (/^(?:[a-z]+:|#)/i.test(href)) return href;
        const [to = "", anchor] = href.split("#");
        const target = resolvePath(guide.path, to);
        const found = guides.find(({ path }) => path === target);
        if (!found) files.add(target);
        const page = found?.page ?? toSourcePage(target);
        return toRelative(guide.page, page) + (anchor === undefined ? "" : `#${anchor}`);
      },
      picture: (href) => pictures.get(resolvePath(guide.path, href)) ?? href,
    });
    pages.set(guide.page, await frame(guides, guide.page, guide.title, trustHtml(content)));
  }
  for (const path of files) {
    const content = await renderFile(path);
    pages.set(toSourcePage(path), await frame(guides, toSourcePage(path), path, content));
  }
  return pages;
}

/** Resolves a link of a file to a path in the project. */
const resolvePath = (from: string, to: string): string =>
  decodeURIComponent(new URL(to, `file:///${from}`).pathname.slice(1));

/** Gives the page that shows a file or folder of the project. */
const toSourcePage = (path: string): string => `source/${path.replace(/\/$/, "")}.html`;

/** Renders a file as code, or a folder as the list of what is in it. */
async function renderFile(path: string): Promise<Html> {
  const url = new URL(path, root);
  if ((await Deno.stat(url)).isDirectory) {
    const names = await Array.fromAsync(Deno.readDir(url), ({ name }) => name);
    return html`
      <h1>${path}</h1>
      <ul>${names.sort().map((name) => html`<li>${name}</li>`)}</ul>
    `;
  }
  const language = /\.(\w+)$/.exec(path)?.[1] ?? "";
  const code = renderCode(await Deno.readTextFile(url), language === "svg" ? "xml" : language);
  return html`<h1>${path}</h1>${trustHtml(code)}`;
}

/** Puts the content of a page beside the list of all. */
async function frame(
  guides: readonly Guide[],
  page: string,
  title: string,
  content: Html,
): Promise<string> {
  const list = (heading: string, shown: readonly Pick<Guide, "page" | "title">[]) =>
    html`
      <h2>${heading}</h2>
      <ul>${shown.map((one) =>
        html`<li><a href="${toRelative(page, one.page)}"${
          one.page === page && trustHtml(' aria-current="page"')
        }>${one.title}</a></li>`
      )}</ul>
    `;
  const isIn = (folder: string) => ({ page }: Guide) => page.startsWith(folder);
  const decisions = guides.filter(isIn("docs/decisions/"));
  const body = html`
    <a class="visually-hidden" href="#content">To the content</a>
    <div class="docs">
      <nav aria-label="Documentation">
        ${list("Project", [
          ...guides.filter(({ page }) => !page.startsWith("docs/")),
          { page: API, title: "API reference" },
        ])}
        ${list("Guides", guides.filter((one) => isIn("docs/")(one) && !decisions.includes(one)))}
        ${list(
          "Decisions",
          page.startsWith("docs/decisions/")
            ? decisions
            : decisions.filter(({ page }) => page.endsWith("index.html")),
        )}
      </nav>
      <main id="content">${content}</main>
    </div>
  `;
  const text = await renderPage({
    title: title === "Rill" ? title : `${title} · Rill`,
    body,
    style: STYLE,
  });
  return text.trimStart().replace("<title>", () => `${GENERATOR}<title>`);
}
