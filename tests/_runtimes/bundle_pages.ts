import { makeProject } from "../_package/project.ts";
import { runForOutput } from "../_package/process.ts";

/** The modules that a page loads by an address, each bundled as one that others may share. */
const ENTRIES = [
  "wasm_page",
  "lost_page",
  "isolated_page",
  "webgpu_page",
  "predict_in_worker",
  "plan",
  "thread",
  "thread_alone",
];

/**
 * Bundles the pages of `tests/consumer/runtimes/` and their workers, in a stranger's project with the package.
 *
 * @param dir An empty folder.
 * @returns The folder of the bundles.
 */
export async function bundlePages(dir: string): Promise<string> {
  await makeProject(dir);
  const paths = ENTRIES.map((name) => `runtimes/${name}.ts`);
  const args = ["bundle", "--quiet", "--platform=browser", "--code-splitting", "--outdir=pages"];
  await runForOutput(Deno.execPath(), [...args, ...paths], dir);
  return `${dir}/pages`;
}
