// What becomes of a run whose numbers cease to be finite: where that arose is looked for, and the run may go back and try again.
import * as E from "fp-ts/lib/Either.js";
import {
  findNotFiniteStep,
  getOrThrow,
  NotFiniteError,
  type TrainEpochsOptions,
  type TrainingStart,
} from "../../models/mod.ts";
import { formatError } from "../_cli/errors.ts";
import { printNote } from "../_text/print.ts";
import type { SavedRun } from "./parse_run.ts";
import type { RunPlan } from "./plan_run.ts";
import { readRun } from "./read_run.ts";
import type { Run } from "./run.ts";
import type { RetryCause } from "./run_request.ts";
import { markRetried, readRuntime } from "./runtime.ts";
import type { TrainBatch } from "./train_input.ts";

/** A run whose numbers have ceased to be finite. */
export class NotFiniteRun extends Error {
  constructor(
    override readonly cause: NotFiniteError,
    readonly run: Run,
    /** The folder with the checkpoint to go back to, if there is one. */
    readonly dir: string | undefined,
  ) {
    const kept = dir === undefined ? "" : "; what was saved before stays as it is";
    super(formatError(cause) + kept, { cause });
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
 * Plans how a run goes on after that: once, from its last checkpoint, with half the learning rate, if it was asked for. Its
 * configuration says so from then on, whenever the process ends.
 *
 * @returns The plan; undefined if there is none to be made.
 */
export async function planRetry(
  plan: RunPlan,
  { cause, run, dir }: NotFiniteRun,
): Promise<RunPlan | undefined> {
  const { config: { settings, runtime }, folder, signal } = run;
  // Another rate doesn't change the data.
  const isHopeless = cause.place?.where === "input";
  if (runtime.onNan !== "retry" || runtime.retried !== undefined || isHopeless) return undefined;
  // Whoever has asked for its end meanwhile gets that; what goes on from the checkpoint comes here again.
  if (signal.aborted) return undefined;
  const read = dir === undefined ? E.right(undefined) : await readRun(dir)();
  if (E.isLeft(read)) {
    // That it was to go back is the lesser matter.
    printNote(`warning: ${formatError(read.left)}`);
    return undefined;
  }
  const found = read.right;
  found?.warnings.forEach(printNote);
  if (found && !found.saved) return undefined;
  const changed = { ...settings, learningRate: halve(settings.learningRate) };
  const config = {
    ...plan.config,
    settings: changed,
    runtime: markRetried(runtime, cause.step),
  };
  await folder.reconfigure(config);
  return {
    ...plan,
    config,
    options: { ...plan.options, settings: changed },
    flags: { ...plan.flags, ...dir !== undefined && { resume: dir } },
    saved: found?.saved,
    retried: cause,
  };
}

/**
 * Recalls from a run's configuration that it has gone back, if it ended before a checkpoint could tell of it.
 *
 * @param text The text of the configuration, if it has one.
 * @returns The run as it goes on, and the step after which its numbers weren't finite; undefined if it hasn't gone back since.
 */
export function recallRetry(
  saved: SavedRun,
  text: string | undefined,
): { readonly saved: SavedRun; readonly retried: RetryCause } | undefined {
  const { settings, runtime, position } = saved;
  if (text === undefined || runtime?.retried !== undefined) return undefined;
  const config = E.tryCatch(() => Object(JSON.parse(text)), () => undefined);
  if (E.isLeft(config)) return undefined;
  const step = readRuntime(config.right.runtime)?.retried;
  const { learningRate } = Object(config.right.settings);
  // One that was edited by hand, or is another run's, doesn't count.
  const isOwn = step !== undefined && step >= position.step &&
    learningRate === halve(settings.learningRate);
  return isOwn
    ? {
      saved: {
        ...saved,
        settings: { ...settings, learningRate },
        ...runtime && { runtime: markRetried(runtime, step) },
      },
      retried: { step },
    }
    : undefined;
}
