import { copyExamples, getPart } from "../_batch_fields.ts";
import { gatherBatch } from "../_gather_batch.ts";
import { NotFiniteError } from "../threads/training_error.ts";
import { findNotFinite } from "../find_not_finite.ts";
import { getJudged, type Training } from "./_training.ts";
import { gatherNumbers } from "../../parallel/_gather_numbers.ts";
import type { Communicator } from "../../parallel/communicator.ts";
import { computeBatchShare } from "../../parallel/_share.ts";
import { countElements } from "../../types/_shape.ts";
import type { Variables } from "../../types/tensor.ts";
import type { Evaluation } from "../eval_step.ts";
import type { Prediction } from "../predict_step.ts";
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
  const { agreement, options: { backend, release }, position: { epoch }, state: { step } } =
    training;
  const { signal } = agreement;
  let sums: EvaluationSums = { size: 0, means: {} };
  const evaluated = evaluateBatches(evaluateTogether(training), getJudged(training), {
    backend,
    release,
  });
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

/** An evaluation of a batch, and what is known of the whole one where processes have parts of it. */
interface JointEvaluation<B> extends Evaluation<string> {
  readonly whole?: B;
}

/** Makes the function that evaluates a batch in all threads of all processes, each its share. */
function evaluateTogether<B extends SizedBatch>(
  { agreement: { processes }, evaluate, plan, threads }: Training<B>,
): (variables: Variables, batch: B) => Promise<JointEvaluation<B>> {
  if (threads.communicator.size === 1) return evaluate;
  const { outputShape } = plan.validation?.network ?? plan.network;
  return async (variables, batch) => {
    const [others, own] = await Promise.all([
      threads.evaluate(batch),
      evaluateShare(evaluate, variables, batch, threads.communicator),
    ]);
    const whole = gatherBatch(batch, processes);
    const { size } = whole;
    const outputs = {
      data: new Float32Array(size * countElements(outputShape)),
      shape: [size, ...outputShape],
    };
    gatherOutputs([...own ? [own] : [], ...others], outputs, processes);
    // Sums over shares would depend on their number.
    const means = await measureOutputs(evaluate, outputs, whole);
    return { size, outputs, means: means as Evaluation<string>["means"], whole };
  };
}

/** Puts the outputs of all processes in their places: the shares of a process's threads are one behind the other. */
function gatherOutputs(
  evaluations: readonly Evaluation<string>[],
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
  for (const { outputs } of evaluations) {
    own.set(outputs.data, at);
    at += outputs.data.length;
  }
  processes.allGather([own], places.map((place) => [place]));
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
