import { assert, assertEquals } from "@std/assert";
import { buildWasm } from "../../_build_wasm.ts";
import { testUnless } from "../../_test_unless.ts";

const build = await buildWasm("build_products.ts");

testUnless(build.missing, "the modules are what their source makes", async () => {
  assert(build.missing === undefined);
  const files = Object.entries(build.files);
  assertEquals(files.length, 2);
  for (const [path, text] of files) {
    const file = new URL(`../../../${path}`, import.meta.url);
    assertEquals(text, await Deno.readTextFile(file), path);
  }
});
