// The examples in the documentation, all in this one isolate: `deno test --doc` gives each its own, which for hundreds takes minutes.
// `deno task check` checks their types.
import { assert, assertEquals, assertThrows } from "@std/assert";
import { extractExamples, listDocExamples } from "./_package/doc_examples.ts";

const examples = await listDocExamples();

for (const { name, code } of examples) {
  Deno.test(`the example of ${name} runs`, async () => {
    const bytes = new TextEncoder().encode(code);
    await import(`data:application/typescript;base64,${bytes.toBase64()}`);
  });
}

Deno.test("all rooms and guides have examples", () => {
  const places = new Set(examples.map(({ name }) => name.replace(/\/[^/]*$/, "")));
  for (const place of ["docs", "models/layers", "pipelines/items", "tasks/display"]) {
    assert(places.has(place), place);
  }
});

Deno.test("extractExamples() takes blocks of TypeScript, but for those to be ignored", () => {
  const block = (info: string, code: string) => [`\`\`\`${info}`, code, "```"];
  const page = [...block("ts", "a();"), ...block("ts ignore", "b();"), ...block("sh", "c")];
  assertEquals(extractExamples("a.md", page.join("\n")), [{ name: "a.md:1", code: "a();" }]);
  const comment = ["/**", ...block("ts", "if (a) {\n *   b();\n * }").map((line) => ` * ${line}`)];
  assertEquals(extractExamples("a.ts", [...comment, " */", "a();"].join("\n")), [
    { name: "a.ts:2", code: "if (a) {\n  b();\n}" },
  ]);
  assertThrows(() => extractExamples("a.md", "```ts\na();"), Error, "line 1 has no end");
});
