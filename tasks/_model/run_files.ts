import * as TE from "fp-ts/lib/TaskEither.js";
import { CheckpointError } from "../../models/mod.ts";
import { LOSS_SCALING } from "../../models/optimizers/_running.ts";
import { joinPath } from "../_files/files.ts";

/** The file of the last state of a run, in its folder. */
export const LAST = "last.safetensors";

/** The file of the parameters that were best on the test images. */
export const BEST = "best.safetensors";

/** Finds the file of parameters that a path means: of a run's folder, its best; else the path itself. */
export const findParamsFile = (path: string): TE.TaskEither<CheckpointError, string> => {
  const [best, last] = [joinPath(path, BEST), joinPath(path, LAST)];
  const fail = (found: string) =>
    TE.left(new CheckpointError(`Cannot take parameters from ${path} as ${found}`));
  return TE.flatten(TE.fromTask(async () => {
    if (!await isFolder(path)) return TE.right(path);
    if (await exists(best)) return TE.right(best);
    return await exists(last)
      ? fail(`the run has no ${BEST} before its first epoch has ended: name ${last}`)
      : fail(`the folder holds no run: it has no ${BEST}`);
  }));
};

/** Finds the folder of the run that a path means: of a run's last file, the folder that it lies in; else the path itself. */
export const findRunFolder = (path: string): string => {
  if (path === LAST) return ".";
  const [, dir] = /^(.*?)[/\\]+last\.safetensors$/s.exec(path) ?? [];
  return dir === "" ? "/" : dir ?? path;
};

/**
 * Explains why a file's tensors don't fit a network, if the reason is that it holds an optimizer's state: each is called by the
 * name of a parameter, with that of a slot before it.
 *
 * @param error The error that names the tensors.
 */
export async function explainOptimizerFile(
  { extra, missing }: CheckpointError,
  path: string,
): Promise<CheckpointError | undefined> {
  const parameters = new Set(missing);
  const isRunning = (name: string) => parameters.has(/^\w+\/(.+)$/.exec(name)?.[1] ?? "");
  const isState = extra.length === 0
    // Of an optimizer that keeps nothing.
    ? missing.length > 0 && /optimizer-\d+\.safetensors$/.test(path)
    : extra.every((name) => name === LOSS_SCALING || isRunning(name));
  if (!isState) return;
  const [, dir = ""] = /^(.*[/\\])?[^/\\]*$/s.exec(path) ?? [];
  const beside = [dir + BEST, dir + LAST];
  const found = await Promise.all(beside.map(exists));
  const meant = beside.find((_, i) => found[i]);
  return new CheckpointError(
    `Cannot take parameters from ${path} as it holds an optimizer's state` +
      (meant === undefined ? "" : `: the parameters are in ${meant}`),
  );
}

/** Tells whether there is a folder of this path. */
export const isFolder = (path: string): Promise<boolean> =>
  Deno.stat(path).then(({ isDirectory }) => isDirectory, () => false);

/** Tells whether there is anything of this path. */
export const exists = (path: string): Promise<boolean> =>
  Deno.stat(path).then(() => true, () => false);
