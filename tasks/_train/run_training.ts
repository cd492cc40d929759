import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import type { Backend } from "../../models/mod.ts";
import { attempt, catchThrown, quotePath } from "../_cli/errors.ts";
import type { FlagValues } from "../_cli/flags.ts";
import { findRunFolder } from "../_model/run_files.ts";
import { printNote } from "../_text/print.ts";
import { withBackend } from "../_model/with_backend.ts";
import { checkNetwork, checkParams } from "./check_finite.ts";
import { checkFlags, resumeSettings } from "./choose_settings.ts";
import { describeFinished } from "./describe_run.ts";
import { planRun, type RunPlan, type RunRequest } from "./plan_run.ts";
import { type PreparedRun, prepareRun } from "./prepare_run.ts";
import { readRun } from "./read_run.ts";
import type { Run, RunState } from "./run.ts";
import {
  addSeconds,
  emptySums,
  formatEpoch,
  formatSums,
  type RunCounters,
} from "./run_counters.ts";
import { TEST_BATCH_SIZE, testEpoch } from "./test_epoch.ts";
import { trainEpoch } from "./train_epoch.ts";
import type { trainFlags } from "./train_flags.ts";
import { startThreads, type TrainingThreads } from "./training_threads.ts";

/**
 * Trains the chapter's AlexNet as the flags say.
 *
 * @returns The exit code.
 */
export function runTraining(given: FlagValues<typeof trainFlags>): TE.TaskEither<Error, number> {
  const flags = { ...given, ...given.resume && { resume: findRunFolder(given.resume) } };
  const { resume } = flags;
  const note = flags.quiet ? () => {} : printNote;
  return pipe(
    TE.Do,
    TE.bindW("flags", () => TE.fromEither(checkFlags(flags))),
    TE.bindW("saved", () => resume === undefined ? TE.right(undefined) : readRun(resume)),
    TE.bindW(
      "resumed",
      ({ saved }) =>
        saved
          ? TE.fromEither(resumeSettings(saved.settings, flags, saved.counters))
          : TE.right(undefined),
    ),
    TE.chainW(({ saved, resumed }) => {
      const finished = resume !== undefined && saved && resumed &&
        describeFinished(resumed, saved.counters, { resume, steps: flags.steps });
      if (finished) return TE.fromIO(() => (note(finished), 0));
      return withBackend(
        flags,
        note,
        (backend) => trainOn(backend, { flags, saved, resumed, note }),
      );
    }),
  );
}

function trainOn(backend: Backend, request: RunRequest): TE.TaskEither<Error, number> {
  const began = performance.now();
  return pipe(
    planRun(backend, request),
    TE.chain((plan) =>
      withThreads(plan, (threads) =>
        pipe(
          prepareRun(plan, threads, began),
          TE.chain((prepared) => attempt(() => trainToEnd(prepared))),
        ))
    ),
  );
}

/** Runs a body with the threads of a run, which end with it. */
const withThreads = <A>(
  { threadCount, model, settings, flags }: RunPlan,
  body: (threads: TrainingThreads) => TE.TaskEither<Error, A>,
): TE.TaskEither<Error, A> =>
  TE.bracket(
    TE.fromIO(() =>
      startThreads(threadCount, Math.max(settings.batchSize, TEST_BATCH_SIZE), {
        model,
        settings,
        kernels: flags.kernels,
        resume: flags.resume,
        weights: flags.weights,
      })
    ),
    (threads) => catchThrown(() => body(threads)),
    (threads) => TE.fromIO(() => threads[Symbol.dispose]()),
  );

/** Trains to the run's last step. If that fails before anything was saved, its folder is removed. */
async function trainToEnd({ run, start }: PreparedRun): Promise<number> {
  using _interrupt = run.interrupt;
  try {
    return await trainEpochs(run, start);
  } catch (error) {
    await run.folder.discard();
    throw error;
  } finally {
    run.display.clear();
  }
}

/** Trains epoch after epoch, from the current step to the run's last. */
async function trainEpochs(run: Run, current: RunState): Promise<number> {
  const { settings: { epochs, images }, interrupt } = run;
  while (current.counters.epoch < epochs && current.counters.step < run.lastStep) {
    const began = performance.now();
    let { state, counters } = await trainEpoch(run, current);
    const done = counters.index === images;
    const tally = done && !interrupt.requested
      ? await testEpoch(run, { state, counters })
      : undefined;
    counters = addSeconds(counters, (performance.now() - began) / 1000);
    if (interrupt.requested) return await endInterrupted(run, { state, counters });
    if (!tally) return await endWithinEpoch(run, { state, counters });
    current = {
      state,
      counters: await endEpoch(run, { state, counters }, tally.correct / tally.examples),
    };
  }
  return await endRun(run, current.counters);
}

/** Saves after an epoch, and prints its line. */
async function endEpoch(
  run: Run,
  { state, counters }: RunState,
  testAccuracy: number,
): Promise<RunCounters> {
  const { epoch, sums, bestAccuracy } = counters;
  const best = bestAccuracy === null || testAccuracy > bestAccuracy;
  const next: RunCounters = {
    ...counters,
    epoch: epoch + 1,
    index: 0,
    sums: emptySums,
    bestAccuracy: best ? testAccuracy : bestAccuracy,
    seconds: run.seconds(),
  };
  await checkParams(run.network, state);
  await run.folder.save(state, next, { best });
  run.display.clear();
  run.print(formatEpoch(epoch + 1, sums, testAccuracy));
  run.log.write({
    event: "epoch",
    epoch: epoch + 1,
    loss: sums.losses / sums.images,
    trainAccuracy: sums.correct / sums.images,
    testAccuracy,
    seconds: next.seconds,
  });
  return next;
}

async function saveWithinEpoch(run: Run, { state, counters }: RunState): Promise<void> {
  await checkParams(run.network, state);
  await checkNetwork(run, state);
  await run.folder.save(state, { ...counters, seconds: run.seconds() }, { best: false });
}

async function endInterrupted(run: Run, { state, counters }: RunState): Promise<number> {
  const { folder: { dir } } = run;
  await saveWithinEpoch(run, { state, counters });
  run.display.clear();
  printNote(
    `interrupted after step ${counters.step}: saved to ${dir}; ` +
      `go on with: deno task train --resume ${quotePath(dir)}`,
  );
  return run.interrupt.code;
}

async function endWithinEpoch(run: Run, { state, counters }: RunState): Promise<number> {
  const { folder: { dir } } = run;
  await saveWithinEpoch(run, { state, counters });
  run.display.clear();
  run.print(`step ${counters.step}, ${formatSums(counters.sums)}`);
  run.note(`saved to ${dir}; go on with: deno task train --resume ${quotePath(dir)}`);
  return 0;
}

async function endRun(run: Run, { bestAccuracy }: RunCounters): Promise<number> {
  const { folder: { dir, hasBest } } = run;
  const best = bestAccuracy !== null && await hasBest()
    ? `; best test acc ${bestAccuracy.toFixed(3)}; look closer with: ` +
      `deno task evaluate --checkpoint ${quotePath(`${dir}/best.safetensors`)}`
    : "";
  run.note(`saved to ${dir}${best}`);
  return 0;
}
