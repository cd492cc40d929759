import type * as TE from "fp-ts/lib/TaskEither.js";
import {
  CheckpointError,
  type CheckpointReader,
  openCheckpointReader,
  type RefusedFile,
} from "../../models/mod.ts";
import { nameNext, nameParams } from "../../models/training/checkpoints/_generation_files.ts";
import { LOSS_SCALING } from "../../models/optimizers/_running.ts";
import { attempt } from "../_cli/errors.ts";
import { joinPath } from "../_files/files.ts";
import { folderFiles } from "../_files/folder_files.ts";
import { LOCK } from "../_files/lock.ts";
import { describeKind } from "../_files/own_file.ts";

/** The file of the last state of a run, in its folder, before there were generations. */
export const LAST = "last.safetensors";

/** The file of the parameters that were best on the test images. */
export const BEST = "best.safetensors";

/** The file that says which generations a folder has. */
export const POINTER = "last.json";

/** The file of a run's configuration, in its folder. */
export const CONFIG = "config.json";

/** The log of a run, in its folder. */
export const LOG = "log.jsonl";

/** The page that tells of a run that has ended, in its folder. */
export const CARD = "README.md";

export { nameParams };

/** Tells whether a file of such a name in a folder is of a run that has saved, with its pointer or without. */
export const isSavedFile = (name: string): boolean =>
  name === POINTER || name === LAST || /^step-\d+\.safetensors$/.test(name);

/** Tells whether a file of such a name is of what runs saved before there were generations. */
export const isOldFile = (name: string): boolean =>
  /^(?:last|optimizer-\d+(?:-\d+)?)\.safetensors$/.test(name);

/** Tells whether a run's folder has its own files of such a name, beside its log. */
export const isRunFile = (name: string): boolean =>
  [CONFIG, LOCK, LAST, BEST].includes(name) || isOldFile(name) ||
  /^(?:last\.json|(?:step|best)-\d+(?:\.optimizer(?:-\d+)?)?(?:\.next)?\.safetensors)(?:\.tmp)?$/
    .test(name);

/** Finds what is no file in the place of a run's file, and says so in words: a folder can't be read, and a pipe is waited for. */
export async function describeNoFile(dir: string): Promise<string | undefined> {
  for await (const { name } of Deno.readDir(dir)) {
    if (!isRunFile(name) && name !== LOG) continue;
    const path = joinPath(dir, name);
    // A link may lead to a file.
    const found = await Deno.stat(path).then(describeKind, () => undefined);
    if (found !== undefined) return `${path} is ${found}, not a file: move it away`;
  }
  return undefined;
}

/** Opens the checkpoints of a run's folder to be looked at, with paths in messages. */
export const openRunReader = (dir: string): CheckpointReader =>
  openCheckpointReader(folderFiles(dir), { describe: (file) => joinPath(dir, file) });

/** Tells of files that can't be used, and what is instead. */
export const describeRefused = (refused: readonly RefusedFile[], used: string): string[] =>
  refused.map(({ reason }) => `warning: ${reason}; ${used} is used instead`);

/** Tells whether a file is that of the best parameters, by its name. */
export const isBestFile = (name: string): boolean => /^best(?:-\d+)?\.safetensors$/.test(name);

/** Tells whether a file that can't be used is that of the best parameters. */
export const isOfBest = ({ file }: RefusedFile): boolean => isBestFile(file);

/** A file of parameters that was found. */
export interface FoundParams {
  readonly path: string;
  /** Lines that tell of files which can't be used, and what is instead. */
  readonly warnings: readonly string[];
}

/** What a path to parameters may mean. */
export interface FindOptions {
  /**
   * Whether of a run whose first epoch hasn't ended, so that it has no best, the newest are taken.
   *
   * @default {false}
   */
  readonly takesUnfinished?: boolean;
}

/**
 * Finds the file of parameters that a path means: of a run's folder, its best, or where that is damaged the newest that is whole; else the path
 * itself.
 */
export const findParamsFile = (
  path: string,
  options: FindOptions = {},
): TE.TaskEither<Error, FoundParams> =>
  attempt(async () =>
    await isFolder(path) ? await findInRun(path, options) : { path, warnings: [] }
  );

async function findInRun(
  dir: string,
  { takesUnfinished = false }: FindOptions,
): Promise<FoundParams> {
  const describe = (file: string) => joinPath(dir, file);
  const fail = (found: string): never => {
    throw new CheckpointError(`Cannot take parameters from ${dir} as ${found}`);
  };
  const names = new Set(await folderFiles(dir).list());
  const reader = openRunReader(dir);
  const found = await reader.loadBest();
  if (found.checkpoint) {
    // While a run saves its best they have another name for a moment, or where it was killed then.
    const { position } = found.checkpoint;
    const waiting = `best-${position?.step}.safetensors`;
    const file = names.has(waiting) ? waiting : BEST;
    return { path: describe(file), warnings: describeRefused(found.refused, file) };
  }
  const newest = await reader.load({ optimizer: false });
  const position = newest.checkpoint?.position;
  const file = position && nameOfStep(position.step, names);
  const isRefused = found.refused.some(isOfBest);
  if (file !== undefined && (isRefused || position?.history.length !== 0)) {
    const missing = { file: BEST, reason: `Cannot read ${describe(BEST)}: it is missing` };
    const refused = isRefused ? found.refused : [...found.refused, missing];
    return { path: describe(file), warnings: describeRefused(refused, file) };
  }
  const last = file ?? (names.has(LAST) ? LAST : undefined);
  if (last !== undefined && takesUnfinished) {
    return { path: describe(last), warnings: describeRefused(newest.refused, last) };
  }
  const [refused] = [...found.refused, ...newest.refused];
  return fail(
    last !== undefined
      ? `the run has no ${BEST} before its first epoch has ended: name ${describe(last)}`
      : refused !== undefined
      ? `no file in it is whole: ${refused.reason}`
      : `the folder holds no run: it has no ${BEST}`,
  );
}

/** Gets the name that the parameters after a step have: another one for a moment while they are saved, or where a run was killed then. */
function nameOfStep(step: number, names: ReadonlySet<string>): string {
  const [name, next] = [nameParams(step), nameNext(nameParams(step))];
  return names.has(next) && !names.has(name) ? next : name;
}

/** Finds the folder of the run that a path means: of the file that was saved last, the folder that it lies in; else the path itself. */
export const findRunFolder = (path: string): string => {
  if (LAST_FILES.test(path)) return ".";
  const [, dir] = /^(.*?)[/\\]+last\.(?:safetensors|json)$/s.exec(path) ?? [];
  return dir === "" ? "/" : dir ?? path;
};

const LAST_FILES = /^last\.(?:safetensors|json)$/;

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
    ? missing.length > 0 &&
      /(?:^|[/\\])(?:step-\d+\.optimizer(?:-\d+)?|optimizer-\d+)\.safetensors$/.test(path)
    : extra.every((name) => name === LOSS_SCALING || isRunning(name));
  if (!isState) return;
  const [, dir = "", step] = /^(.*[/\\])?(?:step-(\d+)\.)?[^/\\]*$/s.exec(path) ?? [];
  const own = step === undefined ? [] : [nameParams(Number(step))];
  const beside = [...own, BEST, LAST].map((name) => dir + name);
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
