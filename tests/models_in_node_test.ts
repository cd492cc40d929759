// Models in Node, as npm sees the package and in bundles.
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { openBackend } from "@rill/rill/models";
import { findProgram } from "./_package/find_program.ts";
import { runForOutput, runProcess } from "./_package/process.ts";
import { makeProject } from "./_package/project.ts";
import { bundleGuide, readGuide } from "./_runtimes/guide.ts";
import { esbuild, makeNpmProject } from "./_runtimes/npm_project.ts";
import { sample } from "./_nightly.ts";
import { testUnless } from "./_test_unless.ts";
import { predict } from "./consumer/runtimes/predict.ts";
import { assertClose } from "./models/_helpers.ts";

const node = await findProgram("node");
const missing = node && Number(/^v(\d+)/.exec(node.version)?.[1]) >= 20 ? undefined : "no Node 20+";

const SIMD = "tfjs-backend-wasm-simd.wasm";
const program = new URL(import.meta.resolve(`@tensorflow/tfjs-backend-wasm/wasm-out/${SIMD}`));

/** As docs/browsers.md has them. */
const ESBUILD = ["--bundle", "--platform=node", "--main-fields=module,main"];

/** The older format of modules, in which `import.meta` has to be got round. */
const CJS = ["cjs/main.cjs", "cjs"] as const;

async function withFolder(fn: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "rill-node-" });
  try {
    await fn(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** Runs the program, and compares what it prints with what is computed here. */
async function assertPredicts(file: string, cwd: string, ...args: string[]): Promise<void> {
  const { description, reason, logits, listeners } = JSON.parse(
    await runForOutput(node!.name, [file, ...args], cwd),
  );
  // Node 20 refuses relaxed SIMD.
  assertMatch(description, /^WASM \((?:relaxed )?SIMD\)$/);
  assertEquals(reason, "no WebGPU adapter was found");
  await using _backend = await openBackend("wasm");
  assertClose(logits, await predict(), 1e-5);
  // Emscripten's loader would end the process by errors that nobody handles.
  assertEquals(listeners[1], listeners[0]);
}

/** Tries a bundle in a folder that has nothing else: without the WASM program, beside it, and by its address. */
async function assertBundleWorks(bundle: string): Promise<void> {
  const dir = bundle.slice(0, bundle.lastIndexOf("/"));
  const { code, stderr } = await runProcess(node!.name, [bundle], dir);
  assertEquals(code, 1);
  assertMatch(
    stderr,
    /^BackendError: Cannot open the WASM backend with file:\/\/\S+\/tfjs-backend-wasm-simd\.wasm: Error: ENOENT/,
  );
  await assertPredicts(bundle, dir, program.href);
  await assertPredicts(bundle, dir, new URL(".", program).href);
  await Deno.copyFile(program, `${dir}/${SIMD}`);
  await assertPredicts(bundle, dir);
  const relative = await runProcess(node!.name, [bundle, "./a.wasm"], dir);
  assertMatch(relative.stderr, /^RangeError: .* wasmUrl ".\/a.wasm": .* must be absolute/);
}

testUnless(
  missing,
  "models run in Node from node_modules, and bundled by esbuild",
  () =>
    withFolder(async (dir) => {
      const project = `${dir}/project`;
      await makeNpmProject(project);
      await assertPredicts("node_program.js", project);
      const bundle = (file: string, ...args: string[]) =>
        esbuild(project, "node_program.js", ...ESBUILD, `--outfile=${dir}/${file}`, ...args);
      for (const [file, format] of sample([["esm/main.mjs", "esm"], CJS], CJS)) {
        await bundle(file, `--format=${format}`);
        await assertBundleWorks(`${dir}/${file}`);
      }
    }),
);

testUnless(
  missing,
  "models run in Node bundled by deno bundle, also as for browsers",
  () =>
    withFolder(async (dir) => {
      const project = `${dir}/project`;
      await makeProject(project);
      for (const platform of sample(["browser", "deno"], "deno")) {
        const file = `${dir}/${platform}/main.mjs`;
        const args = ["bundle", "--quiet", `--platform=${platform}`, `--output=${file}`];
        await runForOutput(
          Deno.execPath(),
          [...args, "--external=node:*", "runtimes/node_program.ts"],
          project,
        );
        await assertBundleWorks(file);
      }
    }),
);

testUnless(
  missing,
  "the guide's program runs in Node, bundled as it says",
  () =>
    withFolder(async (dir) => {
      const guide = await readGuide();
      for (const flag of ESBUILD) {
        assertStringIncludes(guide, flag);
      }
      const { node: bundles } = await bundleGuide(dir);
      const args = [`${bundles}/program.mjs`, new URL(".", program).href];
      assertMatch(
        await runForOutput(node!.name, args, dir),
        /^WASM \((?:relaxed )?SIMD\): no WebGPU adapter was found\n$/,
      );
    }),
);
