import { readEnv } from "../_cli/env.ts";
import { formatError } from "../_cli/errors.ts";
import { findCacheDir } from "../_data/fetch/find_cache_dir.ts";
import { joinPath } from "../_files/files.ts";

/** Finds the path of the file in which `deno task tune` keeps its results, if the environment names a place. */
export function findTuningFile(): string | undefined {
  const dir = findCacheDir(readEnv);
  return dir && joinPath(dir, "webgpu_tuning.json");
}

/** Reads the results of `deno task tune`: `undefined`, and a note, if the file is not JSON. */
export async function readTuning(
  note: (line: string) => void,
  path: string | undefined = findTuningFile(),
): Promise<unknown> {
  if (path === undefined) return undefined;
  try {
    return JSON.parse(await Deno.readTextFile(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    note(`tuning: ${path} is ignored as it cannot be read: ${formatError(error)}`);
    return undefined;
  }
}
