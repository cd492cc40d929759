import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { CheckpointError, type StoredTensor } from "../../models/mod.ts";
import { joinPath } from "../_files/files.ts";
import { readCheckpoint } from "../_model/checkpoint.ts";
import { renameSaved, RUN_METADATA } from "../_model/model_config.ts";
import type { RunCounters } from "./run_counters.ts";
import type { RunConfig } from "./run_folder.ts";

/** A run as it was saved. */
export interface SavedRun extends RunConfig {
  readonly counters: RunCounters;
  readonly params: Readonly<Record<string, StoredTensor>>;
  readonly optimizer: Readonly<Record<string, StoredTensor>>;
}

/** Reads the run that was saved to a folder; fails if there is none or a part of it is missing. */
export function readRun(dir: string): TE.TaskEither<CheckpointError, SavedRun> {
  const path = joinPath(dir, "last.safetensors");
  return pipe(
    TE.Do,
    TE.bindW("last", () => readCheckpoint(path)),
    TE.bindW("run", ({ last }) => TE.fromEither(parseRun(last.metadata[RUN_METADATA], path))),
    TE.bindW("optimizer", ({ run }) => readCheckpoint(joinPath(dir, run.optimizerFile))),
    TE.map(({ last, run: { model, settings, progress }, optimizer }) => ({
      model: renameSaved(model),
      settings: renameSaved(settings),
      counters: progress,
      params: last.tensors,
      optimizer: optimizer.tensors,
    })),
  );
}

/** The run in a checkpoint's metadata. */
interface RunMetadata extends RunConfig {
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
  return E.tryCatch(
    () => JSON.parse(text),
    (error) =>
      new CheckpointError(`Cannot go on from ${path} as its metadata is damaged: ${error}`),
  );
}
