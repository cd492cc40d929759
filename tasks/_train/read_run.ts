import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { CheckpointError, type StoredTensor, type TrainingPosition } from "../../models/mod.ts";
import { readFacts } from "../../models/training/checkpoints/_checkpoint_format.ts";
import { joinPath } from "../_files/files.ts";
import { readCheckpoint, readMetadata, requireFinite } from "../_model/checkpoint.ts";
import { completeModel, RUN_METADATA, type SavedModel } from "../_model/model_config.ts";
import { BEST, exists, isFolder, LAST } from "../_model/run_files.ts";
import { RUN_VERSION, type RunConfig } from "./run_config.ts";
import { type OldCounters, toPosition } from "./old_counters.ts";
import { completeSaved, type SavedSettings } from "./train_settings.ts";

/** A run as it was saved. Runs from before the first release have no mark of their data. */
export interface SavedRun extends Omit<RunConfig, "data"> {
  readonly data?: RunConfig["data"];
  readonly position: TrainingPosition;
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
    TE.bindW("run", ({ last }) => TE.fromEither(parseRun(last.metadata, path))),
    TE.tapEither(({ last }) => requireFinite(last.tensors, path)),
    TE.bindW("optimizer", ({ run }) => {
      const file = joinPath(dir, run.optimizerFile);
      return pipe(
        readCheckpoint(file),
        TE.tapEither(({ tensors }) => requireFinite(tensors, file)),
      );
    }),
    TE.map(({ last, run: { optimizerFile: _, ...run }, optimizer }) => ({
      ...run,
      params: last.tensors,
      optimizer: optimizer.tensors,
    })),
  );
}

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

/**
 * Takes the position of the run that goes on. Its best epoch counts only where the parameters are that were best: they may be
 * missing, or of a run that was to replace this one and ended while it saved.
 *
 * @param dir The run's folder.
 */
export async function takePosition(
  { position, settings: { best } }: Pick<SavedRun, "position" | "settings">,
  dir: string,
): Promise<TrainingPosition> {
  const path = joinPath(dir, BEST);
  const saved = parseRun(await readMetadata(path), path);
  const value = E.isRight(saved)
    ? saved.right.position.history.at(-1)?.validation?.[best]
    : undefined;
  const isOwn = value !== undefined &&
    position.history.some(({ validation }) => validation?.[best] === value);
  if (isOwn) return position;
  return { ...position, history: position.history.map(({ validation: _, ...rest }) => rest) };
}

/** The run in a checkpoint's metadata. */
interface RunMetadata extends Omit<SavedRun, "params" | "optimizer"> {
  readonly optimizerFile: string;
}

/** Such a run before it is known what is in it. */
interface RawRun {
  readonly version?: number;
  readonly model?: SavedModel;
  readonly settings?: SavedSettings;
  readonly data?: RunConfig["data"];
  readonly pipeline?: RunConfig["pipeline"];
  readonly optimizerFile?: string;
  /** Older runs counted in another way. */
  readonly progress?: OldCounters;
}

function parseRun(
  metadata: Readonly<Record<string, string>>,
  path: string,
): E.Either<CheckpointError, RunMetadata> {
  const text = metadata[RUN_METADATA];
  const refuse = (found: string) => new CheckpointError(`Cannot go on from ${path} as ${found}`);
  if (text === undefined) {
    return E.left(
      refuse("it holds no run, only parameters: start from them with --weights"),
    );
  }
  const damaged = (found: string) => refuse(`its metadata is damaged: ${found}`);
  return pipe(
    E.tryCatch((): RawRun | null => JSON.parse(text), (error) => damaged(String(error))),
    E.filterOrElse(
      (raw) => (raw?.version ?? 1) <= RUN_VERSION,
      (raw) => refuse(`it is of version ${raw?.version}: this reads up to ${RUN_VERSION}`),
    ),
    E.chain((raw) => {
      const { model, settings, optimizerFile, progress, data, pipeline } = raw ?? {};
      if (
        typeof model !== "object" || typeof settings !== "object" || optimizerFile === undefined
      ) {
        return E.left(damaged("it describes no run"));
      }
      const whole = completeSaved(settings);
      return pipe(
        readFacts(metadata, path),
        E.chain(({ position = progress?.sums && toPosition(progress, whole) }) =>
          position === undefined ? E.left(damaged("it describes no run")) : E.right({
            version: RUN_VERSION,
            model: completeModel(model),
            settings: whole,
            position,
            optimizerFile,
            ...data && { data },
            ...pipeline && { pipeline },
          })
        ),
      );
    }),
  );
}
