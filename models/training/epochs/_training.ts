import { completeParams, selectPartial } from "../../parallel/_partial_params.ts";
import { AVERAGE } from "../../optimizers/_running.ts";
import { disposeTensors } from "../../types/_tensors.ts";
import type { Params, Variables } from "../../types/tensor.ts";
import type { Agreement } from "../threads/_agreement.ts";
import type { SaveClock } from "./_save_clock.ts";
import type { Stopwatch } from "./_stopwatch.ts";
import { averagedParams } from "../averaged_params.ts";
import type { EvalStep } from "../eval_step.ts";
import type { TrainingThreads } from "../threads/_training_threads.ts";
import type { TrainEpochsOptions } from "./training_options.ts";
import type { TrainState } from "../train_state.ts";
import type { TrainStep } from "../train_step.ts";
import type { SizedBatch } from "../training_batch.ts";
import type { TrainingPosition } from "./training_event.ts";
import type { TrainingPlan } from "../threads/training_plan.ts";

/** A training under way. */
export interface Training<B extends SizedBatch> {
  readonly options: TrainEpochsOptions<B>;
  readonly plan: TrainingPlan<B>;
  readonly threads: TrainingThreads;
  readonly step: TrainStep<B, string>;
  readonly evaluate: EvalStep<B, string>;
  readonly watch: Stopwatch;
  readonly agreement: Agreement;
  /** Is called before each step. */
  readonly look?:
    | ((training: Pick<Training<B>, "plan" | "state">, batch: B) => Promise<void>)
    | undefined;
  readonly saves: SaveClock;
  /** The step of the last checkpoint within an epoch, or at which the training began. */
  given: number;
  /** The state between two steps, and where it is. Its parameters may have to be completed: see `completeState`. */
  state: TrainState;
  position: TrainingPosition;
  /** Some examples for validation, once a checkpoint was checked by them; null where this process has none. */
  sample?: B | null;
  /** The averages of parameters, as long as they are of this state. */
  averages?: Params | undefined;
}

/** Gathers what each thread of each process has of the parameters, if these aren't whole: before anything but a step takes the state. */
export function completeState<B extends SizedBatch>(training: Training<B>): void {
  const { plan: { network }, state: { params }, threads } = training;
  if (selectPartial(network, params).parameters.length === 0) return;
  threads.gather("complete");
  completeParams(network, params, threads.communicator);
}

/** Gets the variables that a training is judged by: where the optimizer averages parameters, these averages. */
export function getJudged<B extends SizedBatch>(training: Training<B>): Variables {
  const { plan: { network }, state, threads } = training;
  if (!state.optimizer.slots[AVERAGE]) return state;
  if (!training.averages) {
    threads.gather("average");
    training.averages = averagedParams(network, state, threads.communicator);
  }
  return { params: training.averages, buffers: state.buffers };
}

/** Releases the averages of parameters, which are no more those of the state. */
export function forgetAverages<B extends SizedBatch>(training: Training<B>): void {
  if (training.averages) disposeTensors(training.averages);
  training.averages = undefined;
}
