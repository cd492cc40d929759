// What becomes of a run whose numbers cease to be finite: where that arose is looked for, and the run may go back and try again.
import {
  findNotFiniteStep,
  getOrThrow,
  NotFiniteError,
  type TrainEpochsOptions,
  type TrainingStart,
} from "../../models/mod.ts";
import { printNote } from "../_text/print.ts";
import { readRun } from "./read_run.ts";
import type { Run } from "./run.ts";
import type { RunRequest } from "./run_request.ts";
import type { TrainBatch } from "./train_input.ts";

/** A run whose numbers have ceased to be finite. */
export class NotFiniteRun extends Error {
  constructor(
    override readonly cause: NotFiniteError,
    readonly run: Run,
    /** The folder with the checkpoint to go back to, if there is one. */
    readonly dir: string | undefined,
  ) {
    super(cause.message, { cause });
  }
}

/**
 * Looks for the step and the layer in which numbers first ceased to be finite, by training again from a run's last checkpoint, or
 * from its beginning where it has none.
 *
 * @param dir The folder with the checkpoint.
 * @param begin Opens the beginning; it may not be there any more.
 * @returns The error with what was found; as it was if nothing was, or it told already.
 */
export async function locate(
  error: NotFiniteError,
  options: TrainEpochsOptions<TrainBatch>,
  dir: string | undefined,
  begin: () => Promise<(() => TrainingStart) | undefined>,
): Promise<NotFiniteError> {
  if (error.place) return error;
  try {
    const saved = dir === undefined ? undefined : getOrThrow(await readRun(dir)()).saved;
    printNote(
      `not finite: ${error.subject} after step ${error.step}; looking for the layer, from step ${
        (saved?.position.step ?? 0) + 1
      } on`,
    );
    const from = saved ? () => saved : await begin();
    return error.withPlace(await findNotFiniteStep({ ...options, from, steps: error.step }));
  } catch (failure) {
    // It only tells more. Without the memory for it, or the data, the error is what it was.
    if (failure instanceof NotFiniteError) return failure;
    return error;
  }
}

/** Half the learning rate, in as few digits as it takes. */
export const halve = (learningRate: number): number => Number((learningRate / 2).toPrecision(12));

/**
 * Plans how a run goes on after that: once, from its last checkpoint, with half the learning rate, if it was asked for.
 *
 * @returns The request; undefined if there is none to be made.
 */
export async function planRetry(
  request: RunRequest,
  { cause, run, dir }: NotFiniteRun,
): Promise<RunRequest | undefined> {
  const { settings, runtime } = run.config;
  // Another rate doesn't change the data.
  const isHopeless = cause.place?.where === "input";
  if (runtime.onNan !== "retry" || runtime.retried !== undefined || isHopeless) return undefined;
  const learningRate = halve(settings.learningRate);
  const common = { ...request, retried: cause.step };
  if (dir === undefined) {
    const { flags } = request;
    return { ...common, flags: { ...flags, learningRate, out: run.folder.dir } };
  }
  const { saved, warnings } = getOrThrow(await readRun(dir)());
  warnings.forEach(printNote);
  if (!saved) return undefined;
  const { config: _, preset: _1, weights: _2, sha256: _3, ...flags } = request.flags;
  return {
    ...common,
    saved,
    flags: { ...flags, resume: dir, out: run.folder.dir },
    resumed: { ...settings, learningRate },
  };
}
