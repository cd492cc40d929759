import { assert, assertEquals } from "@std/assert";

const folder = new URL("../../pipelines/", import.meta.url);

/** What a module's source imports, statically or not. Doc comments, whose examples import too, do not count. */
function importsOf(source: string): string[] {
  const code = source.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
  return [...code.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*["']([^"']+)["']/g)].map(([, name]) =>
    name
  );
}

Deno.test("pipelines/ imports nothing from outside itself", async () => {
  const left = [new URL("mod.ts", folder).href];
  const seen = new Set(left);
  for (let module = left.pop(); module; module = left.pop()) {
    for (const specifier of importsOf(await Deno.readTextFile(new URL(module)))) {
      assert(/^\.\/[a-z0-9_]+\.ts$/.test(specifier), `${module} imports ${specifier}`);
      const { href } = new URL(specifier, module);
      if (seen.has(href)) continue;
      seen.add(href);
      left.push(href);
    }
  }
  // The walk has found all of the folder, so nothing in it went unread.
  const files: string[] = [];
  for await (const { name } of Deno.readDir(folder)) files.push(new URL(name, folder).href);
  assertEquals([...seen].sort(), files.sort());
});

Deno.test("pipelines/ uses nothing that only Deno has", async () => {
  for await (const { name } of Deno.readDir(folder)) {
    const source = await Deno.readTextFile(new URL(name, folder));
    assert(!/\bDeno\.|\bnode:|\bprocess\./.test(source), name);
  }
});

Deno.test("pipelines/mod.ts exports every public file and no other", async () => {
  const files: string[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    if (!name.startsWith("_") && name !== "mod.ts") files.push(`./${name}`);
  }
  const exported = importsOf(await Deno.readTextFile(new URL("mod.ts", folder)));
  assertEquals(exported, files.sort());
});

Deno.test("importsOf() finds every way to import", () => {
  assertEquals(
    importsOf(`
      import { a } from "./a.ts";
      import type { B } from './b.ts';
      import "./c.ts";
      export * from "./d.ts";
      export {
        e,
      } from "./e.ts";
      const f = await import("./f.ts");
      // import "./comment.ts";
      /** import "./doc.ts"; */
    `),
    ["./a.ts", "./b.ts", "./c.ts", "./d.ts", "./e.ts", "./f.ts"],
  );
});
