import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { type Backend, saveEach, stopEarly, trainEpochs } from "../../models/mod.ts";
import { recycle } from "../../pipelines/mod.ts";
import { attempt } from "../_cli/errors.ts";
import type { FlagValues } from "../_cli/flags.ts";
import { findRunFolder } from "../_model/run_files.ts";
import { withBackend } from "../_model/with_backend.ts";
import { printNote } from "../_text/print.ts";
import { checkFlags, resumeSettings } from "./choose_settings.ts";
import { describeFinished } from "./describe_run.ts";
import { planRun } from "./plan_run.ts";
import type { RunRequest } from "./run_request.ts";
import { type PreparedRun, prepareRun } from "./prepare_run.ts";
import { readRun } from "./read_run.ts";
import { createReporter } from "./report_events.ts";
import { scoreTest } from "./score_test.ts";
import type { trainFlags } from "./train_flags.ts";

/**
 * Trains as the flags say.
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
        TE.fromEither(
          saved ? resumeSettings(saved.settings, flags, saved.position) : E.right(undefined),
        ),
    ),
    TE.chainW(({ saved, resumed }) => {
      const finished = resume !== undefined && saved && resumed &&
        describeFinished(resumed, saved.position, { resume, steps: flags.steps });
      if (finished) return TE.fromIO(() => (note(finished), 0));
      return withBackend(
        flags,
        note,
        (backend) => trainOn(backend, { flags, saved, resumed, note }),
      );
    }),
  );
}

const trainOn = (backend: Backend, request: RunRequest): TE.TaskEither<Error, number> =>
  pipe(
    planRun(backend, request),
    TE.chain((plan) => attempt(async () => await train(await prepareRun(plan)))),
  );

/** Trains to the run's last step. If that fails before anything was saved, its folder is removed. */
async function train({ run, from }: PreparedRun): Promise<number> {
  const { backend, config: { settings }, data, flags, folder, input, options } = run;
  const { best: metric, patience } = settings;
  const history = run.position?.history ?? [];
  using _interrupt = run.interrupt;
  const judged = data.validation ?? data.test;
  const events = pipe(
    trainEpochs({
      backend,
      model: new URL("training_plan.ts", import.meta.url),
      options: { ...options, takesBytes: input.takesBytes },
      threads: run.threadCount,
      kernels: flags.kernels,
      epochs: settings.epochs,
      steps: flags.steps,
      seed: settings.seed,
      train: input.train,
      validate: judged && (() => input.evaluate(judged)),
      from,
      signal: run.signal,
      release: recycle,
    }),
    (events) => patience > 0 ? stopEarly({ metric, patience, history })(events) : events,
    saveEach((checkpoint) => folder.save(checkpoint), { metric }),
  );
  const report = createReporter(run, judged?.length ?? 0);
  try {
    for await (const event of events) report.take(event);
    if (report.isDone && data.validation && data.test) await scoreTest(run, data.test);
  } catch (error) {
    const left = run.badRecords.format();
    if (left !== undefined) printNote(left);
    await folder.discard();
    throw error;
  } finally {
    run.display.clear();
  }
  return await report.end();
}
