import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import type { Backend } from "../../models/mod.ts";
import { attempt, UsageError } from "../_cli/errors.ts";
import { describeRun } from "./describe_run.ts";
import type { SavedRun } from "./parse_run.ts";
import { RUN_VERSION } from "../_model/model_config.ts";
import { markData } from "./run_config.ts";
import {
  announce,
  type BegunRun,
  checkPipeline,
  chooseData,
  nameModel,
  type RunRequest,
} from "./run_request.ts";
import type { TrainSettings } from "./settings/train_settings.ts";

/** Plans how a run goes on: with its own settings, on data and code that must be the same. */
export function planResumed(
  request: RunRequest,
  saved: SavedRun,
  backend: Backend,
): TE.TaskEither<Error, BegunRun> {
  const { flags, note } = request;
  const resume = String(flags.resume);
  const settings: TrainSettings = { ...saved.settings, ...request.resumed };
  // That a backend is asked for by name may be the run's own doing.
  const reason = saved.runtime?.backend === backend.name ? "as it was before" : backend.reason;
  return pipe(
    announce(request, { ...backend, reason }, settings.batchSize),
    TE.map((threadCount) => ({ threadCount })),
    TE.tapIO(() => () => describeRun(backend, settings, saved).forEach(note)),
    TE.bindW(
      "model",
      () =>
        flags.model === undefined
          ? TE.right(saved.model)
          : attempt(async () => ({ ...saved.model, ...await nameModel(settings.model) })),
    ),
    TE.bindW("data", () =>
      pipe(
        chooseData(request, settings, settings),
        TE.mapLeft((error) => explainFewer(error, request, settings)),
      )),
    TE.bindW("config", ({ data, model }) =>
      attempt(async (): Promise<BegunRun["config"]> => {
        const found = await markData(data);
        const { data: before = found, pipeline } = saved;
        if (found.images !== before.images || found.labels !== before.labels) {
          throw new UsageError(
            `Cannot go on with ${resume} as ${settings.data} has changed: the run was made with ` +
              `${before.images} training images, and now there are ${found.images}` +
              (found.images === before.images ? " with other labels" : ""),
          );
        }
        const file = pipeline && await checkPipeline(settings.pipeline);
        if (file && flags.pipeline === undefined && file.hash !== pipeline.hash) {
          throw new UsageError(
            `Cannot go on with ${resume} as ${settings.pipeline} has changed since: ` +
              "name the file to use with --pipeline",
          );
        }
        return {
          version: RUN_VERSION,
          model,
          settings,
          data: found,
          ...file && { pipeline: file },
        };
      })),
    TE.map(({ model: _, ...plan }) => ({ ...plan, weights: undefined })),
  );
}

/** Says of data that have fewer images than a run was made with that they have changed: nobody has given these numbers now. */
function explainFewer(
  error: Error,
  { flags }: RunRequest,
  { data, images, testImages }: TrainSettings,
): Error {
  const isGiven = flags.images !== undefined || flags.testImages !== undefined;
  const isOfNumbers = error instanceof UsageError &&
    /^Cannot use --(test-)?images /.test(error.message);
  return isGiven || !isOfNumbers ? error : new UsageError(
    `Cannot go on with ${flags.resume} as ${data} has changed: the run was made with ${images} training images and ` +
      `${testImages} test images, and there are fewer now`,
  );
}
