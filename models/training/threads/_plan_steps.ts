import type { Communicator } from "../../parallel/communicator.ts";
import { type EvalStep, evalStep } from "../eval_step.ts";
import { type Prediction, predictStep } from "../predict_step.ts";
import { createTrainStep } from "../_create_train_step.ts";
import type { TrainStep } from "../train_step.ts";
import type { Variables } from "../../types/tensor.ts";
import type { SizedBatch, StepOptions } from "../training_batch.ts";
import type { EvaluationPlan, PlannedMeasure, TrainingPlan } from "./training_plan.ts";

type Options<B extends SizedBatch> = StepOptions<B, string, string, B>;

/** Picks what is measured, without what isn't given: there the usual holds. */
const pickMeasure = <B extends SizedBatch>(
  { loss, metrics, input }: PlannedMeasure<B>,
): Options<B> => ({ ...loss && { loss }, ...metrics && { metrics }, input }) as Options<B>;

/**
 * Makes the step that a plan describes.
 *
 * @param processes How many processes the communicator joins. Between those a rank's parameters may, from step to step, be those
 * that it computes with alone; threads of one process have all of them sooner than the columns that each needs.
 */
export const planStep = <B extends SizedBatch>(
  plan: TrainingPlan<B>,
  communicator: Communicator,
  processes: number,
): TrainStep<B, string> =>
  createTrainStep(plan.network, plan.optimizer, {
    ...pickMeasure(plan),
    communicator,
    keepsParts: processes > 1,
  });

/** The network with which a plan's images are looked at. */
export const getEvaluated = <B extends SizedBatch>(
  { network, validation }: EvaluationPlan<B>,
): EvaluationPlan<B>["network"] => validation?.network ?? network;

/** Makes the evaluation that a plan describes. */
export const planEvaluation = <B extends SizedBatch>(
  plan: EvaluationPlan<B>,
): EvalStep<B, string> =>
  evalStep(getEvaluated(plan), pickMeasure({ ...plan, ...plan.validation }));

/** Makes what of that evaluation computes outputs alone. */
export const planPrediction = <B extends SizedBatch>(
  plan: EvaluationPlan<B>,
): (variables: Variables, batch: B) => Promise<Prediction> =>
  predictStep(getEvaluated(plan), { input: { ...plan, ...plan.validation }.input });
