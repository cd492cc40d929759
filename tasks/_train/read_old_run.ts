import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { CheckpointError, type TrainingPosition } from "../../models/mod.ts";
import { FORMAT, readFacts } from "../../models/training/checkpoints/_checkpoint_format.ts";
import { joinPath } from "../_files/files.ts";
import { readCheckpoint, requireFinite } from "../_model/checkpoint.ts";
import { LAST } from "../_model/run_files.ts";
import { type ParsedRun, parseRun, type SavedRun } from "./parse_run.ts";
import type { TrainSettings } from "./settings/train_settings.ts";

/** A run as it was saved before there were generations: the last state in one file, which names that of the optimizer's. */
export function readOldRun(dir: string): TE.TaskEither<Error, SavedRun> {
  const path = joinPath(dir, LAST);
  return pipe(
    TE.Do,
    TE.bindW("last", () => readCheckpoint(path)),
    TE.bindW("run", ({ last }) => TE.fromEither(parseRun(last.metadata, path))),
    TE.bindW("position", ({ last, run }) => TE.fromEither(findPosition(last.metadata, run, path))),
    TE.tapEither(({ last }) => requireFinite(last.tensors, path)),
    TE.bindW("optimizer", ({ run: { raw: { optimizerFile } } }) => {
      const file = joinPath(dir, String(optimizerFile));
      return pipe(
        readCheckpoint(file),
        TE.tapEither(({ tensors }) => requireFinite(tensors, file)),
      );
    }),
    TE.map(({ last, position, run: { raw: _, ...run }, optimizer }): SavedRun => ({
      ...run,
      position,
      params: last.tensors,
      optimizer: optimizer.tensors,
      seconds: readSeconds(last.metadata),
    })),
  );
}

/** Reads where such a run was, from the metadata of one of its files; undefined where they don't say. */
export const readOldPosition = (
  metadata: Readonly<Record<string, string>>,
  path: string,
): TrainingPosition | undefined =>
  pipe(
    parseRun(metadata, path),
    E.chain((run) => findPosition(metadata, run, path)),
    E.match((): TrainingPosition | undefined => undefined, (position) => position),
  );

/**
 * Finds where such a run was, by what its metadata say.
 *
 * @param run What was read of them.
 */
function findPosition(
  metadata: Readonly<Record<string, string>>,
  { raw, settings }: Pick<ParsedRun, "raw" | "settings">,
  path: string,
): E.Either<CheckpointError, TrainingPosition> {
  const refuse = () =>
    new CheckpointError(
      `Cannot go on from ${path} as its metadata is damaged: it describes no run`,
    );
  return pipe(
    readFacts(metadata, path),
    E.chainW((facts) => {
      if (typeof raw.optimizerFile !== "string") return E.left(refuse());
      const counters = raw.progress as OldCounters | undefined;
      const position = facts.position ?? (counters?.sums && toPosition(counters, settings));
      return position ? E.right(position) : E.left(refuse());
    }),
  );
}

/** Reads the seconds that such a run took, which were part of its position. */
function readSeconds(metadata: Readonly<Record<string, string>>): number | undefined {
  try {
    const { position } = JSON.parse(metadata[FORMAT] ?? "{}");
    return typeof position?.seconds === "number" ? position.seconds : undefined;
  } catch {
    return undefined;
  }
}

/** How far a run was, as runs saved it before trainings had positions. */
interface OldCounters {
  readonly epoch: number;
  readonly index: number;
  readonly step: number;
  readonly sums: {
    readonly batchLosses: number;
    readonly losses: number;
    readonly correct: number;
    readonly images: number;
  };
  readonly bestAccuracy: number | null;
}

/** Makes the position that an older run was at. */
function toPosition(
  { epoch, index, step, sums, bestAccuracy }: OldCounters,
  { batchSize, seed }: Pick<TrainSettings, "batchSize" | "seed">,
): TrainingPosition {
  const { batchLosses, losses, correct, images } = sums;
  return {
    epoch,
    index,
    step,
    updates: step,
    seed,
    sums: {
      steps: Math.ceil(index / batchSize),
      examples: images,
      metrics: {
        loss: { sum: losses, weight: images, stepMeans: batchLosses },
        accuracy: { sum: correct, weight: images, stepMeans: correct / batchSize },
      },
    },
    // Of the epochs done only the best was kept.
    history: bestAccuracy === null ? [] : [{
      epoch: epoch - 1,
      step,
      training: { loss: NaN, accuracy: NaN },
      validation: { loss: NaN, accuracy: bestAccuracy },
    }],
  };
}
