import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { type Checkpoint, CheckpointError, type StoredTensor } from "../../models/mod.ts";
import { joinPath } from "../_files/files.ts";
import { readCheckpoint, readMetadata, requireFinite } from "../_model/checkpoint.ts";
import { renameSaved, RUN_METADATA } from "../_model/model_config.ts";
import { BEST, exists, isFolder, LAST } from "../_model/run_files.ts";
import type { RunCounters } from "./run_counters.ts";
import type { RunConfig } from "./run_folder.ts";
import type { SavedSettings } from "./train_settings.ts";

/** The configuration of a run as it was saved. */
interface SavedConfig extends Omit<RunConfig, "settings"> {
  readonly settings: SavedSettings;
}

/** A run as it was saved. */
export interface SavedRun extends SavedConfig {
  readonly counters: RunCounters;
  readonly params: Readonly<Record<string, StoredTensor>>;
  readonly optimizer: Readonly<Record<string, StoredTensor>>;
}

/** Reads the run that was saved to a folder; fails if there is none, a part of it is missing, or it can only go on with NaN. */
export function readRun(dir: string): TE.TaskEither<CheckpointError, SavedRun> {
  const path = joinPath(dir, LAST);
  return pipe(
    TE.fromTask(() => checkFolder(dir)),
    TE.chain((found) =>
      found === undefined ? TE.right({}) : TE.left(
        new CheckpointError(`Cannot go on from ${dir} as ${found}`),
      )
    ),
    TE.bindW("last", () => readCheckpoint(path)),
    TE.bindW("run", ({ last }) => TE.fromEither(parseRun(last.metadata[RUN_METADATA], path))),
    TE.tapEither(({ last }) => requireFinite(last.tensors, path)),
    TE.bindW("optimizer", ({ run }) => readFinite(joinPath(dir, run.optimizerFile))),
    TE.map(({ last, run: { model, settings, progress }, optimizer }) => ({
      model: renameSaved(model),
      settings: renameSaved(settings),
      counters: progress,
      params: last.tensors,
      optimizer: optimizer.tensors,
    })),
  );
}

const readFinite = (path: string): TE.TaskEither<CheckpointError, Checkpoint> =>
  pipe(readCheckpoint(path), TE.tapEither(({ tensors }) => requireFinite(tensors, path)));

/** Finds out in words why nothing can be in a folder of a run. */
async function checkFolder(dir: string): Promise<string | undefined> {
  if (await isFolder(dir)) {
    return await exists(joinPath(dir, LAST))
      ? undefined
      : `the folder holds no run: it has no ${LAST}`;
  }
  return await exists(dir)
    ? `it is not a run's folder: name that, or with --weights a file of parameters to start from`
    : "there is no such folder";
}

/** Reads the accuracy of the best parameters in a run's folder; `null` if there are none, or they don't tell. */
export async function readBestAccuracy(dir: string): Promise<number | null> {
  const path = joinPath(dir, BEST);
  const run = parseRun((await readMetadata(path))[RUN_METADATA], path);
  return E.isRight(run) ? run.right.progress.bestAccuracy : null;
}

/** The run in a checkpoint's metadata. */
interface RunMetadata extends SavedConfig {
  readonly progress: RunCounters;
  readonly optimizerFile: string;
}

function parseRun(text: string | undefined, path: string): E.Either<CheckpointError, RunMetadata> {
  if (text === undefined) {
    return E.left(
      new CheckpointError(
        `Cannot go on from ${path} as it holds no run, only parameters: start from them with --weights`,
      ),
    );
  }
  return pipe(
    E.tryCatch((): Partial<RunMetadata> | null => JSON.parse(text), String),
    E.filterOrElse(isRun, () => "it describes no run"),
    E.mapLeft((found) =>
      new CheckpointError(`Cannot go on from ${path} as its metadata is damaged: ${found}`)
    ),
  );
}

const isRun = (run: Partial<RunMetadata> | null): run is RunMetadata =>
  typeof run?.model === "object" && typeof run.settings === "object" &&
  typeof run.progress === "object" && typeof run.optimizerFile === "string";
