import { makeProject } from "../_package/project.ts";
import { root } from "../_package/list_packed_files.ts";
import { runForOutput } from "../_package/process.ts";
import { esbuild, makeNpmProject } from "./npm_project.ts";

/** What a program prints goes to the test, from pages and from workers. */
const PRINT = `console.log = (...parts) => {
  fetch("/results", { method: "POST", body: JSON.stringify(parts.join(" ")) });
};
`;

/** Closes a worker that trains once it has saved something, and opens it anew. */
const KEEP_ON = `
const open = () => new Worker(new URL("./keep.js", import.meta.url), { type: "module" });
const first = open();
const root = await navigator.storage.getDirectory();
const hasSaved = async () => {
  const folder = await root.getDirectoryHandle("training");
  const pointer = await (await folder.getFileHandle("last.json")).getFile();
  return (await pointer.text()).includes('"step":');
};
while (!await hasSaved().catch(() => false)) await new Promise((resolve) => setTimeout(resolve, 5));
first.terminate();
open();
`;

/** Reads docs/browsers.md. */
export const readGuide = (): Promise<string> => Deno.readTextFile(`${root}docs/browsers.md`);

/** Finds the programs in the guide, by their names. */
export const findPrograms = (guide: string): Map<string, string> =>
  new Map(
    [...guide.matchAll(/^```ts ignore\n\/\/ (\w+)\.ts\n([\s\S]*?)^```$/gm)]
      .map(([, name = "", code = ""]) => [name, code]),
  );

/** Finds the options of a command in the guide: what the group of a pattern is. */
function findOptions(guide: string, command: RegExp): string[] {
  const [, options] = command.exec(guide) ?? [];
  if (!options) throw new Error(`The guide has no command ${command}`);
  return options.split(" ");
}

/**
 * Bundles all programs of the guide as it says, in a stranger's project with the package. In pages they post what they print.
 *
 * @param dir An empty folder.
 * @returns The folders of the bundle for pages and of that for Node.
 */
export async function bundleGuide(
  dir: string,
): Promise<{ readonly site: string; readonly node: string }> {
  await makeProject(dir);
  const guide = await readGuide();
  const programs = findPrograms(guide);
  await Deno.writeTextFile(`${dir}/print.ts`, PRINT);
  await Deno.writeTextFile(
    `${dir}/train_in_worker.ts`,
    'new Worker(new URL("./train.js", import.meta.url), { type: "module" });\n',
  );
  await Deno.writeTextFile(`${dir}/keep_on.ts`, KEEP_ON);
  for (const [name, code] of programs) {
    const first = name === "program" ? "" : 'import "./print.ts";\n';
    await Deno.writeTextFile(`${dir}/${name}.ts`, first + code);
  }
  const pages = [...programs.keys()].filter((name) => name !== "program");
  const files = [...pages, "train_in_worker", "keep_on"].map((name) => `${name}.ts`);
  const bundle = (args: readonly string[]) =>
    runForOutput(Deno.execPath(), ["bundle", "--quiet", ...args], dir);
  await bundle([...findOptions(guide, /^deno bundle (.*) page\.ts$/m), ...files]);
  await bundle([...findOptions(guide, /^deno bundle (.*) program\.ts$/m), "program.ts"]);
  const [, copy = ""] = /^deno eval '(.*)'$/m.exec(guide) ?? [];
  await Deno.mkdir(`${dir}/site/wasm`);
  await runForOutput(Deno.execPath(), ["eval", copy], dir);
  return { site: `${dir}/site`, node: `${dir}/dist` };
}

/**
 * Bundles the guide's page by esbuild as it says, in a project as npm makes one.
 *
 * @param dir An empty folder.
 * @returns The folder of the bundle.
 */
export async function bundleGuideByEsbuild(dir: string): Promise<string> {
  await makeNpmProject(dir);
  const guide = await readGuide();
  await Deno.writeTextFile(`${dir}/print.ts`, PRINT);
  const page = findPrograms(guide).get("page")!;
  await Deno.writeTextFile(`${dir}/page.ts`, `import "./print.ts";\n${page}`);
  await esbuild(dir, "page.ts", ...findOptions(guide, /^npx esbuild page\.ts (.*)$/m));
  const [from = "", to = ""] = findOptions(guide, /^cp (node_modules.*)$/m);
  await Deno.mkdir(`${dir}/${to}`);
  await Deno.copyFile(`${dir}/${from}`, `${dir}/${to}${from.slice(from.lastIndexOf("/") + 1)}`);
  return `${dir}/site`;
}
