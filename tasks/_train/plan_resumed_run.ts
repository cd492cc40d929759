import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import type { Backend } from "../../models/mod.ts";
import { attempt, UsageError } from "../_cli/errors.ts";
import { describeRun } from "./describe_run.ts";
import type { SavedRun } from "./parse_run.ts";
import { RUN_VERSION } from "../_model/model_config.ts";
import { reopenData } from "./reopen_data.ts";
import type { DataMark } from "./run_config.ts";
import { explainSame } from "./runtime.ts";
import {
  announce,
  type BegunRun,
  checkPipeline,
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
  const before = saved.runtime?.backend === backend.name ? saved.runtime : undefined;
  const explain = (threads: number) => before ? explainSame(before, threads) : backend.reason;
  return pipe(
    announce(request, backend, settings.batchSize, explain),
    TE.tapIO(() => () => describeRun(backend, settings, saved).forEach(note)),
    TE.bindW(
      "model",
      () =>
        flags.model === undefined
          ? TE.right(saved.model)
          : attempt(async () => ({ ...saved.model, ...await nameModel(settings.model) })),
    ),
    TE.bindW("found", () =>
      reopenData(
        request,
        settings,
        saved.data,
        (found) => new UsageError(describeOther(found, saved.data, settings, resume)),
      )),
    TE.bindW("config", ({ found, model }) =>
      attempt(async (): Promise<BegunRun["config"]> => {
        const { pipeline } = saved;
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
          data: found.mark,
          ...file && { pipeline: file },
        };
      })),
    TE.map(({ model: _, found: { data }, ...plan }) => ({ ...plan, data, weights: undefined })),
  );
}

/** Describes data that have changed since a run was made with them. */
function describeOther(
  found: DataMark | undefined,
  before: DataMark | undefined,
  { data, images, testImages }: TrainSettings,
  resume: string,
): string {
  const numbers = found && before
    ? `${before.images} training images, and now there are ${found.images}` +
      (found.images === before.images ? " with other labels" : "")
    : `${images} training images and ${testImages} test images, and there are fewer now`;
  return `Cannot go on with ${resume} as ${data} has changed: the run was made with ${numbers}`;
}
