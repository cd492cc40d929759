import { assert, assertEquals } from "@std/assert";
import { basename, dirname, readText, root } from "../tasks/_exports/modules.ts";
import { joinLines, type Notebook } from "./_notebooks/format_notebook.ts";
import { NOTEBOOKS } from "./_notebooks/notebooks.ts";

/** The pages for readers, by their paths in the project. */
const pages = [
  "README.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  "examples/README.md",
  ...listPages("docs"),
  ...listPages("docs/decisions"),
  ...NOTEBOOKS,
];

function listPages(folder: string): string[] {
  return [...Deno.readDirSync(new URL(folder, root))]
    .filter(({ name }) => name.endsWith(".md"))
    .map(({ name }) => `${folder}/${name}`)
    .sort();
}

/** Reads a page: of a notebook its prose, and its code as blocks. */
async function readPage(path: string): Promise<string> {
  const text = await readText(path);
  if (!path.endsWith(".ipynb")) return text;
  const { cells }: Notebook = JSON.parse(text);
  return cells.map(({ cell_type, source }) =>
    cell_type === "code" ? `\`\`\`ts\n${joinLines(source)}\n\`\`\`` : joinLines(source)
  ).join("\n\n");
}

const exists = (path: string): Promise<boolean> =>
  Deno.stat(new URL(path, root)).then(() => true, () => false);

/** A page's text without its blocks of code. */
const proseOf = (text: string): string => text.replace(/^(`{3,})[^\n]*\n[\s\S]*?^\1 *$/gm, "");

/** The names that a page's headings have in links, as the forge makes them. */
const anchorsOf = (text: string): string[] =>
  [...proseOf(text).matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-")
  );

for (const page of pages) {
  Deno.test(`every link of ${page} leads somewhere`, async () => {
    const prose = proseOf(await readPage(page));
    for (const [, link = ""] of prose.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(link)) continue;
      const [path, anchor] = link.split("#");
      const { pathname } = new URL(path || basename(page), `file:///${dirname(`/${page}`)}/`);
      const target = pathname.replace(/^\/+/, "");
      assert(await exists(target), `${link}: there is no ${target}`);
      if (anchor === undefined) continue;
      assert(
        anchorsOf(await readPage(target)).includes(anchor),
        `${link}: there is no such heading`,
      );
    }
  });

  Deno.test(`every file that ${page} names is there`, async () => {
    const text = await readPage(page);
    const named = [
      ...proseOf(text).matchAll(
        /`((?:pipelines|models|tasks|tests|docs|examples|links)\/[\w./-]*)`/g,
      ),
      // In commands too.
      ...text.matchAll(/(?<![\w@./-])((?:pipelines|models|tasks|tests|examples)\/[\w./-]+\.ts)\b/g),
    ];
    for (const [, path = ""] of named) {
      if (!IMAGINED.includes(path)) assert(await exists(path), `there is no ${path}`);
    }
  });
}

Deno.test("whoever is told to take the package from JSR is told since when it is there", async () => {
  const promise = "first release";
  const told: string[] = [];
  for (const page of [...pages, "tasks/_card/format_card.ts"]) {
    const text = await readPage(page);
    if (!/jsr:@rill\/rill|jsr add @rill|\bPACKAGE\b/.test(text)) continue;
    told.push(page);
    assert(text.replace(/\s+/g, " ").includes(promise), `${page} doesn't say "${promise}"`);
  }
  assert(told.length > 4, told.join());
});

/** Files that CONTRIBUTING shows how to add. */
const IMAGINED: readonly string[] = [
  "pipelines/images/invert.ts",
  "tests/pipelines/images/invert_test.ts",
  "pipelines/items/pair.ts",
  "models/layers/hard_swish.ts",
  "tests/models/layers/hard_swish_test.ts",
];

Deno.test("docs/decisions/README.md lists every decision", async () => {
  const index = await readText("docs/decisions/README.md");
  const listed = [...index.matchAll(/\]\(([\w-]+\.md)\)/g)].map(([, name]) => name);
  const there = listPages("docs/decisions").map(basename).filter((name) => name !== "README.md");
  assertEquals(listed.sort(), there);
});

Deno.test("docs/architecture.md names every room", async () => {
  const text = await readText("docs/architecture.md");
  for (const half of ["pipelines", "models"]) {
    for (const { name, isDirectory } of Deno.readDirSync(new URL(half, root))) {
      if (isDirectory) assert(text.includes(`${name}/`), `${half}/${name} is not in the picture`);
    }
  }
});

Deno.test("docs/data.md and docs/support.md tell of every stage", async () => {
  const manifest = JSON.parse(await readText("deno.json"));
  const [guide, support] = [await readText("docs/data.md"), await readText("docs/support.md")];
  const entries = Object.entries<string>(manifest.exports)
    .filter(([name]) => name.startsWith("./pipelines/"));
  const untold: string[] = [];
  for (const [name, path] of entries) {
    if (!support.includes(`\`${name.slice("./pipelines/".length)}\``)) {
      untold.push(`support: ${name}`);
    }
    const source = await readText(path.slice(2));
    for (const [, symbol] of source.matchAll(/^export (?:async )?function\*? (\w+)/gm)) {
      if (!guide.includes(`\`${symbol}\``) && !guide.includes(`\`${symbol}(`)) {
        untold.push(`guide: ${symbol}`);
      }
    }
  }
  assertEquals([...new Set(untold)], []);
});
