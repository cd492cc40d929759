import { UsageError } from "../_cli/errors.ts";
import { joinPath } from "../_files/files.ts";
import { BEST } from "../_model/run_files.ts";

/**
 * Finds the folder of the run under a folder that saved its best parameters last.
 *
 * @param verb What is to be done with it, for the message.
 * @throws {UsageError} If there is none.
 */
export async function findNewestRun(verb: string, runs = "runs"): Promise<string> {
  let newest: { readonly path: string; readonly time: number } | undefined;
  try {
    for await (const { name } of Deno.readDir(runs)) {
      const path = joinPath(runs, name);
      const time = (await Deno.stat(joinPath(path, BEST)).catch(() => undefined))?.mtime?.getTime();
      if (time !== undefined && !(newest && newest.time >= time)) newest = { path, time };
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  if (newest) return newest.path;
  throw new UsageError(
    `Cannot ${verb} without --checkpoint FILE: no run under ${runs}/ has a ${BEST}`,
  );
}
