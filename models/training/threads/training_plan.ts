/**
 * The plans of trainings and evaluations: what is trained or evaluated, and by what.
 *
 * @module
 */

import type { InitializerName } from "../../layers/initializers.ts";
import type { Network } from "../../layers/network.ts";
import type { Loss, Metric } from "../../losses/loss.ts";
import type { Optimizer } from "../../optimizers/optimizer.ts";
import type { BatchInput, SizedBatch, TrainingBatch } from "../training_batch.ts";

/** What is measured of a batch. */
export interface PlannedMeasure<B extends SizedBatch = TrainingBatch> {
  /** The loss; by default the cross-entropy of classification, with the accuracy beside it. */
  readonly loss?: Loss<B, string> | undefined;
  /** Further numbers to report, by their names. */
  readonly metrics?: Readonly<Record<string, Metric<B>>> | undefined;
  /** Makes the network's input of a batch, such as `imageInput()`; by default the numbers of `images` as they are. */
  readonly input?: BatchInput<B> | undefined;
}

/**
 * The plan of an evaluation: a network, and what is measured. Each plan of a training is one, too.
 *
 * @typeParam B The batches.
 */
export interface EvaluationPlan<B extends SizedBatch = TrainingBatch> extends PlannedMeasure<B> {
  /** The network. */
  readonly network: Network;
  /** What validation and evaluations do in another way than a training's steps, such as a loss without label smoothing. */
  readonly validation?: PlannedValidation<B> | undefined;
}

/**
 * The plan of a training: a network, an optimizer, and what is measured.
 *
 * @typeParam B The batches.
 */
export interface TrainingPlan<B extends SizedBatch = TrainingBatch> extends EvaluationPlan<B> {
  /** The optimizer. Where it averages parameters, the averages are what is validated. */
  readonly optimizer: Optimizer;
  /** The distribution of drawn parameters, `"pytorch"` by default. */
  readonly initializer?: InitializerName | undefined;
}

/** How validation differs from training. */
export interface PlannedValidation<B extends SizedBatch = TrainingBatch> extends PlannedMeasure<B> {
  /**
   * The network with which images are looked at, where it isn't the one that is trained: one of the same variables, such as that
   * network behind `averageFlips`.
   */
  readonly network?: Network | undefined;
}

/**
 * The default export of a module that plans a training: every thread calls it with the same options. It must give the same plan
 * each time, so it draws nothing and asks for no time.
 *
 * @typeParam O The options.
 * @typeParam B The batches.
 */
export type PlanTraining<O = unknown, B extends SizedBatch = TrainingBatch> = (
  options: O,
) => TrainingPlan<B> | Promise<TrainingPlan<B>>;

/**
 * The default export of a module that plans an evaluation: every thread calls it with the same options. One that plans a training
 * does, too.
 *
 * @typeParam O The options.
 * @typeParam B The batches.
 */
export type PlanEvaluation<O = unknown, B extends SizedBatch = TrainingBatch> = (
  options: O,
) => EvaluationPlan<B> | Promise<EvaluationPlan<B>>;
