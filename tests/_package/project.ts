import { listPipelineModules, type PipelineModule } from "./pipeline_modules.ts";
import { listPackedFiles, root, rootUrl } from "./list_packed_files.ts";

/** A stranger's project with the package in it. */
export interface Project {
  /** Its folder. */
  readonly dir: string;
  /** The modules that `support.ts` in it tries. */
  readonly modules: readonly PipelineModule[];
}

/**
 * Makes a project of `tests/consumer/` in a folder, with the package as it would be published, and a program `support.ts`
 * that tries every module of `pipelines/`: by the examples in its documentation, or where these need more than a stage
 * does, by the module of its name in `tests/consumer/probes/`.
 */
export async function makeProject(dir: string): Promise<Project> {
  const files = await listPackedFiles();
  for (const path of files) await copy(`${root}${path}`, `${dir}/package/${path}`);
  for (const path of await listFiles(`${root}tests/consumer`)) {
    await copy(`${root}tests/consumer/${path}`, `${dir}/${path}`);
  }

  // Here `jsr:` cannot be relied on, so its packages are linked: this one to its files, the others as in this repository.
  const manifest = JSON.parse(await Deno.readTextFile(`${dir}/deno.json`));
  const { links } = JSON.parse(await Deno.readTextFile(`${root}deno.json`));
  const local = links.map((link: string) => new URL(`${link}/`, rootUrl).href);
  manifest.links = ["./package", ...local];
  await Deno.writeTextFile(`${dir}/deno.json`, JSON.stringify(manifest));

  const modules = await listPipelineModules(files, (path) => Deno.readTextFile(`${root}${path}`));
  await Deno.mkdir(`${dir}/examples`);
  const byHand = await listFiles(`${root}tests/consumer/probes`);
  const lines: string[] = [];
  for (const { name, examples } of modules) {
    const programs = byHand.includes(`${name}.ts`)
      ? [`./probes/${name}.ts`]
      : examples.map((_, i) => `./examples/${name}_${i}.ts`);
    if (programs.length === 0) throw new Error(`Cannot try ${name} as it has no example that runs`);
    for (const [i, code] of examples.entries()) {
      await Deno.writeTextFile(`${dir}/examples/${name}_${i}.ts`, code);
    }
    const loads = programs.map((path) => `() => import(${JSON.stringify(path)})`);
    lines.push(`  ${JSON.stringify(name)}: [${loads.join(", ")}],`);
  }
  const program = ['import { report } from "./report.ts";', "await report({", ...lines, "});", ""];
  await Deno.writeTextFile(`${dir}/support.ts`, program.join("\n"));
  return { dir, modules };
}

async function copy(from: string, to: string): Promise<void> {
  await Deno.mkdir(to.slice(0, to.lastIndexOf("/")), { recursive: true });
  await Deno.copyFile(from, to);
}

/** The paths of the files in a folder and below it, from that folder. */
async function listFiles(dir: string, prefix = ""): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(`${dir}/${prefix}`)) {
    const path = `${prefix}${name}`;
    paths.push(...isDirectory ? await listFiles(dir, `${path}/`) : [path]);
  }
  return paths;
}
