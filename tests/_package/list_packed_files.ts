import { fileURLToPath } from "node:url";
import { runProcess } from "./process.ts";

/** The repository. */
export const rootUrl: URL = new URL("../../", import.meta.url);

/** The path of the repository, with a separator at its end. */
export const root: string = fileURLToPath(rootUrl);

let listed: Promise<string[]> | undefined;

/** Lists, once, the paths of the files that `deno publish` would send, from the repository's root. */
export const listPackedFiles = (): Promise<string[]> => listed ??= list();

async function list(): Promise<string[]> {
  const args = ["publish", "--dry-run", "--allow-dirty", "--no-check"];
  const { code, stderr } = await runProcess(Deno.execPath(), args, root);
  if (code !== 0) throw new Error(`Cannot list the package's files:\n${stderr}`);
  const urls = stderr.match(/file:\/\/\/\S+(?= \([\d.]+[KMG]?B\))/g) ?? [];
  return urls.map((url) => url.slice(rootUrl.href.length));
}
