// The tests of models where there is no Deno: in Node, and in pages. `RILL_RUNTIMES=all` in the environment has those run that
// take long, too.
import { assert, assertEquals } from "@std/assert";
import { type BundledTests, bundleTests } from "./_runtimes/bundle_tests.ts";
import { chooseTests } from "./_runtimes/choose_tests.ts";
import { formatModels, STAY } from "./_runtimes/format_models.ts";
import { findModelTests } from "./_runtimes/model_tests.ts";
import { findPlaces, type Place } from "./_runtimes/places.ts";
import type { TestResults } from "./_runtimes/run_tests.ts";
import { MODELS } from "./_package/format_support_page.ts";
import { root } from "./_package/list_packed_files.ts";
import { nightly } from "./_nightly.ts";
import { testUnless } from "./_test_unless.ts";

const places = await findPlaces();
const missing = places.map((place) => place.missing).filter((reason) => reason !== undefined);

/** Tests that fail on SwiftShader, whose arithmetic is less than they ask for, though all that WGSL does. */
const SWIFTSHADER: Readonly<Record<string, string>> = {
  "sin is the same as in double precision, on WebGPU": "its sine is right to 11 bits",
  "cos is the same as in double precision, on WebGPU": "its cosine is right to 11 bits",
  "numbers that aren't finite go through operations as in PyTorch, on WebGPU":
    "its exp and log take NaN and 0 for numbers like others",
};

let dir: string | undefined;
let bundling: Promise<BundledTests> | undefined;
const runs = new Map<Place, Promise<TestResults>>();

/** Bundles the tests, once. */
const getTests = (): Promise<BundledTests> =>
  bundling ??= Deno.makeTempDir({ prefix: "rill-runtimes-" }).then((made) =>
    bundleTests(dir = made)
  );

/** Runs the tests in a place, once. */
async function getResults(place: Place): Promise<TestResults> {
  const tests = await getTests();
  const run = runs.get(place) ?? place.run(tests);
  runs.set(place, run);
  return await run;
}

Deno.test.afterAll(async () => {
  if (dir !== undefined) await Deno.remove(dir, { recursive: true });
});

Deno.test("few tests of models need Deno, each for a reason", async () => {
  const { files } = await getTests();
  const needs = files.filter(({ needs }) => needs.length > 0);
  const found = Object.fromEntries(needs.map(({ path, needs }) => [path, needs.join(", ")]));
  assertEquals(
    Object.keys(found),
    Object.keys(STAY),
    `what these use of Deno's is not to be had elsewhere: ${JSON.stringify(found)}`,
  );
});

for (const place of places) {
  const lack = place.missing ?? (place.isV8 ? nightly : undefined);
  testUnless(lack, `models do in ${place.name} what they do in Deno`, async () => {
    const { files } = await getTests();
    const results = await getResults(place);
    assertEquals(Object.keys(results), chooseTests(files, place.webgpu).files);
    const tests = Object.entries(results).flatMap(([path, tests]) =>
      tests.map((test) => ({ ...test, path }))
    );
    const isLimit = ({ name }: { name: string }) =>
      place.webgpu && Object.hasOwn(SWIFTSHADER, name);
    const better = tests.filter((test) => isLimit(test) && test.outcome === "passed");
    assertEquals(better.map(({ name }) => name), [], "these pass now");
    const failed = tests.filter((test) => test.outcome === "failed" && !isLimit(test))
      .map(({ path, name, error }) => `${path}: ${name}: ${error}`);
    assert(failed.length === 0, `${failed.length} of ${tests.length}:\n${failed.join("\n\n")}`);
    // Without an adapter, or without the program for WASM, all would be ignored.
    const passed = tests.filter(({ outcome, usesWebgpu }) =>
      outcome === "passed" && usesWebgpu === place.webgpu
    );
    assert(passed.length > (place.webgpu ? 80 : 500), `only ${passed.length} passed`);
  });
}

testUnless(
  missing.join(", ") || nightly,
  "docs/support.md says which models run where",
  async () => {
    const { files } = await getTests();
    const found = new Map<Place, TestResults>();
    for (const place of places) found.set(place, await getResults(place));
    const [, models] = (await Deno.readTextFile(`${root}docs/support.md`)).split(MODELS);
    assertEquals(
      models,
      formatModels(files, found),
      "write it anew with: deno run --allow-all tests/_package/write_support.ts",
    );
  },
);

Deno.test("findModelTests() tells what only Deno has, however far it is", () => {
  const sources = new Map(Object.entries({
    "tests/models/a_test.ts": 'import "./_b.ts";\nDeno.test("a", () => {});',
    "tests/models/_b.ts": 'import "../../models/c.ts";\nimport "../_d.ts";\nDeno.env.get("B");',
    "models/c.ts": 'Deno.exit();\nimport "node:fs";',
    "tests/_d.ts": 'import { e } from "node:fs";\nDeno.readTextFileSync("d");\n// Deno.exit()',
    "tests/models/f_test.ts": 'import "./_webgpu_process.ts";\nDeno.readFile("f");',
    "tests/models/_webgpu_process.ts": "new Deno.Command();",
    "tests/models/g_test.ts": "await using g = open();",
  }));
  assertEquals(findModelTests(sources), [
    { path: "tests/models/a_test.ts", needs: ["Deno.readTextFileSync", "node:fs"] },
    { path: "tests/models/f_test.ts", needs: [] },
    { path: "tests/models/g_test.ts", needs: ["using"] },
  ]);
});
