import { listPackedFiles, root } from "../_package/list_packed_files.ts";
import { runForOutput } from "../_package/process.ts";

const ESBUILD = "npm:esbuild@0.28.2";

/**
 * Makes a project in a folder as npm makes one: the package as plain JavaScript with a `package.json`, what it needs beside it in
 * `node_modules`, and the programs of `tests/consumer/runtimes/`, as JavaScript too.
 */
export async function makeNpmProject(dir: string): Promise<void> {
  const { name, version, exports, imports } = JSON.parse(
    await Deno.readTextFile(`${root}deno.json`),
  );
  const files = (await listPackedFiles()).filter((path) =>
    /^(?:models|pipelines|display)\//.test(path)
  );
  // It mustn't find the repository's settings.
  await Deno.mkdir(dir, { recursive: true });
  await Deno.writeTextFile(`${dir}/deno.json`, '{ "nodeModulesDir": "auto" }');
  const dependencies = findDependencies(imports, await readAll(files));
  const manifest = (more: object) => JSON.stringify({ type: "module", dependencies, ...more });
  await Deno.writeTextFile(`${dir}/package.json`, manifest({}));
  await runForOutput(Deno.execPath(), ["install", "--quiet"], dir);

  const own = `${dir}/node_modules/${name}`;
  await compile(root, files, own, imports);
  const entries = Object.entries<string>(exports)
    .filter(([, path]) => files.includes(path.slice(2)))
    .map(([entry, path]) => [entry, path.replace(/\.ts$/, ".js")]);
  await Deno.writeTextFile(
    `${own}/package.json`,
    manifest({ name, version, exports: Object.fromEntries(entries) }),
  );
  const consumer = `${root}tests/consumer/runtimes/`;
  await compile(consumer, [...Deno.readDirSync(consumer)].map(({ name }) => name), dir);
}

/** Runs esbuild in a folder. */
export async function esbuild(dir: string, ...args: readonly string[]): Promise<void> {
  const run = ["run", "-A", "--quiet", "--no-lock", ESBUILD, "--log-level=error"];
  await runForOutput(Deno.execPath(), [...run, ...args], dir);
}

/** Compiles modules one by one, with what the import map says in the place of bare names, as publishing does. */
async function compile(
  from: string,
  files: readonly string[],
  to: string,
  imports: Readonly<Record<string, string>> = {},
): Promise<void> {
  const paths = files.map((path) => from + path);
  const where = [`--outbase=${from}`, `--outdir=${to}`];
  await esbuild(to.replace(/\/node_modules.*/, ""), "--format=esm", ...where, ...paths);
  for (const path of files) {
    const compiled = `${to}/${path.replace(/\.ts$/, ".js")}`;
    const code = await Deno.readTextFile(compiled);
    const up = "../".repeat(path.split("/").length - 1) || "./";
    const resolved = code.replace(
      /(?<=\b(?:from|import)\s*\(?\s*")[^"]+(?=")/g,
      (specifier) => resolve(specifier, up, imports).replace(/^(\..*)\.ts$/, "$1.js"),
    );
    await Deno.writeTextFile(compiled, resolved);
  }
}

/** Resolves a bare name by the import map: to a module of the package, or to one of npm's. */
function resolve(
  specifier: string,
  up: string,
  imports: Readonly<Record<string, string>>,
): string {
  const target = imports[specifier];
  if (target?.startsWith("./")) return up + target.slice(2);
  return /^npm:\/?((?:@[^/]+\/)?[^@/]+)@/.exec(target ?? "")?.[1] ?? specifier;
}

const readAll = (files: readonly string[]): Promise<string[]> =>
  Promise.all(files.map((path) => Deno.readTextFile(root + path)));

/** Finds the npm packages that modules import, and their versions by the import map. */
function findDependencies(
  imports: Readonly<Record<string, string>>,
  sources: readonly string[],
): Record<string, string> {
  const packages = Object.entries(imports).flatMap(([key, target]) => {
    const [, name, version] = /^npm:\/?((?:@[^/]+\/)?[^@/]+)@([^/]+)/.exec(target) ?? [];
    const isUsed = sources.some((code) => code.includes(`"${key}`));
    return name && version && isUsed ? [[name, version] as const] : [];
  });
  return Object.fromEntries(packages);
}
