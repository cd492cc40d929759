import { assertEquals, assertStringIncludes } from "@std/assert";
import { testUnless } from "./_test_unless.ts";
import { findLimit } from "./_package/find_limit.ts";
import { runForOutput } from "./_package/process.ts";
import { listPackedFiles, root } from "./_package/list_packed_files.ts";
import { findExamples, listPipelineModules } from "./_package/pipeline_modules.ts";
import { makeProject, type Project } from "./_package/project.ts";
import { findRuntimes, type Runtime } from "./_package/runtimes.ts";
import { formatSupportPage, MODELS } from "./_package/format_support_page.ts";
import type { Results } from "./consumer/report.ts";

const runtimes = await findRuntimes();
const missing = runtimes.map((runtime) => runtime.missing).filter((reason) => reason !== undefined);

const runs = new Map<Runtime, Promise<Results>>();
let making: Promise<Project> | undefined;

/** Makes the project that all tests here use. */
const getProject = (): Promise<Project> =>
  making ??= Deno.makeTempDir({ prefix: "rill-consumer-" }).then(makeProject);

/** Runs the project in a runtime, once for all tests. */
async function getResults(runtime: Runtime): Promise<Results> {
  const { dir } = await getProject();
  const run = runs.get(runtime) ?? runtime.run(dir);
  runs.set(runtime, run);
  return await run;
}

Deno.test.afterAll(async () => {
  if (making) await Deno.remove((await making).dir, { recursive: true });
});

Deno.test("the package holds the public surface and the program, and nothing of tests or settings", async () => {
  const files = await listPackedFiles();
  const { exports } = JSON.parse(await Deno.readTextFile(`${root}deno.json`));
  const exported: string[] = Object.values(exports);
  assertEquals(exported.filter((path) => !files.includes(path.slice(2))), []);
  const known =
    /^(?:pipelines|models|tasks|links\/std-(?:cli|text))\/.*\.ts$|^tasks\/(?:\w+\/)+(?:page_script|draw_by_keys)\.js$|^(?:links\/std-\w+\/)?deno\.json$|^(?:mod\.ts|README\.md|CHANGELOG\.md|LICENSE)$/;
  assertEquals(files.filter((path) => !known.test(path)), []);
  const ours = /^tasks\/(?:_?(?:bench|exports|fuzz)\b|_kernels\/|_codecs\/)/;
  assertEquals(files.filter((path) => ours.test(path)), [], "programs for this repository");
});

Deno.test("a stranger's project type checks and runs with the packed files alone", async () => {
  const { dir } = await getProject();
  await runForOutput(Deno.execPath(), ["check", "main.ts"], dir);
  // What is read is the WASM backend's program, in Deno's cache.
  const args = ["run", "--no-prompt", "--allow-read", "main.ts"];
  assertStringIncludes(await runForOutput(Deno.execPath(), args, dir), "ok");
});

for (const runtime of runtimes) {
  const { name, missing } = runtime;
  testUnless(missing, `every stage works in ${name} that can`, async () => {
    const { modules } = await getProject();
    const results = await getResults(runtime);
    for (const module of modules) {
      const result = results[module.name];
      const limit = findLimit(module, runtime);
      assertEquals(result === true, limit === undefined, `${module.name}: ${result}; ${limit}`);
    }
  });
}

testUnless(
  missing.join(", ") || undefined,
  "docs/support.md says which stage runs where",
  async () => {
    const { modules } = await getProject();
    const found = new Map<Runtime, Results>();
    for (const runtime of runtimes) found.set(runtime, await getResults(runtime));
    const [stages] = (await Deno.readTextFile(`${root}docs/support.md`)).split(MODELS);
    assertEquals(
      stages,
      formatSupportPage(modules, found),
      "write it anew with: deno run --allow-all tests/_package/write_support.ts",
    );
  },
);

Deno.test("listPipelineModules() tells what there is to try", async () => {
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
  const read = (path: string) => Promise.resolve(files[path] ?? "");
  assertEquals(await listPipelineModules(Object.keys(files), read), [
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

Deno.test("findExamples() leaves out what is not to be run", () => {
  const block = (language: string) => ` * \`\`\`${language}\n * run();\n * \`\`\`\n`;
  const source = `/**\n${block("ts ignore")}${block("sh")}${block("ts")}${block("ts")} */`;
  assertEquals(findExamples(source), ["run();\n", "run();\n"]);
});
