import { randomKey } from "../../random/key.ts";
import { disposeTensors } from "../../types/_tensors.ts";
import { getOrThrow } from "../../types/either.ts";
import type { Variables } from "../../types/tensor.ts";
import type { StoredTensor } from "../../weights/checkpoint.ts";
import { importOptimizerState } from "../../weights/optimizer_state.ts";
import { importParams } from "../../weights/params.ts";
import { disposeOptimizerState } from "../../optimizers/_dispose_state.ts";
import type { OptimizerState } from "../../optimizers/optimizer.ts";
import type { Communicator } from "../../parallel/communicator.ts";
import { outlinePlan } from "../threads/_load_plan.ts";
import { spreadStart } from "../threads/_spread_start.ts";
import { initTrainState, type TrainState } from "../train_state.ts";
import type { TrainingThreads } from "../threads/_training_threads.ts";
import type { TrainingPlan } from "../threads/training_plan.ts";

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
 * Creates the state before the first step: with drawn parameters, with tensors at rest, or with variables, which it owns then; and
 * has the other threads do so. All processes take the start of the first one.
 *
 * @throws {CheckpointError} If tensors at rest don't fit.
 */
export async function createState(
  plan: Pick<TrainingPlan, "network" | "optimizer" | "initializer">,
  { seed, isDrawn, start, processes, threads, release }: {
    readonly seed: number;
    /** Joins the processes, of which the first one may have a start; this one alone by default. */
    readonly processes?: Communicator | undefined;
    /** Whether none has. */
    readonly isDrawn?: boolean;
    readonly start: SavedStart | Variables | undefined;
    readonly threads: TrainingThreads;
    /** Called once tensors at rest are copied. */
    release(): void;
  },
): Promise<TrainState> {
  const { network, optimizer, initializer } = plan;
  const { communicator } = threads;
  const key = randomKey(seed);
  const saved = start && !("buffers" in start) ? start : undefined;
  let variables = start && "buffers" in start ? start : undefined;
  let running: OptimizerState | undefined;
  let drawn: TrainState | undefined;
  try {
    if (saved) {
      variables = getOrThrow(importParams(network, saved.params));
      running = saved.optimizer && getOrThrow(
        importOptimizerState(network, optimizer, saved.optimizer, saved.updates),
      );
      release();
    }
    const ready = threads.getReady(outlinePlan(plan));
    // Whoever awaits it handles the error.
    ready.catch(() => {});
    if (!variables && (isDrawn || !processes || processes.size === 1)) {
      // Beside the other threads, which draw the same.
      drawn = initTrainState(network, optimizer, key, { initializer, communicator });
      await ready;
      return drawn;
    }
    await ready;
    let step = saved?.step ?? 0;
    if (processes && processes.size > 1 && !isDrawn) {
      const own = variables && { variables, optimizer: running, step };
      ({ variables, optimizer: running, step } = spreadStart(network, processes, own));
    }
    if (variables) await threads.start(network, variables, { step, optimizer: running });
    return initTrainState(network, optimizer, key, {
      initializer,
      variables,
      step,
      optimizer: running,
      communicator,
    });
  } catch (error) {
    if (variables) disposeVariables(variables);
    if (running) disposeOptimizerState(running);
    if (drawn) disposeState(drawn);
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
  disposeVariables(state);
  disposeOptimizerState(state.optimizer);
}
