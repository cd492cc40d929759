import { loadParams, readCheckpoint } from "../_model/checkpoint.ts";
import {
  adam,
  CheckpointError,
  type Communicator,
  importOptimizerState,
  initTrainState,
  type Network,
  type Optimizer,
  randomKey,
  sgd,
  type TrainState,
  warmupDecay,
} from "../../models/mod.ts";
import type { SavedRun } from "./read_run.ts";
import { totalSteps, type TrainSettings } from "./train_settings.ts";

/** The optimiser that the settings name. */
export function chooseOptimizer(settings: TrainSettings): Optimizer {
  const { optimizer, momentum, decay } = settings;
  const learningRate = warmupDecay({
    peak: settings.learningRate,
    warmupSteps: settings.warmup,
    ...(decay === "linear" && { steps: totalSteps(settings) }),
  });
  return optimizer === "adam" ? adam({ learningRate }) : sgd({ learningRate, momentum });
}

/**
 * The state before the first step of this process: drawn, or with the parameters of a file, or that of a saved run.
 *
 * @throws {CheckpointError} When a file doesn't fit the network.
 */
export async function createInitialState(
  network: Network,
  optimizer: Optimizer,
  settings: TrainSettings,
  { saved, savedDir, weights, communicator }: {
    readonly saved?: SavedRun;
    readonly savedDir?: string;
    readonly weights?: string;
    readonly communicator?: Communicator;
  },
): Promise<TrainState> {
  const key = randomKey(settings.seed);
  if (saved) {
    const { step } = saved.progress;
    const params = loadParams(network, saved.params, `${savedDir}`);
    const state = importOptimizerState(network, optimizer, saved.optimizer, step);
    if (state._tag === "Left") {
      throw new CheckpointError(`${savedDir}: ${state.left.message}`, state.left);
    }
    return initTrainState(network, optimizer, key, {
      params,
      optimizer: state.right,
      step,
      communicator,
    });
  }
  if (weights !== undefined) {
    const { tensors } = await readCheckpoint(weights);
    const params = loadParams(network, tensors, weights);
    return initTrainState(network, optimizer, key, { params, communicator });
  }
  return initTrainState(network, optimizer, key, { initializer: settings.init, communicator });
}
