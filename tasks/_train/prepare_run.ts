import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { basename, dirname } from "node:path";
import denoJson from "../../deno.json" with { type: "json" };
import type { TrainState } from "../../models/mod.ts";
import { attempt, UsageError } from "../_cli/errors.ts";
import { listenForInterrupt } from "../_cli/interrupt.ts";
import { fashionMnist } from "../_data/fetch/fashion_mnist.ts";
import { openSplit } from "../_data/fetch/open_split.ts";
import { isSameFolder } from "../_files/files.ts";
import { createResultPrinter, printNote } from "../_text/print.ts";
import { createInitialState } from "./initial_state.ts";
import { type JsonLog, openJsonLog } from "./json_log.ts";
import type { RunPlan } from "./plan_run.ts";
import { createProgressDisplay, silentDisplay } from "./progress_display.ts";
import type { Run, RunState } from "./run.ts";
import { initialCounters, type RunCounters } from "./run_counters.ts";
import { isRunFile, openRunFolder } from "./run_folder.ts";
import { readBestAccuracy } from "./read_run.ts";
import { countSteps } from "./train_settings.ts";
import type { TrainingThreads } from "./training_threads.ts";

/** A run that is ready for its next step. */
export interface PreparedRun {
  readonly run: Run;
  readonly start: RunState;
}

/**
 * Prepares a run as planned: parameters, images, log and folder.
 *
 * @param began The time at which this process began with it, in milliseconds.
 */
export const prepareRun = (
  plan: RunPlan,
  threads: TrainingThreads,
  began: number,
): TE.TaskEither<Error, PreparedRun> =>
  pipe(
    createInitialState(plan.network, plan.optimizer, plan.settings, {
      saved: plan.saved,
      resume: plan.flags.resume,
      weights: plan.flags.weights,
      communicator: threads.communicator,
    }),
    TE.chainW((state) => attempt(() => openRun(plan, threads, state, began))),
  );

async function openRun(
  plan: RunPlan,
  threads: TrainingThreads,
  state: TrainState,
  began: number,
): Promise<PreparedRun> {
  const { backend, dataset, flags, model, network, note, optimizer, out, saved, settings } = plan;
  const { images, epochs, batchSize, testImages } = settings;
  const [trainSet, testSet] = await Promise.all([
    openSplit(dataset, "train", { limit: images }),
    openSplit(dataset, "test", { limit: testImages }),
  ]);
  await threads.ready;
  const counters = await takeCounters(plan);
  const lastStep = Math.min(flags.steps ?? Infinity, countSteps(settings));
  const stepsOfEpoch = countSteps({ ...settings, epochs: 1 });
  const folder = await openRunFolder(out.dir, network, optimizer, { model, settings }, {
    begin: out.begin,
    resume: flags.resume,
    saves: Math.ceil(lastStep / stepsOfEpoch) - counters.epoch,
    threads,
  });
  const { dir } = folder;
  const log = await openLog(plan, dir).catch(async (error) => {
    await folder.discard();
    throw error;
  });
  note(`run: saved to ${dir} after every epoch, and on Ctrl-C`);

  const display = flags.quiet ? silentDisplay : createProgressDisplay({
    epochs,
    steps: lastStep,
    images: Math.min(lastStep * batchSize, images * epochs),
    seen: counters.epoch * images + counters.index,
  });
  log.write({
    event: "run",
    rill: denoJson.version,
    deno: Deno.version.deno,
    task: ["train", ...Deno.args],
    backend: { name: backend.name, description: backend.description },
    kernels: flags.kernels ?? "rill",
    precision: flags.precision ?? "float32",
    threads: plan.threadCount,
    settings,
    steps: lastStep,
    testImages: testSet.length,
    weights: flags.weights ?? null,
    resumed: saved ? { dir: flags.resume, step: counters.step } : null,
    out: dir,
    data: Object.fromEntries(
      Object.values(fashionMnist.files).map(({ name, sha256 }) => [name, sha256]),
    ),
    time: new Date().toISOString(),
  });
  const interrupt = listenForInterrupt(() => {
    display.clear();
    note("interrupted: finishing the step and saving (Ctrl-C again ends at once, unsaved)");
  });
  return {
    run: {
      backend,
      model,
      network,
      optimizer,
      threads,
      settings,
      trainSet,
      testSet,
      lastStep,
      folder,
      log,
      logEvery: flags.logEvery ?? 10,
      display,
      print: createResultPrinter(),
      note,
      interrupt,
      seconds: () => counters.seconds + (performance.now() - began) / 1000,
    },
    start: { state, counters },
  };
}

/**
 * Takes the counters of the run that goes on. Its best accuracy counts only where the parameters are that had it: they may be
 * missing, or of a run that was to replace this one and ended while it saved.
 */
export async function takeCounters(
  { saved, flags }: Pick<RunPlan, "saved"> & { readonly flags: { readonly resume?: string } },
): Promise<RunCounters> {
  if (!saved) return initialCounters;
  const { bestAccuracy } = saved.counters;
  const isBest = await readBestAccuracy(String(flags.resume)) === bestAccuracy;
  return { ...saved.counters, bestAccuracy: isBest ? bestAccuracy : null };
}

/** Opens the log, which may lie in the run's folder, but not in the place of what is saved there. */
export async function openLog(
  { saved, flags }: Pick<RunPlan, "saved"> & { readonly flags: { readonly log?: string } },
  dir: string,
): Promise<JsonLog> {
  const { log } = flags;
  if (log !== undefined && isRunFile(basename(log)) && await isSameFolder(dirname(log), dir)) {
    throw new UsageError(
      `Cannot use --log ${log} as the run saves to a file of that name: name another one`,
    );
  }
  return await openJsonLog(log, saved !== undefined, printNote);
}
