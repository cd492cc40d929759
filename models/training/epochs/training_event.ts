/**
 * What a training tells: steps, epochs, checkpoints.
 *
 * @module
 */

import type { Network } from "../../layers/network.ts";
import type { Communicator } from "../../parallel/communicator.ts";
import type { Variables } from "../../types/tensor.ts";
import type { Evaluation } from "../eval_step.ts";
import type { Metrics, StepTimes } from "../metrics.ts";
import type { TrainState } from "../train_state.ts";
import type { SizedBatch, TrainingBatch } from "../training_batch.ts";

/**
 * The loss and the metrics of many examples.
 *
 * @typeParam M The names of the metrics.
 */
export type Means<M extends string = "accuracy"> = { readonly [Name in M | "loss"]: number };

/** The sums of one number that steps report. */
export interface MetricSums {
  /** The weighted sum over the examples. */
  readonly sum: number;
  /** The sum of the weights: the number of examples, where all count alike. */
  readonly weight: number;
  /** The sum of the steps' means, for whoever averages over batches. */
  readonly stepMeans: number;
}

/** The sums over the part of an epoch that is done. */
export interface EpochSums {
  /** The number of steps. */
  readonly steps: number;
  /** The number of examples. */
  readonly examples: number;
  /** The sums of the loss and of each metric. */
  readonly metrics: Readonly<Record<string, MetricSums>>;
}

/**
 * The results of an epoch.
 *
 * @typeParam M The names of the metrics.
 */
export interface EpochResult<M extends string = "accuracy"> {
  /** The epoch, from 0. */
  readonly epoch: number;
  /** The number of steps made in all. */
  readonly step: number;
  /** The means over the epoch's training steps, each before its update. */
  readonly training: Means<M>;
  /** The means over the examples for validation; absent where there was none. */
  readonly validation?: Means<M>;
}

/**
 * Where a training is: a small JSON value with which it goes on exactly there. It depends on the training alone: nothing of it is a
 * time.
 */
export interface TrainingPosition {
  /** The epoch under way, from 0: the number of epochs done. */
  readonly epoch: number;
  /** The number of its examples that have been trained on. */
  readonly index: number;
  /** The number of steps made in all. */
  readonly step: number;
  /** The number of the optimizer's updates, fewer than steps where it accumulates. */
  readonly updates: number;
  /** The seed of parameters and dropout. */
  readonly seed: number;
  /** The sums over the part of the epoch under way that is done. */
  readonly sums: EpochSums;
  /** The results of the epochs done. */
  readonly history: readonly EpochResult<string>[];
}

/** A state of a training between two steps, as it can be encoded. */
export interface TrainingSnapshot {
  /** The network. */
  readonly network: Network;
  /** The state; with several threads it has the first one's part of the optimizer's. */
  readonly state: TrainState;
  /** Where the training is; unknown by default. */
  readonly position?: TrainingPosition;
  /** The parameters' running averages, where the optimizer keeps them, and the buffers; otherwise those of the state. */
  readonly variables?: Variables;
  /**
   * Has the other threads take part in gathering the optimizer's state, and gives the communicator for that. One thread has all
   * of it by default.
   */
  readonly gather?: () => Communicator;
}

/**
 * A step was made.
 *
 * @typeParam M The names of the metrics.
 */
export interface StepEvent<M extends string = "accuracy"> {
  /** Which event it is. */
  readonly kind: "step";
  /** The epoch, from 0. */
  readonly epoch: number;
  /** The number of the epoch's examples that have been trained on. */
  readonly index: number;
  /** The step's number from 1, its loss and its metrics. */
  readonly metrics: Metrics<M>;
  /** How long it took, where several processes train together. */
  readonly times?: StepTimes | undefined;
}

/**
 * A batch for validation was evaluated.
 *
 * @typeParam M The names of the metrics.
 * @typeParam B The batches.
 */
export interface ValidationEvent<
  M extends string = "accuracy",
  B extends SizedBatch = TrainingBatch,
> {
  /** Which event it is. */
  readonly kind: "validation";
  /** The epoch, from 0. */
  readonly epoch: number;
  /**
   * The batch. Its memory is given back once the next event is asked for. Where processes have parts of it, this is the whole one
   * without its images: to look at those is an error.
   */
  readonly batch: B;
  /** The outputs, and what was measured of them. */
  readonly evaluation: Evaluation<M>;
}

/**
 * An epoch is done.
 *
 * @typeParam M The names of the metrics.
 */
export interface EpochEvent<M extends string = "accuracy"> extends EpochResult<M> {
  /** Which event it is. */
  readonly kind: "epoch";
  /**
   * The time that the epoch took with its validation, in seconds. Of an epoch in which a training goes on it is the time since
   * then.
   */
  readonly seconds: number;
  /** The sums that the means are of. */
  readonly sums: EpochSums;
  /** The results of all epochs, this one the last. */
  readonly history: readonly EpochResult<M>[];
  /** Whether this training has validation, be it not after each epoch. */
  readonly validates: boolean;
}

/**
 * The state can be saved: `encodeCheckpoint` takes this event. What it holds is there until the next event is asked for.
 */
export interface CheckpointEvent extends Required<TrainingSnapshot> {
  /** Which event it is. */
  readonly kind: "checkpoint";
  /**
   * Why now: after an epoch; after so many steps, or so much time, as `saveEvery` says; because the last step was made in the middle
   * of an epoch; or because the signal ended the training. Where so many steps are made just then, that is the reason.
   */
  readonly reason: "epoch" | "interval" | "steps" | "aborted";
  /**
   * Whether each run of this training comes by here: after an epoch, or after so many steps. Any other checkpoint is where this run
   * was when time had passed, or when it ended.
   */
  readonly permanent: boolean;
  /**
   * The number of this process among those that train together, from 0. All have the same checkpoint, each with a part of the
   * optimizer's state, and all must encode or copy it where one does.
   */
  readonly process: number;
  /** Whether this training has validation, be it not after each epoch. */
  readonly validates: boolean;
}

/** The training has ended; there is no event after this one. */
export interface EndEvent {
  /** Which event it is. */
  readonly kind: "end";
  /** Why: all epochs or steps are done, the signal ended it, or `stopEarly` did. */
  readonly reason: "epochs" | "steps" | "aborted" | "patience";
}

/**
 * What a training tells, in order.
 *
 * @typeParam M The names of the metrics.
 * @typeParam B The batches.
 */
export type TrainingEvent<
  M extends string = "accuracy",
  B extends SizedBatch = TrainingBatch,
> =
  | StepEvent<M>
  | ValidationEvent<M, B>
  | EpochEvent<M>
  | CheckpointEvent
  | EndEvent;
