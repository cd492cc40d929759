// Evaluations that threads share, and processes: each computes the outputs for its share of a batch.
import type { Communicator } from "../../parallel/communicator.ts";
import { computeBatchShare } from "../../parallel/_share.ts";
import { createBreather } from "../../types/_breathe.ts";
import { countElements } from "../../types/_shape.ts";
import type { Variables } from "../../types/tensor.ts";
import { getPart } from "../_batch_fields.ts";
import type { EvalStep, Evaluation } from "../eval_step.ts";
import { gatherBatch } from "../_gather_batch.ts";
import type { Prediction } from "../predict_step.ts";
import type { SizedBatch } from "../training_batch.ts";
import { computeShareOf, measureOutputs } from "../_whole_evaluation.ts";
import { getEvaluated, planPrediction } from "./_plan_steps.ts";
import type { TrainingThreads } from "./_training_threads.ts";
import type { EvaluationPlan } from "./training_plan.ts";

/** An evaluation of a batch, and what is known of the whole one where processes have parts of it. */
export interface JointEvaluation<B> extends Evaluation<string> {
  readonly whole?: B;
}

/** Makes the function that evaluates a batch in all threads of all processes, each its share. */
export function evaluateTogether<B extends SizedBatch>(
  evaluate: EvalStep<B, string>,
  plan: EvaluationPlan<B>,
  threads: TrainingThreads,
  processes: Communicator,
): (variables: Variables, batch: B) => Promise<JointEvaluation<B>> {
  if (threads.communicator.size === 1) return evaluate;
  const predict = predictTogether(plan, threads, processes);
  return async (variables, batch) => {
    const outputs = await predict(variables, batch);
    const whole = gatherBatch(batch, processes);
    // Sums over shares would depend on their number.
    const means = await measureOutputs(evaluate, outputs, whole);
    return { size: whole.size, outputs, means: means as Evaluation<string>["means"], whole };
  };
}

/** Makes the function that computes the outputs for a batch in all threads of all processes, each those for its share. */
export function predictTogether<B extends SizedBatch>(
  plan: EvaluationPlan<B>,
  threads: TrainingThreads,
  processes: Communicator,
): (variables: Variables, batch: B) => Promise<Prediction> {
  const predict = planPrediction(plan);
  const { communicator } = threads;
  if (communicator.size === 1) return predict;
  const { outputShape } = getEvaluated(plan);
  const breathe = createBreather();
  return async (variables, batch) => {
    const computeShare = async (thread: number) => {
      const rank = communicator.rank + thread;
      return await computeShareOf(predict, variables, batch, { rank, size: communicator.size });
    };
    const own: (Prediction | undefined)[] = [];
    // As long as the others aren't there, this thread computes their shares, too.
    while (!threads.isReady && own.length < threads.count) {
      own.push(await computeShare(own.length));
      await breathe();
    }
    const [others, first] = await Promise.all([
      threads.predict(batch, Math.max(own.length, 1)),
      own.length === 0 ? computeShare(0) : undefined,
    ]);
    const { whole: size } = getPart(batch);
    const outputs = {
      data: new Float32Array(size * countElements(outputShape)),
      shape: [size, ...outputShape],
    };
    const found = [...own, first, ...others].filter((one) => one !== undefined);
    gatherOutputs(found, outputs, processes);
    return outputs;
  };
}

/** Puts the outputs of all processes in their places: the shares of a process's threads are one behind the other. */
function gatherOutputs(
  found: readonly Prediction[],
  { data, shape: [size = 0, ...shape] }: Prediction,
  processes: Communicator,
): void {
  const each = countElements(shape);
  const places = Array.from({ length: processes.size }, (_, rank) => {
    const [first, end] = computeBatchShare(size, rank, processes.size).examples;
    return data.subarray(first * each, end * each);
  });
  let at = 0;
  const own = places[processes.rank]!;
  for (const outputs of found) {
    own.set(outputs.data, at);
    at += outputs.data.length;
  }
  processes.allGather([own], places.map((place) => [place]));
}
