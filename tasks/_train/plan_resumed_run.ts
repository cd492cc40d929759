import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import type { Backend } from "../../models/mod.ts";
import { attempt, UsageError } from "../_cli/errors.ts";
import { checkModelFile } from "../_model/load_model.ts";
import type { ModelConfig } from "../_model/model_config.ts";
import { describeRun } from "./describe_run.ts";
import type { SavedRun } from "./read_run.ts";
import { markData, RUN_VERSION, type RunConfig } from "./run_config.ts";
import type { TrainSettings } from "./train_settings.ts";

import {
  announce,
  type BegunRun,
  checkPipeline,
  chooseData,
  type RunRequest,
} from "./run_request.ts";

/** Plans how a run goes on: with its own settings, on data and code that must be the same. */
export function planResumed(
  request: RunRequest,
  saved: SavedRun,
  backend: Backend,
): TE.TaskEither<Error, BegunRun> {
  const { flags, note } = request;
  const resume = String(flags.resume);
  const settings: TrainSettings = { ...saved.settings, ...request.resumed };
  const model: ModelConfig = { ...saved.model, name: settings.model };
  return pipe(
    announce(request, backend, settings.batchSize),
    TE.map((threadCount) => ({ threadCount })),
    TE.tapIO(() => () => describeRun(backend, settings, saved).forEach(note)),
    TE.chainFirstW(() => checkModelFile(model, resume)),
    TE.bindW("data", () => chooseData(request, settings, settings)),
    TE.bindW("config", ({ data }) =>
      attempt(async (): Promise<RunConfig> => {
        const found = await markData(data);
        const { data: before = found, pipeline } = saved;
        if (found.images !== before.images || found.labels !== before.labels) {
          throw new UsageError(
            `Cannot go on with ${resume} as ${settings.data} has changed: the run was made with ` +
              `${before.images} training images, and now there are ${found.images}` +
              (found.images === before.images ? " with other labels" : ""),
          );
        }
        if (pipeline && (await checkPipeline(settings.pipeline)).hash !== pipeline.hash) {
          throw new UsageError(
            `Cannot go on with ${resume} as ${settings.pipeline} has changed since`,
          );
        }
        return { version: RUN_VERSION, model, settings, data: found, ...pipeline && { pipeline } };
      })),
    TE.map((plan) => ({ ...plan, weights: undefined })),
  );
}
