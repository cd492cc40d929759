import { copyExamples, getPart } from "../_batch_fields.ts";
import { NotFiniteError } from "../threads/training_error.ts";
import { findNotFinite } from "../find_not_finite.ts";
import { getJudged, type Training } from "./_training.ts";
import { gatherNumbers } from "../../parallel/_gather_numbers.ts";
import { addEvaluation, evaluateBatches, type EvaluationSums } from "./evaluate_batches.ts";
import { evaluateTogether } from "../threads/_share_evaluation.ts";
import type { SizedBatch } from "../training_batch.ts";
import { untilAborted } from "./_until_aborted.ts";
import type { ValidationEvent } from "./training_event.ts";

/** Evaluates the examples for validation. Returns their sums; the signal ends it before. */
export async function* validateEpoch<B extends SizedBatch>(
  training: Training<B>,
  batches: AsyncIterable<B>,
): AsyncGenerator<ValidationEvent<string, B>, EvaluationSums, undefined> {
  const { agreement, evaluate, options, plan, position: { epoch }, state: { step } } = training;
  const { backend, release } = options;
  const { processes, signal } = agreement;
  let sums: EvaluationSums = { size: 0, means: {} };
  const evaluateOne = evaluateTogether(evaluate, plan, training.threads, processes);
  const evaluated = evaluateBatches(evaluateOne, getJudged(training), { backend, release });
  for await (const { batch, result } of evaluated(untilAborted(batches, signal))) {
    const { whole, ...evaluation } = result;
    sums = addEvaluation(sums, evaluation);
    await checkValidation(training, batch, sums.means.loss?.sum ?? NaN, step);
    agreement.ask({ saves: false, reads: false });
    yield { kind: "validation", epoch, batch: whole ?? batch, evaluation };
  }
  if (sums.size === 0 && !signal?.aborted) {
    throw new RangeError(`Cannot validate after epoch ${epoch}: there are no batches`);
  }
  return sums;
}

/** The number of examples that tell whether a network still computes. */
const FEW = 8;

/**
 * Checks that a network still gives a finite loss, where no validation has shown it: after a step that is far too long the
 * parameters may be finite and nothing that is computed with them. It does so by the same examples each time: to read them takes
 * far longer than the pass, all the more where workers are started for it.
 */
export async function checkNetwork<B extends SizedBatch>(training: Training<B>): Promise<void> {
  if (training.sample === undefined) training.sample = await readSample(training);
  const { agreement: { processes }, evaluate, sample, state } = training;
  const own = sample ? (await evaluate(state, sample)).means.loss?.sum ?? NaN : 0;
  // A process that has none of these examples hears of it.
  const losses = gatherNumbers(Float64Array.of(own), processes);
  const loss = losses.find((loss) => !Number.isFinite(loss)) ?? 0;
  await checkValidation(training, sample, loss, state.step);
}

/** Reads the first examples for validation, if there are any and this process has them. */
async function readSample<B extends SizedBatch>(
  { options: { validate, release }, position: { epoch } }: Training<B>,
): Promise<B | null> {
  if (!validate) return null;
  for await (const batch of validate({ epoch })) {
    try {
      // It is these which decide, whatever the number of processes.
      return getPart(batch).first === 0 ? copyExamples(batch, FEW) : null;
    } finally {
      release?.(batch);
    }
  }
  return null;
}

/** Checks the loss of validation. If it isn't finite, the error tells in which layer that arose. */
async function checkValidation<B extends SizedBatch>(
  training: Training<B>,
  batch: B | null,
  loss: number,
  step: number,
): Promise<void> {
  if (Number.isFinite(loss)) return;
  const error = new NotFiniteError("the loss of validation", loss, step);
  if (!batch) throw error;
  const { plan } = training;
  const { network = plan.network, ...measure } = { ...plan, ...plan.validation };
  const judged = getJudged(training);
  // It only tells more: where it can't, as memory is short, the error stays what it is.
  const place = await findNotFinite(network, judged, batch, { ...measure, training: false })
    .catch(() => undefined);
  throw error.withPlace(place);
}
