import { assert, assertEquals } from "@std/assert";
import { buildWasm } from "../../_build_wasm.ts";
import { testUnless } from "../../_test_unless.ts";

const build = await buildWasm("build_products.ts");

testUnless(build.missing, "the module is what its source makes", async () => {
  assert(build.missing === undefined);
  const file = new URL("../../../models/kernels/wasm/_module_bytes.ts", import.meta.url);
  assertEquals(build.text, await Deno.readTextFile(file));
});
