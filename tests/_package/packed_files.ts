import { runProcess } from "./process.ts";

/** The repository. */
export const root: string = new URL("../../", import.meta.url).pathname;

/** The paths of the files that `deno publish` would send, from the repository's root. */
export async function packedFiles(): Promise<string[]> {
  const args = ["publish", "--dry-run", "--allow-dirty", "--no-check"];
  const { code, stderr } = await runProcess(Deno.execPath(), args, root);
  if (code !== 0) throw new Error(`Cannot list the package's files:\n${stderr}`);
  const urls = stderr.match(/file:\/\/\/\S+(?= \([\d.]+[KMG]?B\))/g) ?? [];
  return urls.map((url) => new URL(url).pathname.slice(root.length));
}
