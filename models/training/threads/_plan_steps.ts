import type { Communicator } from "../../parallel/communicator.ts";
import { type EvalStep, evalStep } from "../eval_step.ts";
import { type TrainStep, trainStep } from "../train_step.ts";
import type { SizedBatch, StepOptions } from "../training_batch.ts";
import type { PlannedMeasure, TrainingPlan } from "./training_plan.ts";

type Options<B extends SizedBatch> = StepOptions<B, string, string, B>;

/** Picks what is measured, without what isn't given: there the usual holds. */
const pickMeasure = <B extends SizedBatch>(
  { loss, metrics, input }: PlannedMeasure<B>,
): Options<B> => ({ ...loss && { loss }, ...metrics && { metrics }, input }) as Options<B>;

/** Makes the step that a plan describes. */
export const planStep = <B extends SizedBatch>(
  plan: TrainingPlan<B>,
  communicator: Communicator,
): TrainStep<B, string> =>
  trainStep(plan.network, plan.optimizer, { ...pickMeasure(plan), communicator });

/** Makes the evaluation that a plan describes. */
export const planEvaluation = <B extends SizedBatch>(plan: TrainingPlan<B>): EvalStep<B, string> =>
  evalStep(plan.validation?.network ?? plan.network, pickMeasure({ ...plan, ...plan.validation }));
