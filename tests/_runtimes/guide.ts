import { makeProject } from "../_package/project.ts";
import { root } from "../_package/list_packed_files.ts";
import { runForOutput } from "../_package/process.ts";

/** What a program prints goes to the test, from pages and from workers. */
const PRINT = `console.log = (...parts) => {
  fetch("/results", { method: "POST", body: JSON.stringify(parts.join(" ")) });
};
`;

/** Reads docs/browsers.md. */
export const readGuide = (): Promise<string> => Deno.readTextFile(`${root}docs/browsers.md`);

/** Finds the programs in the guide, by their names. */
export const findPrograms = (guide: string): Map<string, string> =>
  new Map(
    [...guide.matchAll(/^```ts ignore\n\/\/ (\w+)\.ts\n([\s\S]*?)^```$/gm)]
      .map(([, name = "", code = ""]) => [name, code]),
  );

/** Finds the options of a call of `deno bundle` in the guide, by its program. */
function findOptions(guide: string, program: string): string[] {
  const [, options] = new RegExp(`^deno bundle (.*) ${program}\\.ts$`, "m").exec(guide) ?? [];
  if (!options) throw new Error(`The guide doesn't bundle ${program}.ts`);
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
  for (const [name, code] of programs) {
    const first = name === "program" ? "" : 'import "./print.ts";\n';
    await Deno.writeTextFile(`${dir}/${name}.ts`, first + code);
  }
  const pages = [...programs.keys()].filter((name) => name !== "program");
  const files = [...pages, "train_in_worker"].map((name) => `${name}.ts`);
  const bundle = (args: readonly string[]) =>
    runForOutput(Deno.execPath(), ["bundle", "--quiet", ...args], dir);
  await bundle([...findOptions(guide, "page"), ...files]);
  await bundle([...findOptions(guide, "program"), "program.ts"]);
  const [, copy = ""] = /^deno eval '(.*)'$/m.exec(guide) ?? [];
  await Deno.mkdir(`${dir}/site/wasm`);
  await runForOutput(Deno.execPath(), ["eval", copy], dir);
  return { site: `${dir}/site`, node: `${dir}/dist` };
}
