import type { Communicator } from "../../parallel/communicator.ts";
import { randomKey } from "../../random/key.ts";
import { disposeTensors } from "../../types/_tensors.ts";
import { getOrThrow } from "../../types/either.ts";
import type { Params, Variables } from "../../types/tensor.ts";
import type { StoredTensor } from "../../weights/checkpoint.ts";
import { importOptimizerState } from "../../weights/optimizer_state.ts";
import { importParams } from "../../weights/params.ts";
import { initTrainState, type TrainState } from "../train_state.ts";
import type { TrainingPlan } from "./training_plan.ts";

/** A training at rest, as it goes on. */
export interface SavedStart {
  readonly params: Readonly<Record<string, StoredTensor>>;
  /** The optimizer's running values; none were there before by default. */
  readonly optimizer?: Readonly<Record<string, StoredTensor>> | undefined;
  /** The number of steps made, and of the optimizer's updates. */
  readonly step: number;
  readonly updates: number;
}

/**
 * Creates the state before the first step: with drawn parameters, with tensors at rest, or with variables, which it owns then.
 *
 * @throws {CheckpointError} If tensors at rest don't fit.
 */
export function createState(
  { network, optimizer, initializer }: Pick<
    TrainingPlan,
    "network" | "optimizer" | "initializer"
  >,
  { seed, start, communicator }: {
    readonly seed: number;
    readonly start: SavedStart | Variables | undefined;
    readonly communicator: Communicator;
  },
): TrainState {
  const init = (options: Parameters<typeof initTrainState>[3]) =>
    initTrainState(network, optimizer, randomKey(seed), { ...options, communicator });
  if (!start) return init({ initializer });
  if ("buffers" in start) return init({ variables: start });
  const { params, optimizer: running, step, updates } = start;
  const variables = getOrThrow(importParams(network, params));
  try {
    return init({
      variables,
      step,
      optimizer: running && getOrThrow(importOptimizerState(network, optimizer, running, updates)),
    });
  } catch (error) {
    disposeVariables(variables);
    throw error;
  }
}

/** Releases parameters and buffers. */
export function disposeVariables({ params, buffers }: Variables): void {
  disposeTensors(params);
  disposeTensors(buffers);
}

/** Releases a state. What a failed step has taken of it is gone already. */
export function disposeState(state: TrainState): void {
  const { slots, scaling, accumulated } = state.optimizer;
  for (const tensors of [state.params, state.buffers, ...Object.values(slots)] as Params[]) {
    disposeTensors(tensors);
  }
  scaling?.dispose();
  accumulated?.weight.dispose();
}
