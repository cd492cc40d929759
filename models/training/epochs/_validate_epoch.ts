import { copyExamples } from "../_batch_fields.ts";
import { NotFiniteError } from "./training_error.ts";
import { findNotFinite } from "../find_not_finite.ts";
import { getJudged, type Training } from "./_training.ts";
import { addEvaluations } from "../add_evaluations.ts";
import type { EvalStep } from "../eval_step.ts";
import { addEvaluation, evaluateBatches, type EvaluationSums } from "./evaluate_batches.ts";
import { evaluateShare, measureOutputs } from "../_whole_evaluation.ts";
import type { SizedBatch } from "../training_batch.ts";
import { untilAborted } from "./_until_aborted.ts";
import type { ValidationEvent } from "./training_event.ts";

/** Evaluates the examples for validation. Returns their sums; the signal ends it before. */
export async function* validateEpoch<B extends SizedBatch>(
  training: Training<B>,
  batches: AsyncIterable<B>,
): AsyncGenerator<ValidationEvent<string, B>, EvaluationSums, undefined> {
  const { options: { backend, release, signal }, position: { epoch }, state: { step } } = training;
  let sums: EvaluationSums = { size: 0, means: {} };
  const evaluated = evaluateBatches(evaluateTogether(training), getJudged(training), {
    backend,
    release,
  });
  for await (const { batch, result: evaluation } of evaluated(untilAborted(batches, signal))) {
    sums = addEvaluation(sums, evaluation);
    await checkValidation(training, batch, sums.means.loss?.sum ?? NaN, step);
    yield { kind: "validation", epoch, batch, evaluation };
  }
  if (sums.size === 0 && !signal?.aborted) {
    throw new RangeError(`Cannot validate after epoch ${epoch}: there are no batches`);
  }
  return sums;
}

/** Makes the function that evaluates a batch in all threads, each its share. */
function evaluateTogether<B extends SizedBatch>(
  { evaluate, threads }: Training<B>,
): EvalStep<B, string> {
  if (threads.communicator.size === 1) return evaluate;
  return async (variables, batch) => {
    const [others, own] = await Promise.all([
      threads.evaluate(batch),
      evaluateShare(evaluate, variables, batch, threads.communicator),
    ]);
    const evaluation = addEvaluations([...own ? [own] : [], ...others]);
    // Sums over shares would depend on their number.
    const means = await measureOutputs(evaluate, evaluation.outputs, batch);
    return { ...evaluation, means: means as typeof evaluation.means };
  };
}

/** The number of examples that tell whether a network still computes. */
const FEW = 8;

/**
 * Checks that a network still gives a finite loss, where no validation has shown it: after a step that is far too long the
 * parameters may be finite and nothing that is computed with them. It does so by the same examples each time: to read them takes
 * far longer than the pass, all the more where workers are started for it.
 */
export async function checkNetwork<B extends SizedBatch>(training: Training<B>): Promise<void> {
  training.sample ??= await readSample(training);
  const { evaluate, sample, state } = training;
  if (!sample) return;
  const { means } = await evaluate(state, sample);
  await checkValidation(training, sample, means.loss?.sum ?? NaN, state.step);
}

/** Reads the first examples for validation, if there are any. */
async function readSample<B extends SizedBatch>(
  { options: { validate, release }, position: { epoch } }: Training<B>,
): Promise<B | undefined> {
  if (!validate) return undefined;
  for await (const batch of validate({ epoch })) {
    try {
      return copyExamples(batch, FEW);
    } finally {
      release?.(batch);
    }
  }
}

/** Checks the loss of validation. If it isn't finite, the error tells in which layer that arose. */
async function checkValidation<B extends SizedBatch>(
  training: Training<B>,
  batch: B,
  loss: number,
  step: number,
): Promise<void> {
  if (Number.isFinite(loss)) return;
  const error = new NotFiniteError("the loss of validation", loss, step);
  const { plan } = training;
  const { network = plan.network, ...measure } = { ...plan, ...plan.validation };
  const judged = getJudged(training);
  // It only tells more: where it can't, as memory is short, the error stays what it is.
  const place = await findNotFinite(network, judged, batch, { ...measure, training: false })
    .catch(() => undefined);
  throw error.withPlace(place);
}
