import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import {
  adam,
  type CheckpointError,
  type Communicator,
  importOptimizerState,
  initTrainState,
  type Network,
  type Optimizer,
  randomKey,
  sgd,
  type StoredTensor,
  type TrainState,
} from "../../models/mod.ts";
import { releaseNumbers } from "../../models/ops/_ops.ts";
import { loadParams, readCheckpoint, requireFinite } from "../_model/checkpoint.ts";
import { findParamsFile } from "../_model/run_files.ts";
import type { SavedRun } from "./read_run.ts";
import { planLearningRate, type TrainSettings } from "./train_settings.ts";

/** Creates the optimizer that the settings name. */
export function chooseOptimizer(settings: TrainSettings): Optimizer {
  const { optimizer, momentum } = settings;
  const learningRate = planLearningRate(settings);
  return optimizer === "adam" ? adam({ learningRate }) : sgd({ learningRate, momentum });
}

/** The sources of the first state that are not the settings. */
export interface InitialStateOptions {
  /** The run that goes on, and its folder. */
  readonly saved?: SavedRun | undefined;
  readonly resume?: string | undefined;
  /** The file of the parameters to start from. */
  readonly weights?: string | undefined;
  /** The threads that share the training; this one alone by default. */
  readonly communicator?: Communicator;
}

/**
 * Creates the state before the first step of this process: with drawn parameters, or those of a file, or that of a saved run;
 * fails if a file doesn't fit the network. The saved run's tensors are given back, as the state has copies of them.
 */
export function createInitialState(
  network: Network,
  optimizer: Optimizer,
  settings: TrainSettings,
  { saved, resume, weights, ...options }: InitialStateOptions,
): TE.TaskEither<CheckpointError, TrainState> {
  const init = (start: Parameters<typeof initTrainState>[3]) =>
    initTrainState(network, optimizer, randomKey(settings.seed), { ...start, ...options });
  if (saved) {
    const { counters: { step }, params, optimizer: running } = saved;
    const dir = String(resume);
    return pipe(
      TE.Do,
      TE.bindW("variables", () => loadParams(network, params, dir)),
      TE.tapIO(() => () => releaseTensors(params)),
      TE.bindW("optimizer", () =>
        pipe(
          importOptimizerState(network, optimizer, running, step),
          E.mapLeft((error) => error.withSource(dir)),
          TE.fromEither,
        )),
      TE.tapIO(() => () => releaseTensors(running)),
      TE.map((loaded) => init({ ...loaded, step })),
    );
  }
  if (weights !== undefined) {
    return pipe(
      findParamsFile(weights),
      TE.chain((path) =>
        pipe(
          readCheckpoint(path),
          TE.chainEitherK(({ tensors }) => requireFinite(tensors, path)),
          TE.chain((tensors) =>
            pipe(
              loadParams(network, tensors, path),
              TE.tapIO(() => () => releaseTensors(tensors)),
            )
          ),
        )
      ),
      TE.map((variables) => init({ variables })),
    );
  }
  return TE.fromIO(() => init({ initializer: settings.init }));
}

/** Gives back the memory of tensors that were read from a file, in whose buffer they lie. */
function releaseTensors(tensors: Readonly<Record<string, StoredTensor>>): void {
  for (const { data } of Object.values(tensors)) {
    // Many lie in one buffer, without which they are empty.
    if (data.length > 0) releaseNumbers(data);
  }
}
