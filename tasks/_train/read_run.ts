import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { CheckpointError, getOrThrow, type TrainingPosition } from "../../models/mod.ts";
import { attempt, formatError } from "../_cli/errors.ts";
import { joinPath } from "../_files/files.ts";
import { requireFinite } from "../_model/checkpoint.ts";
import {
  BEST,
  CONFIG,
  describeNoFile,
  describeRefused,
  exists,
  isFolder,
  isOfBest,
  isSavedFile,
  LAST,
  nameParams,
  openRunReader,
} from "../_model/run_files.ts";
import { parseRun, type RunFacts, type SavedRun } from "./parse_run.ts";
import { readOldPosition, readOldRun } from "./read_old_run.ts";

/** What is found in the folder of a run that is to go on. */
export interface FoundRun {
  /** The run; undefined where it had begun, and nothing was saved. */
  readonly saved: SavedRun | undefined;
  /** Lines that tell of files which can't be used. */
  readonly warnings: readonly string[];
}

/** Reads the run that was saved to a folder; fails if there is none, all of it is damaged, or it can only go on with NaN. */
export const readRun = (dir: string): TE.TaskEither<Error, FoundRun> =>
  pipe(
    TE.fromTask(() => checkFolder(dir)),
    TE.chainW((found) =>
      found === undefined ? TE.right(undefined) : TE.left(
        new CheckpointError(`Cannot go on from ${dir} as ${found}`),
      )
    ),
    TE.chainW(() => attempt(() => readNewest(dir))),
  );

async function readNewest(dir: string): Promise<FoundRun> {
  const describe = (file: string) => joinPath(dir, file);
  const { checkpoint, refused } = await openRunReader(dir).load();
  if (checkpoint) {
    const { params, optimizer, position, metadata } = checkpoint;
    if (!position) throw new CheckpointError(`Cannot go on from ${dir} as it has no position`);
    const path = describe(nameParams(position.step));
    const { raw: _, ...facts } = getOrThrow(parseRun(metadata, path));
    getOrThrow(requireFinite(params, path));
    getOrThrow(requireFinite(optimizer ?? {}, path));
    checkPosition(position, facts, path);
    const warnings = describeRefused(refused, nameParams(position.step));
    return { saved: { ...facts, params, optimizer, position }, warnings };
  }
  if (await exists(describe(LAST))) {
    return { saved: getOrThrow(await readOldRun(dir)()), warnings: [] };
  }
  const [first] = refused.filter(({ file }) => file.endsWith(".safetensors"));
  if (first) {
    throw new CheckpointError(
      `Cannot go on from ${dir} as no checkpoint in it is whole: ${first.reason}`,
    );
  }
  return { saved: undefined, warnings: [] };
}

/** Checks that a position is one that the run's batches lead to. */
function checkPosition(
  { index, sums: { steps } }: TrainingPosition,
  { settings: { batchSize, images, onBadRecord } }: RunFacts,
  path: string,
): void {
  const refuse = (found: string) => {
    throw new CheckpointError(`Cannot go on from ${path} as ${found}`);
  };
  // Where records are left out, the last batch of an epoch ends earlier.
  const isSkipped = onBadRecord === "skip";
  if (index > images) refuse(`its position is image ${index} of ${images}`);
  if (index % batchSize !== 0 && index !== images && !isSkipped) {
    refuse(`its position is image ${index} of an epoch, between two batches of ${batchSize}`);
  }
  if (steps !== Math.ceil(index / batchSize)) {
    refuse(`its position is image ${index} of an epoch after ${steps} batches of ${batchSize}`);
  }
}

/** Finds out in words why nothing can be in a folder of a run. */
async function checkFolder(dir: string): Promise<string | undefined> {
  if (!await isFolder(dir)) {
    return await exists(dir)
      ? `it is not a run's folder: name that, or with --weights a file of parameters to start from`
      : "there is no such folder";
  }
  try {
    const found = await describeNoFile(dir);
    if (found !== undefined) return found;
    for await (const { name } of Deno.readDir(dir)) {
      if (name === CONFIG || isSavedFile(name)) return undefined;
    }
  } catch (error) {
    return `the system refuses: ${formatError(error)}`;
  }
  return `the folder holds no run: it has no ${CONFIG}`;
}

/**
 * Takes the position of the run that goes on. Its best epoch counts only where the parameters are that were best: they may be
 * missing, damaged, or of a run that was to replace this one and ended while it saved. They may be of a later epoch, too, where the
 * run goes on from before that, as the checkpoint at its end is damaged: that epoch is made again, and is the best again.
 *
 * @param dir The run's folder.
 */
export async function takePosition(
  { position, settings: { best } }: Pick<SavedRun, "position" | "settings">,
  dir: string,
): Promise<{ readonly position: TrainingPosition; readonly warnings: readonly string[] }> {
  const { checkpoint, refused } = await openRunReader(dir).loadBest();
  const at = checkpoint && (checkpoint.position ??
    readOldPosition(checkpoint.metadata, joinPath(dir, BEST)));
  const value = at?.history.at(-1)?.validation?.[best];
  const isOwn = value !== undefined &&
    position.history.some(({ validation }) => validation?.[best] === value);
  if (isOwn || at && beginsWith(at.history, position.history)) return { position, warnings: [] };
  return {
    position: { ...position, history: position.history.map(({ validation: _, ...rest }) => rest) },
    warnings: refused.filter(isOfBest).map(({ reason }) =>
      `warning: ${reason}; the best of the epochs to come takes its place`
    ),
  };
}

type History = TrainingPosition["history"];

/** Tells whether a history has all the results of an earlier place of the same run. */
const beginsWith = (history: History, earlier: History): boolean =>
  JSON.stringify(history.slice(0, earlier.length)) === JSON.stringify(earlier);

/** Tells of the best parameters of a run that has no epochs to come where they are damaged or missing. */
export async function checkBest(dir: string, { step }: TrainingPosition): Promise<string[]> {
  const { refused } = await openRunReader(dir).loadBest();
  return refused.filter(isOfBest).map(({ reason }) =>
    `warning: ${reason}; evaluate and predict take ${nameParams(step)} instead`
  );
}
