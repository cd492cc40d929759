import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { mendPage } from "../../../tasks/_docs/api_pages.ts";
import { toAnchor, toRelative } from "../../../tasks/_docs/guides.ts";
import { renderMarkdown } from "../../../tasks/_docs/markdown.ts";
import { driveChromium } from "../../_package/drive_chromium.ts";
import { findProgram } from "../../_package/find_program.ts";
import { testUnless } from "../../_test_unless.ts";
import { nightly } from "../../_nightly.ts";
import { runTask, withFolder } from "../_task.ts";

Deno.test("toRelative() leads from page to page, wherever the site lies", () => {
  assertEquals(toRelative("index.html", "docs/data.html"), "docs/data.html");
  assertEquals(toRelative("docs/data.html", "docs/models.html"), "models.html");
  assertEquals(toRelative("docs/decisions/index.html", "docs/data.html"), "../data.html");
  assertEquals(toRelative("docs/data.html", "index.html"), "../index.html");
  assertEquals(toRelative("source/a.html", "api/index.html"), "../api/index.html");
});

Deno.test("renderMarkdown() names headings as forges do, colours code, and sends links where they are to go", () => {
  const text = "# `a` & B\n## Two\n## Two\n\n[to](x.md) ![p](y.svg)\n\n" +
    "```ts\nconst a = 1 < 2;\n```\n\n```text\n<b>\n```\n\n|a||\n|-|-|\n|1|2|\n";
  const html = renderMarkdown(text, { link: (href) => `L&${href}`, picture: (href) => `P${href}` });
  assertStringIncludes(html, '<h1 id="a--b">');
  assertStringIncludes(html, '<h2 id="two">Two</h2>\n<h2 id="two-1">Two</h2>');
  assertStringIncludes(html, '<a href="L&amp;x.md">to</a>');
  assertStringIncludes(html, '<img src="Py.svg" alt="p">');
  assertStringIncludes(html, '<span class="hljs-keyword">const</span>');
  assertStringIncludes(html, "<code>&lt;b&gt;</code>");
  assertStringIncludes(html, '<th scope="col">a</th><td></td>');
  assertEquals(toAnchor("What `auto` takes, and why"), "what-auto-takes-and-why");
});

Deno.test("mendPage() gives a page of deno doc a language, names, and no link without a target", () => {
  const page = `<html><head></head><body><a href="#there">a</a><a href="#gone">b</a>` +
    `<i id="there"></i><button class="copyButton"></button> from &quot;models&quot;</body></html>`;
  assertEquals(
    mendPage(page, "../"),
    `<html lang="en"><head><link rel="icon" href="data:,"><link rel="stylesheet" href="../rill.css"></head><body><a href="#there">a</a><a href="#">b</a>` +
      `<i id="there"></i><button class="copyButton" aria-label="Copy"></button> from &quot;@rill/rill/models&quot;</body></html>`,
  );
});

/** Reads all files of a folder by their paths; of those that aren't pages only that they are there. */
async function readSite(dir: string, at = ""): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for await (const { name, isDirectory } of Deno.readDir(`${dir}/${at}`)) {
    const path = at + name;
    if (!isDirectory) {
      files.set(path, name.endsWith(".html") ? await Deno.readTextFile(`${dir}/${path}`) : "");
    } else for (const [key, text] of await readSite(dir, `${path}/`)) files.set(key, text);
  }
  return files;
}

const decode = (text: string): string =>
  text.replaceAll("&#x2F;", "/").replaceAll("&#39;", "'").replaceAll("&amp;", "&");

/** Lists the links within a site that lead nowhere, and counts all of them. */
function checkLinks(files: ReadonlyMap<string, string>) {
  const ids = new Map([...files].map(([path, text]) => [
    path,
    new Set([...text.matchAll(/ id="([^"]*)"/g)].map(([, id = ""]) => decode(id))),
  ]));
  const broken = new Set<string>();
  let count = 0;
  for (const [path, text] of files) {
    for (
      const [, quoted = ""] of text.matchAll(
        /<(?:a|link|script|img)\b[^>]*? (?:href|src)="([^"]*)"/g,
      )
    ) {
      const href = decode(quoted);
      if (/^[a-z]+:/i.test(href)) continue;
      count++;
      // Of a page in a folder of a server: a link from the root would leave it.
      const { hash, pathname } = new URL(href, `http://localhost/some/where/${path}`);
      const [, below] = /^\/some\/where\/(.*)$/.exec(decodeURIComponent(pathname)) ?? [];
      const target = below?.replace(/(^|\/)$/, "$1index.html") ?? "";
      const known = ids.get(target);
      if (!known) broken.add(`${path}: ${href} is not there`);
      else if (hash.length > 1 && !known.has(decodeURIComponent(hash.slice(1)))) {
        broken.add(`${path}: ${href} has no such place`);
      }
    }
  }
  return { broken: [...broken], count };
}

Deno.test("checkLinks() finds links that lead nowhere", () => {
  const site = new Map([[
    "a/b.html",
    `<a href="../c.html#x">1</a><a href="#y">2</a><a href="/c.html">3</a>`,
  ], [
    "c.html",
    `<i id="x"></i><a href="d.html">`,
  ]]);
  assertEquals(checkLinks(site), {
    broken: [
      "a/b.html: #y has no such place",
      "a/b.html: /c.html is not there",
      "c.html: d.html is not there",
    ],
    count: 4,
  });
});

const TYPES: Readonly<Record<string, string>> = {
  css: "text/css",
  html: "text/html",
  js: "text/javascript",
};

const chromium = await findProgram("chromium");

testUnless(
  chromium === undefined ? "no Chromium" : nightly,
  "deno task docs builds a site without a broken link or an obstacle, and replaces nothing else",
  () =>
    withFolder(async (dir) => {
      const built = await runTask(["docs", "--out", `${dir}/site`]);
      assertEquals(built.code, 0, built.stderr);
      const files = await readSite(`${dir}/site`);
      const { broken, count } = checkLinks(files);
      assertEquals(broken, []);
      assert(count > 10_000 && files.has("docs/decisions/index.html"), `${count} links`);
      // As a server has it in a folder of its own.
      await using server = Deno.serve(
        { hostname: "127.0.0.1", port: 0, onListen() {} },
        async (request) => {
          const path = decodeURIComponent(new URL(request.url).pathname).replace(
            "/some/where/",
            "",
          );
          const ending = path.split(".").at(-1) ?? "";
          const bytes = await Deno.readFile(`${dir}/site/${path}`).catch(() => undefined);
          const headers = { "content-type": TYPES[ending] ?? "application/octet-stream" };
          return new Response(bytes, { status: bytes ? 200 : 404, headers });
        },
      );
      for (
        const path of ["docs/own_data.html", "api/models/~/alexnet.html", "api/models/index.html"]
      ) {
        const url = `http://127.0.0.1:${server.addr.port}/some/where/${path}`;
        await driveChromium(chromium!.name, url, async (page) => {
          for (const dark of [false, true]) {
            await page.show({ width: 1280, dark });
            assertEquals(await page.findObstacles(), []);
          }
          await page.show({ width: 390, dark: false });
          const { scrollWidth, clientWidth } = await page.evaluate<Element>(
            "(({ scrollWidth, clientWidth }) => ({ scrollWidth, clientWidth }))(document.documentElement)",
          );
          assert(scrollWidth <= clientWidth, `${path} is ${scrollWidth} pixels wide`);
          assertEquals(page.errors, []);
        });
      }
      await Deno.mkdir(`${dir}/mine`);
      await Deno.writeTextFile(`${dir}/mine/index.html`, "mine");
      const refused = await runTask(["docs", "--out", `${dir}/mine`]);
      assertEquals([refused.code, refused.errors], [2, [
        `error: Cannot use --out ${dir}/mine as it holds files that are no site of ours: name another folder`,
      ]]);
      assertEquals((await Array.fromAsync(Deno.readDir(dir))).length, 2);
    }),
);
