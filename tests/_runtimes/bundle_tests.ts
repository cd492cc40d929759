import { rootUrl } from "../_package/list_packed_files.ts";
import { runForOutput } from "../_package/process.ts";
import { findModelTests, type ModelTests, REPLACED } from "./model_tests.ts";

/** Folders with the modules that the tests of `models/` import. */
const FOLDERS = [
  "models",
  "pipelines",
  "tasks",
  "tests/models",
  "tests/_runtimes",
  "tests/consumer",
];

/** Where a module looks for a file. */
const ADDRESS = /(\bnew URL\(\s*["`][^()]*,\s*)import\.meta\.url/g;

/** What is bundled for: pages, or Node, whose built-in modules a bundle for the former leaves empty. */
type Platform = "browser" | "node";

/** Modules beside them. */
const FILES = [
  "mod.ts",
  "tests/consumer/stream_from.ts",
  "tests/_build_wasm.ts",
  "tests/_nightly.ts",
  "tests/_test_unless.ts",
];

/** The tests of `models/`, as they run where there is no Deno. */
export interface BundledTests {
  /** A folder for each platform: in it are `main.js`, and what the tests read, where it is in the repository. */
  readonly dirs: Readonly<Record<Platform, string>>;
  /** All files with tests. */
  readonly files: readonly ModelTests[];
}

/**
 * Bundles the tests of `models/` that need nothing of Deno's. `Deno` in them is what `host.ts` has in its place, and
 * `import.meta.url` where the file is served, as bundlers have it for `new URL("file", import.meta.url)`. The modules that are
 * found by such URLs, workers and plans, are bundled with them.
 *
 * @param dir An empty folder.
 */
export async function bundleTests(dir: string): Promise<BundledTests> {
  const sources = new Map<string, string>();
  const data: string[] = [];
  const read = async (path: string) =>
    sources.set(path, await Deno.readTextFile(new URL(path, rootUrl)));
  for (const path of FILES) await read(path);
  for (const folder of FOLDERS) {
    for await (const path of listFiles(folder)) {
      if (path.endsWith(".ts")) await read(path);
      else if (/^tests\/.*\.(?:json|safetensors)$/.test(path)) data.push(path);
    }
  }
  const files = findModelTests(sources);

  for (const path of data) {
    await write(`${dir}/${path}`, await Deno.readFile(new URL(path, rootUrl)));
  }

  const entries = new Set<string>();
  const left = [REPLACED, ...files.filter(({ needs }) => needs.length > 0).map(({ path }) => path)];
  for (const [path, source] of sources) {
    await write(`${dir}/${path}`, place(path, source));
    if (left.includes(path) || !/^(?:models|tests)\//.test(path)) continue;
    // Examples in comments name files that aren't here.
    const code = source.replaceAll(/^\s*(?:\*|\/\/).*$/gm, "");
    for (
      const [, name = ""] of code.matchAll(/\bnew URL\(\s*"([^"]+\.ts)",\s*import\.meta\.url/g)
    ) {
      entries.add(new URL(name, `file:///${path}`).pathname.slice(1));
    }
  }
  await write(
    `${dir}/${REPLACED}`,
    sources.get("tests/_runtimes/webgpu_process.ts")!.replaceAll('"./', '"../_runtimes/')
      .replaceAll('"../models/', '"./'),
  );
  const loads = files.filter(({ needs }) => needs.length === 0)
    .map(({ path }) => `  ${JSON.stringify(path)}: () => import("./${path}"),`);
  await write(
    `${dir}/main.ts`,
    [
      'import { runTests } from "./tests/_runtimes/run_tests.ts";',
      "await runTests({",
      ...loads,
      "});\n",
    ]
      .join("\n"),
  );
  await writeManifest(dir);

  const dirs = { browser: `${dir}/dist-browser`, node: `${dir}/dist-node` };
  await bundle(dir, dirs.browser, "browser", entries);
  await bundle(dir, dirs.node, "deno", entries);
  for (const out of Object.values(dirs)) {
    for (const path of data) {
      await write(`${out}/${path}`, await Deno.readFile(new URL(path, rootUrl)));
    }
  }
  return { dirs, files };
}

/** Bundles `main.ts` and other entries, which keep their names, and puts what tfjs looks for beside them. */
async function bundle(
  dir: string,
  out: string,
  platform: "browser" | "deno",
  entries: ReadonlySet<string>,
): Promise<void> {
  const args = ["bundle", "--quiet", "--no-lock", "--code-splitting", "--external=node:*"];
  await runForOutput(
    Deno.execPath(),
    [...args, `--platform=${platform}`, `--outdir=${out}`, "main.ts", ...entries],
    dir,
  );
  for (const path of entries) {
    await Deno.rename(`${out}/${path.replace(/ts$/, "js")}`, `${out}/${path}`);
  }
  for (const name of ["tfjs-backend-wasm.wasm", "tfjs-backend-wasm-simd.wasm"]) {
    const from = import.meta.resolve(`@tensorflow/tfjs-backend-wasm/wasm-out/${name}`);
    await Deno.copyFile(new URL(from), `${out}/${name}`);
  }
  await Deno.writeTextFile(`${out}/package.json`, '{ "type": "module" }');
}

/** Gives a module what stands for Deno there, in its first line, so that the others keep their numbers. */
function place(path: string, source: string): string {
  if (path.startsWith("tests/_runtimes/")) return source;
  const host = `${"../".repeat(path.split("/").length - 1)}tests/_runtimes/host.ts`;
  const names = [
    ...path.startsWith("tests/") && /\bDeno\./.test(source) ? ["Deno"] : [],
    ...source.search(ADDRESS) < 0 ? [] : ["urlOf"],
  ];
  if (names.length === 0) return source;
  return `import { ${names.join(", ")} } from "${host}"; ${
    source.replace(ADDRESS, `$1urlOf(${JSON.stringify(path)})`)
  }`;
}

/** Writes the repository's manifest for a copy of it. */
async function writeManifest(dir: string): Promise<void> {
  const { imports, links } = JSON.parse(await Deno.readTextFile(new URL("deno.json", rootUrl)));
  const local = links.map((link: string) => new URL(`${link}/`, rootUrl).href);
  await write(`${dir}/deno.json`, JSON.stringify({ imports, links: local }));
}

async function* listFiles(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, rootUrl))) {
    if (isDirectory) yield* listFiles(`${folder}/${name}`);
    else yield `${folder}/${name}`;
  }
}

async function write(path: string, content: string | Uint8Array): Promise<void> {
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  if (typeof content === "string") await Deno.writeTextFile(path, content);
  else await Deno.writeFile(path, content);
}
