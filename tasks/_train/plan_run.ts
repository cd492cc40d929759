import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import type { Backend, Network } from "../../models/mod.ts";
import { listFirst, matchesPattern } from "../../models/types/_names.ts";
import { attempt, UsageError } from "../_cli/errors.ts";
import { computeClassWeights } from "../_data/open_data.ts";
import { isSameFolder } from "../_files/files.ts";
import { loadModel } from "../_model/load_model.ts";
import { chooseOut, type OutChoice } from "./choose_out.ts";
import { checkJsonLog, checkOwnLog } from "./report/log_file.ts";
import { listPatterns } from "./settings/plan_optimizer.ts";
import type { RunConfig } from "./run_config.ts";
import { describeChanges, toRuntime } from "./runtime.ts";
import type { RunPlanOptions } from "./training_plan.ts";
import { planNew } from "./plan_new_run.ts";
import { planResumed } from "./plan_resumed_run.ts";
import type { BegunRun, RunRequest } from "./run_request.ts";

/** Everything that is decided before anything is written or computed. */
export interface RunPlan extends RunRequest, BegunRun {
  readonly config: RunConfig;
  readonly backend: Backend;
  readonly network: Network;
  /** What every thread plans the training by. */
  readonly options: Omit<RunPlanOptions, "takesBytes">;
  /** The folder to save to. */
  readonly out: OutChoice;
}

/** Plans a run and prints its first lines, from the cheapest check to the dearest: settings, data, shapes, folder. */
export const planRun = (backend: Backend, request: RunRequest): TE.TaskEither<Error, RunPlan> =>
  pipe(
    request.saved ? planResumed(request, request.saved, backend) : planNew(request, backend),
    TE.bindW(
      "network",
      ({ config: { model, settings } }) =>
        loadModel(model, { inUse: listPatterns(settings.freeze) }),
    ),
    TE.chainFirstW(({ network, config: { settings } }) =>
      TE.fromEither(checkFreeze(settings.freeze, network))
    ),
    TE.bindW("out", () => chooseOut(request.flags)),
    TE.chainFirstW(({ out }) => attempt(() => checkLogs(request, out.dir))),
    TE.map(({ config: planned, data, ...plan }): RunPlan => {
      const { model, settings } = planned;
      const { flags, saved, tuning, note } = request;
      const runtime = toRuntime(flags, backend, {
        threads: plan.threadCount,
        tuning,
        retried: request.retried?.step ?? saved?.runtime?.retried,
      });
      describeChanges(saved?.runtime, runtime).forEach(note);
      const weights = flags.weights ?? saved?.weights;
      const config: RunConfig = { ...planned, ...weights !== undefined && { weights }, runtime };
      const weigh = (labels: ArrayLike<number>) => computeClassWeights(labels, data.classes.length);
      const classWeights = settings.classWeights ? weigh(data.train.labels) : undefined;
      const judged = data.validation ?? data.test;
      const judgedWeights = settings.best === "balanced-accuracy" && judged
        ? weigh(judged.labels)
        : undefined;
      return {
        ...request,
        ...plan,
        backend,
        config,
        data,
        options: { model, settings, classWeights, judgedWeights },
      };
    }),
  );

/** Checks that a run may log in its folder, and where it was asked to. */
async function checkLogs({ flags, saved }: RunRequest, dir: string): Promise<void> {
  const { log, resume, tensorboard } = flags;
  if (tensorboard !== undefined) {
    await (await import("./tensorboard/event_file.ts")).checkEventFolder(tensorboard);
  }
  await checkJsonLog(log, dir);
  await checkOwnLog(dir, !!saved && resume !== undefined && await isSameFolder(resume, dir));
}

/** The most names that a message lists. */
const MOST_NAMES = 6;

/** Checks that each pattern of `--freeze` is of some parameter's name, or a layer's. */
function checkFreeze(freeze: string, { parameters }: Network): E.Either<UsageError, void> {
  const names = parameters.map(({ name }) => name);
  const unknown = listPatterns(freeze).find((pattern) =>
    !names.some((name) => matchesPattern(pattern, name) || name.startsWith(`${pattern}.`))
  );
  if (unknown === undefined) return E.right(undefined);
  return E.left(
    new UsageError(
      `Cannot use --freeze ${unknown} as no parameter has such a name: there are ${
        listFirst(names, MOST_NAMES)
      }`,
    ),
  );
}
