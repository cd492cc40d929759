import { assertEquals, assertStringIncludes } from "@std/assert";
import { testUnless } from "./_test_unless.ts";
import { limitOf } from "./_package/limit_of.ts";
import { output } from "./_package/process.ts";
import { packedFiles, root } from "./_package/packed_files.ts";
import { examplesOf, pipelineModules } from "./_package/modules.ts";
import { makeProject, type Project } from "./_package/project.ts";
import { findRuntimes, type Runtime } from "./_package/runtimes.ts";
import { supportPage } from "./_package/support_table.ts";
import type { Results } from "./consumer/report.ts";

const runtimes = await findRuntimes();
const missing = runtimes.map((runtime) => runtime.missing).filter((reason) => reason !== undefined);

const runs = new Map<Runtime, Promise<Results>>();
let making: Promise<Project> | undefined;

/** The project, which all tests here use. */
const project = (): Promise<Project> =>
  making ??= Deno.makeTempDir({ prefix: "rill-consumer-" }).then(makeProject);

/** What a runtime makes of the project. */
async function resultsOf(runtime: Runtime): Promise<Results> {
  const { dir } = await project();
  if (!runs.has(runtime)) runs.set(runtime, runtime.run(dir));
  return await runs.get(runtime)!;
}

Deno.test.afterAll(async () => {
  if (making) await Deno.remove((await making).dir, { recursive: true });
});

Deno.test("the package holds the public surface, and nothing of tests, tasks or settings", async () => {
  const files = await packedFiles();
  const { exports } = JSON.parse(await Deno.readTextFile(`${root}deno.json`));
  const exported: string[] = Object.values(exports);
  assertEquals(exported.filter((path) => !files.includes(path.slice(2))), []);
  const known =
    /^(?:pipelines|models)\/.*\.ts$|^(?:mod\.ts|deno\.json|README\.md|CHANGELOG\.md|LICENSE)$/;
  assertEquals(files.filter((path) => !known.test(path)), []);
});

Deno.test("a stranger's project type checks and runs with the packed files alone", async () => {
  const { dir } = await project();
  await output(Deno.execPath(), ["check", "main.ts"], dir);
  // What is read is the WASM backend's program, in Deno's cache.
  const args = ["run", "--no-prompt", "--allow-read", "main.ts"];
  assertStringIncludes(await output(Deno.execPath(), args, dir), "ok");
});

for (const runtime of runtimes) {
  const { name, missing } = runtime;
  testUnless(missing, `every stage works in ${name} that can`, async () => {
    const { modules } = await project();
    const results = await resultsOf(runtime);
    for (const module of modules) {
      const result = results[module.name];
      const limit = limitOf(module, runtime);
      assertEquals(result === true, limit === undefined, `${module.name}: ${result}; ${limit}`);
    }
  });
}

testUnless(missing.join(", ") || undefined, "docs/support.md says what runs where", async () => {
  const { modules } = await project();
  const found = new Map<Runtime, Results>();
  for (const runtime of runtimes) found.set(runtime, await resultsOf(runtime));
  assertEquals(
    await Deno.readTextFile(`${root}docs/support.md`),
    supportPage(modules, found),
    "write it anew with: deno run --allow-all tests/_package/write_support.ts",
  );
});

Deno.test("pipelineModules() tells what there is to try", async () => {
  const files: Record<string, string> = {
    "pipelines/mod.ts": 'export * from "./items/mod.ts";',
    "pipelines/items/mod.ts": 'export * from "./a.ts";',
    "pipelines/_bytes/files.ts": 'import { open } from "node:fs/promises";\nexport const a = open;',
    "pipelines/items/a.ts":
      'import { type A } from "./a_error.ts";\n/**\n * ```ts\n * a();\n *\n * b();\n * ```\n */\n' +
      "export function a(): void {}\nexport interface B {}\nexport async function c() {}",
    "pipelines/items/a_error.ts": "export class AError extends Error {}\nexport type A = 1;",
    "pipelines/b_file.ts": 'import {\n  a,\n} from "./_bytes/files.ts";\nexport const b = a;',
    "pipelines/items/_d.ts": "export function d() {}",
    "pipelines/items/c.ts":
      'import type { B } from "../b_file.ts";\nexport function c(): 1;\nexport function c() {}',
    "models/d.ts": "export function d() {}",
  };
  const read = (path: string) => Promise.resolve(files[path]);
  assertEquals(await pipelineModules(Object.keys(files), read), [
    {
      name: "a",
      functions: ["a", "c"],
      examples: ["a();\n\nb();\n"],
      needsFiles: false,
    },
    { name: "b_file", functions: ["b"], examples: [], needsFiles: true },
    { name: "c", functions: ["c"], examples: [], needsFiles: false },
  ]);
});

Deno.test("examplesOf() leaves out what is not to be run", () => {
  const block = (language: string) => ` * \`\`\`${language}\n * run();\n * \`\`\`\n`;
  const source = `/**\n${block("ts ignore")}${block("sh")}${block("ts")}${block("ts")} */`;
  assertEquals(examplesOf(source), ["run();\n", "run();\n"]);
});
