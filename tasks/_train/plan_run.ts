import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import type { Backend, Network, Optimizer } from "../../models/mod.ts";
import { attempt } from "../_cli/errors.ts";
import type { FlagValues } from "../_cli/flags.ts";
import type { Dataset } from "../_data/fetch/dataset.ts";
import { ensureDataset } from "../_data/fetch/ensure_dataset.ts";
import { buildModel, type ModelConfig } from "../_model/model_config.ts";
import { chooseOut, type OutChoice } from "./choose_out.ts";
import { chooseSettings } from "./choose_settings.ts";
import { chooseThreads } from "./choose_threads.ts";
import { describeRun } from "./describe_run.ts";
import { chooseOptimizer } from "./initial_state.ts";
import { checkJsonLog } from "./json_log.ts";
import type { SavedRun } from "./read_run.ts";
import type { trainFlags } from "./train_flags.ts";
import { chapter, cpuPreset, toModelConfig, type TrainSettings } from "./train_settings.ts";

/** The command line of a run, and the run that goes on, if any. */
export interface RunRequest {
  readonly flags: FlagValues<typeof trainFlags>;
  readonly saved: SavedRun | undefined;
  /** The settings with which that run goes on. */
  readonly resumed: TrainSettings | undefined;
  /** Takes a line that --quiet leaves out. */
  readonly note: (line: string) => void;
}

/** Everything that is decided before anything is written or computed. */
export interface RunPlan extends RunRequest {
  readonly backend: Backend;
  readonly settings: TrainSettings;
  readonly threadCount: number;
  readonly model: ModelConfig;
  readonly network: Network;
  readonly optimizer: Optimizer;
  /** The folder to save to. */
  readonly out: OutChoice;
  readonly dataset: Dataset;
}

/** Plans a run and prints its first lines, from the cheapest check to the dearest: settings, shapes, folder, data. */
export function planRun(backend: Backend, request: RunRequest): TE.TaskEither<Error, RunPlan> {
  const { flags, saved, resumed, note } = request;
  const { kernels, dataDir, quiet } = flags;
  const preset = backend.hardware ? chapter : cpuPreset;
  return pipe(
    E.Do,
    E.bindW("settings", () => resumed ? E.right(resumed) : chooseSettings(preset, flags)),
    E.bindW(
      "threadCount",
      ({ settings }) => chooseThreads(flags.threads, backend, settings.batchSize),
    ),
    TE.fromEither,
    TE.tapIO(({ settings, threadCount: threads }) => () =>
      describeRun(backend, settings, saved, { kernels, threads, given: flags }).forEach(note)
    ),
    TE.map((plan) => ({
      ...plan,
      model: toModelConfig(plan.settings),
      optimizer: chooseOptimizer(plan.settings),
    })),
    TE.bindW("network", ({ model }) => TE.fromEither(buildModel(model))),
    TE.bindW("out", () => chooseOut(flags)),
    TE.chainFirstW(({ out }) => attempt(() => checkJsonLog(flags.log, out.dir))),
    TE.bindW("dataset", () => attempt(() => ensureDataset({ dataDir, quiet, log: note }))),
    TE.map((plan) => ({ ...request, ...plan, backend })),
  );
}
