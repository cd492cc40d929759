import { pipe } from "fp-ts/lib/function.js";
import {
  type Backend,
  type CopiedCheckpoint,
  type EpochResult,
  saveBeside,
  type SaveResult,
  stopEarly,
  trainEpochs,
  type TrainEpochsOptions,
  type TrainingEvent,
} from "../../models/mod.ts";
import { recycle } from "../../pipelines/data/recycle.ts";
import type { DataSet } from "../_data/open_data.ts";
import type { RunConfig } from "./run_config.ts";
import type { TrainBatch, TrainInput } from "./train_input.ts";
import type { RunPlanOptions } from "./training_plan.ts";

/** What a run's training is made of, in each process that shares it. */
export interface EpochsRequest extends
  Pick<
    TrainEpochsOptions<TrainBatch>,
    "createWorker" | "from" | "processes" | "saveWanted" | "signal" | "steps"
  > {
  readonly backend: Backend;
  readonly config: RunConfig;
  readonly data: DataSet;
  readonly input: TrainInput;
  /** What every thread plans the training by. */
  readonly options: Omit<RunPlanOptions, "takesBytes">;
  readonly threadCount: number;
}

/** Plans the epochs of a run. */
export function planEpochs(
  { config, data, input, options, threadCount, ...given }: EpochsRequest,
): TrainEpochsOptions<TrainBatch> {
  const { runtime, settings } = config;
  const judged = data.validation ?? data.test;
  return {
    ...given,
    model: new URL("training_plan.ts", import.meta.url),
    options: { ...options, takesBytes: input.takesBytes },
    threads: threadCount,
    kernels: runtime.kernels,
    epochs: settings.epochs,
    seed: settings.seed,
    train: (at) => input.train(at, given.processes),
    validate: judged && (() => input.evaluate(judged, given.processes)),
    saveEvery: runtime.saveEvery,
    release: recycle,
  };
}

/** Runs the epochs of a run, which may end early, and has its checkpoints saved. */
export function runEpochs(
  training: TrainEpochsOptions<TrainBatch>,
  { best: metric, patience }: RunConfig["settings"],
  history: readonly EpochResult[],
  save: (checkpoint: CopiedCheckpoint) => Promise<SaveResult>,
): AsyncIterable<TrainingEvent<"accuracy", TrainBatch>> {
  return pipe(
    trainEpochs(training),
    (events) => patience > 0 ? stopEarly({ metric, patience, history })(events) : events,
    saveBeside(save, { metric }),
  );
}
