import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { type Backend, getOrThrow, NotFiniteError } from "../../models/mod.ts";
import { BackendError } from "../../models/backend/backend_error.ts";
import { tellOfRun } from "../_card/write_card.ts";
import { attempt, formatError } from "../_cli/errors.ts";
import type { FlagValues } from "../_cli/flags.ts";
import { findRunFolder } from "../_model/run_files.ts";
import { withBackend } from "../_model/with_backend.ts";
import { printNote } from "../_text/print.ts";
import { checkFlags } from "./settings/choose_settings.ts";
import type { LedRanks } from "./ranks.ts";
import { runAlone, runDistributed } from "./run_distributed.ts";
import { type OpenedRequest, openRequest } from "./open_request.ts";
import { planRun, type RunPlan } from "./plan_run.ts";
import { locate, NotFiniteRun, planRetry } from "./not_finite.ts";
import { planEpochs, runEpochs } from "./plan_epochs.ts";
import { type PreparedRun, prepareRun } from "./prepare_run.ts";
import { outlineData } from "./reopen_data.ts";
import { createReporter } from "./report_events.ts";
import { scoreTest } from "./score_test.ts";
import type { trainFlags } from "./train_flags.ts";

type Flags = FlagValues<typeof trainFlags>;

/**
 * Trains as the flags say, in this process or as one of several.
 *
 * @returns The exit code.
 */
export const runTraining = (flags: Flags): TE.TaskEither<Error, number> =>
  attempt(() =>
    flags.distributed
      ? runDistributed(flags, (ranks) => runHere(flags, ranks))
      : runAlone(runHere(flags))
  );

/** Trains as the flags say, in this process, with other ranks if there are any. */
function runHere(given: Flags, ranks?: LedRanks): TE.TaskEither<Error, number> {
  const flags = { ...given, ...given.resume && { resume: findRunFolder(given.resume) } };
  const note = flags.quiet ? () => {} : printNote;
  const held: { release(): void }[] = [];
  const run = pipe(
    TE.fromEither(checkFlags(flags)),
    TE.chainW((flags) =>
      attempt(() => openRequest(flags, note, (one) => void held.push(one), ranks))
    ),
    TE.chainW((request) => {
      const { finished } = request;
      if (finished !== undefined) {
        return attempt(async () => {
          note(finished);
          // It may have been killed before it had written that.
          const { flags: { resume }, saved, resumed } = request;
          const isDone = (saved?.position?.epoch ?? 0) >= (resumed?.epochs ?? Infinity);
          if (resume !== undefined && isDone) await tellOfRun(resume, note);
          return 0;
        });
      }
      return pipe(
        withBackend(
          request.flags,
          note,
          (backend) => trainOn(backend, request),
          () => request.tuning,
        ),
        TE.mapLeft((error) => explainRemembered(error, request, flags)),
      );
    }),
  );
  return async () => {
    try {
      return await run();
    } finally {
      held.forEach((one) => one.release());
    }
  };
}

/** Says which flag goes on where a run can't be computed as it was before, and nobody asked for that. */
export function explainRemembered(
  error: Error,
  { saved, flags }: Pick<OpenedRequest, "saved" | "flags">,
  given: Flags,
): Error {
  if (!(error instanceof BackendError) || !saved?.runtime) return error;
  const isPrecision = error.code === "precision-unsupported";
  const isOpened = error.code === "open-failed" || isPrecision || error.code === "no-adapter";
  const key = isPrecision ? "precision" : "backend";
  if (!isOpened || given[key] !== undefined) return error;
  return new Error(
    `Cannot go on with ${flags.resume} as it was computed: ${
      formatError(error)
    }; go on otherwise with ` +
      (isPrecision ? "--precision float32" : "--backend wasm"),
    { cause: error },
  );
}

/** Trains as it is asked for. If that fails before anything was saved, the run's folder is removed. */
const trainOn = (backend: Backend, request: OpenedRequest): TE.TaskEither<Error, number> =>
  attempt(async () => {
    const plan = getOrThrow(await planRun(backend, request)());
    const { flags: { dashboard: port } } = request;
    const dashboard = port === undefined
      ? undefined
      : await (await import("./dashboard/dashboard.ts")).openDashboard({ port, warn: printNote });
    // Also where only the epochs' lines are asked for: without its address there is no page.
    if (dashboard) printNote(`dashboard: ${dashboard.url}`);
    const prepared = await prepareRun(plan, undefined, dashboard).catch(async (error) => {
      await dashboard?.close(formatError(error));
      throw error;
    });
    const { badRecords, folder } = prepared.run;
    let reason: string | undefined;
    try {
      return await trainOrGoBack(plan, prepared);
    } catch (error) {
      reason = formatError(error);
      const left = badRecords.format();
      if (left !== undefined) printNote(left);
      await folder.discard();
      throw error;
    } finally {
      await folder.close();
      await dashboard?.close(reason);
    }
  });

/** Trains, and where the numbers cease to be finite goes back once, if that was asked for. */
async function trainOrGoBack(plan: RunPlan, prepared: PreparedRun): Promise<number> {
  try {
    return await train(prepared);
  } catch (error) {
    if (!(error instanceof NotFiniteRun)) throw error;
    const again = await planRetry(plan, error);
    if (!again) throw error;
    const back = await prepareRun(again, error.run);
    printNote(
      `warning: ${formatError(error.cause)}; going back to step ${back.run.position?.step ?? 0}, ` +
        `with a learning rate of ${again.config.settings.learningRate}`,
    );
    return await train(back);
  }
}

/** Trains to the run's last step. */
async function train({ run, from, reopen }: PreparedRun): Promise<number> {
  const { config, data, flags, folder } = run;
  const history = run.position?.history ?? [];
  using _interrupt = run.interrupt;
  const judged = data.validation ?? data.test;
  const report = createReporter(run, judged?.length ?? 0);
  /** Where the run's last checkpoint lies. */
  let dir = run.position && flags.resume;
  const { backend, input, options, ranks, signal, threadCount, workers } = run;
  const { steps } = flags;
  const training = planEpochs({
    ...{ backend, config, data, input, options, signal, steps, threadCount },
    processes: ranks?.communicator,
    createWorker: workers.takeThread,
    saveWanted: run.dashboard && (() => run.dashboard!.takeWish()),
    from,
  });
  const { classWeights, judgedWeights } = options;
  if (ranks) {
    const outlines = await outlineData(data);
    ranks.start({ config, outlines, threadCount, steps, history, classWeights, judgedWeights });
  }
  const events = runEpochs(training, config.settings, history, async (checkpoint) => {
    // Before it is there: a run that goes on from it has its line.
    const memory = await folder.save(checkpoint, () => report.save(checkpoint));
    ({ dir } = folder);
    return memory;
  });
  let isScored = true;
  try {
    for await (const event of events) {
      report.take(event);
      const change = event.kind === "epoch" ? await run.findChange() : undefined;
      if (change !== undefined) printNote(change);
    }
    if (report.isDone && data.validation && data.test) isScored = await scoreTest(run, data.test);
  } catch (thrown) {
    run.display.clear();
    const error = thrown instanceof NotFiniteError
      ? new NotFiniteRun(
        // This rank alone, and all of each batch.
        await locate(thrown, { ...training, train: input.train }, dir, reopen),
        run,
        dir,
      )
      : thrown;
    await run.log.close();
    throw error;
  } finally {
    run.display.clear();
  }
  const code = await report.end(isScored);
  await run.log.close();
  if (report.isDone && isScored) await tellOfRun(folder.dir, run.note);
  return code;
}
