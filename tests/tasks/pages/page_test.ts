import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { encodeScriptJson, html, trustHtml } from "../../../tasks/_pages/html.ts";
import { renderPage } from "../../../tasks/_pages/page.ts";

Deno.test("html escapes values, in elements and attributes, and takes HTML as it is", () => {
  const name = `<img src=x onerror="alert('&')">`;
  const escaped = "&lt;img src=x onerror=&quot;alert(&#39;&amp;&#39;)&quot;&gt;";
  assertEquals(
    String(
      html`<p title="${name}">${name}${html`<b>${1}</b>`}${[trustHtml("<i>"), "<"]}${null}</p>`,
    ),
    `<p title="${escaped}">${escaped}<b>1</b><i>&lt;</p>`,
  );
  assertEquals(String(html`${undefined}${false}${true}${0}${""}`), "0");
});

Deno.test("encodeScriptJson gives JSON that can't end its element", () => {
  const value = { text: "</script><!--\u2028" };
  const json = encodeScriptJson(value);
  assert(!json.includes("<"));
  assertEquals(JSON.parse(json), value);
});

Deno.test("renderPage lets run only what it was made with", async () => {
  const script = "document.title = 'ran';";
  const page = await renderPage({
    title: "A & B",
    body: html`<h1>A & B</h1>`,
    style: "h1 { color: red; }",
    script,
    data: { facts: encodeScriptJson([1]) },
  });
  assertStringIncludes(page, "<title>A &amp; B</title>");
  assertStringIncludes(page, `<script type="application/json" id="facts">[1]</script>`);
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(script));
  assertStringIncludes(page, `script-src &#39;sha256-${new Uint8Array(digest).toBase64()}&#39;`);
  assertMatch(page, /default-src &#39;none&#39;; style-src &#39;sha256-[\w+/=]+&#39;;/);
  const plain = await renderPage({ title: "None", body: html`` });
  assertStringIncludes(plain, "script-src &#39;none&#39;");
  const beside = await renderPage({ title: "Beside", body: html``, scriptUrl: "main.js" });
  assertStringIncludes(beside, '<script type="module" src="main.js"></script>');
  assertStringIncludes(
    beside,
    "connect-src &#39;self&#39;; worker-src &#39;self&#39;; script-src &#39;self&#39; &#39;wasm-unsafe-eval&#39;;",
  );
});
