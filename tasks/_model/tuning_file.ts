import { cacheDir } from "../_data/cache_dir.ts";
import { readEnv } from "../_data/read_env.ts";
import { errorLine } from "../_cli/error_line.ts";
import { joinPath } from "../_files/join_path.ts";

/** Where `deno task tune` keeps what it found, if the environment names a place. */
export function tuningFile(): string | undefined {
  const dir = cacheDir(readEnv);
  return dir && joinPath(dir, "webgpu_tuning.json");
}

/** What `deno task tune` found, as it stands in its file. A file that is no JSON is told of, and counts for none. */
export async function readTuning(
  note: (line: string) => void,
  path: string | undefined = tuningFile(),
): Promise<unknown> {
  if (path === undefined) return undefined;
  try {
    return JSON.parse(await Deno.readTextFile(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    note(`tuning: ${path} is ignored as it cannot be read: ${errorLine(error)}`);
    return undefined;
  }
}
