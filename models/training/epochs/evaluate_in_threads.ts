/**
 * The evaluation of many batches in several threads.
 *
 * @module
 */

import type { Backend } from "../../backend/backend.ts";
import { singleProcess } from "../../parallel/single_process.ts";
import { checkUnconsumed } from "../../types/_consumption.ts";
import { checkSignal } from "../../types/_signal.ts";
import type { Variables } from "../../types/tensor.ts";
import type { Evaluation } from "../eval_step.ts";
import type { Prediction } from "../predict_step.ts";
import { checkThreads, describeThreads } from "../threads/_check_threads.ts";
import { loadEvaluationPlan, outlinePlan } from "../threads/_load_plan.ts";
import { getEvaluated, planEvaluation } from "../threads/_plan_steps.ts";
import { evaluateTogether, predictTogether } from "../threads/_share_evaluation.ts";
import type { ThreadOptions } from "../threads/thread_options.ts";
import { startThreads, type TrainingThreads } from "../threads/_training_threads.ts";
import type { EvaluationPlan } from "../threads/training_plan.ts";
import type { SizedBatch, TrainingBatch } from "../training_batch.ts";
import {
  evaluateBatches,
  type EvaluateBatchesOptions,
  type EvaluatedBatch,
} from "./evaluate_batches.ts";

export type { Backend } from "../../backend/backend.ts";
export type { Variables } from "../../types/tensor.ts";
export type { Evaluation } from "../eval_step.ts";
export type { Prediction } from "../predict_step.ts";
export { PlanError, ThreadError } from "../threads/training_error.ts";
export type {
  EvaluationPlan,
  PlanEvaluation,
  PlannedMeasure,
  PlannedValidation,
} from "../threads/training_plan.ts";
export type { ThreadOptions } from "../threads/thread_options.ts";
export type { TrainingWorker } from "../threads/training_worker.ts";
export type { SizedBatch, TrainingBatch } from "../training_batch.ts";
export type { EvaluateBatchesOptions, EvaluatedBatch } from "./evaluate_batches.ts";

/** What is evaluated, and how the work is shared. */
export interface EvaluateInThreadsOptions<B extends SizedBatch = TrainingBatch>
  extends EvaluateBatchesOptions<B>, ThreadOptions {
  /** The backend that is open, asked after each batch for errors that the device reports out of band. */
  readonly backend: Backend;
  /**
   * The plan; or the address of a module whose default export is a function that gives one (a `PlanEvaluation`, or the
   * `PlanTraining` of a training), which is what other threads take, unless `createWorker` gives them their own.
   */
  readonly model: EvaluationPlan<B> | URL | string;
  /** The options of that function: anything that can be posted to a worker. */
  readonly options?: unknown;
  /**
   * The variables of the plan's network, or the state of a training; or a function that gives them, called while the other threads
   * start. They stay as they are; each thread has a copy.
   */
  readonly variables: Variables | (() => Variables | Promise<Variables>);
}

/**
 * Makes the function that evaluates batch after batch in several threads, each its share. The result has the same bits for any number
 * of them, on one kind of processor: what is measured is measured once, of the outputs of all. This thread begins
 * alone, while the others start; they end with the iteration, however that comes.
 *
 * @example On all cores
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { pipe } from "fp-ts/lib/function.js";
 * import * as rill from "@rill/rill/models";
 *
 * // A program has a file in its place: new URL("plan.ts", import.meta.url).
 * const model = `data:text/javascript,
 *   import { build, getOrThrow, relu } from "${import.meta.resolve("@rill/rill/models")}";
 *   export default () => ({ network: getOrThrow(build(relu(), [2])) });`;
 *
 * await using backend = await rill.openBackend("wasm");
 * const images = { data: Float32Array.of(1, 2, 9, 1), shape: [2, 2] };
 * const { size, means } = await pipe(
 *   ReadableStream.from([{ images, labels: Int32Array.of(1, 1), size: 2 }]),
 *   rill.evaluateInThreads({
 *     backend,
 *     model,
 *     variables: { params: {}, buffers: {} },
 *     threads: navigator.hardwareConcurrency,
 *   }),
 *   rill.sumEvaluations,
 * );
 * assertEquals([size, means.accuracy], [2, 0.5]);
 * ```
 *
 * @typeParam M The names of the metrics that the plan reports.
 * @typeParam B The batches.
 * @param options What is evaluated, and how the work is shared.
 * @returns The function from batches to their evaluations, one at a time, in order. They fail with a `PlanError` if there is no
 * plan, a `ThreadError` if another thread fails, a `RangeError` if a batch doesn't fit, and the signal's reason when it is aborted.
 * @throws {TypeError} If the signal is no `AbortSignal`.
 * @throws {RangeError} If a number is out of its range, the address of a module is not absolute, or several threads are to evaluate
 * on a backend other than WASM, by a plan that isn't a module's and without `createWorker`, with options that can't be posted, or
 * where there are no web Workers.
 */
export function evaluateInThreads<
  M extends string = "accuracy",
  B extends SizedBatch = TrainingBatch,
>(
  options: EvaluateInThreadsOptions<B>,
): (batches: AsyncIterable<B>) => AsyncIterableIterator<EvaluatedBatch<B, Evaluation<M>>> {
  check("evaluate", options);
  return (batches) =>
    runInThreads(options, batches, (plan, threads) => {
      const evaluate = evaluateTogether(planEvaluation(plan), plan, threads, singleProcess());
      return async (variables, batch) => {
        const { size, outputs, means } = await evaluate(variables, batch);
        return { size, outputs, means: means as Evaluation<M>["means"] };
      };
    });
}

/**
 * Makes the function that computes the outputs for batch after batch in several threads, as `evaluateInThreads` does. Nothing is
 * measured, so labels aren't needed.
 *
 * @example A plan that is here only has one thread
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import * as rill from "@rill/rill/models";
 *
 * await using backend = await rill.openBackend("wasm");
 * const network = rill.getOrThrow(rill.build(rill.relu(), [1]));
 * const predict = rill.predictInThreads<rill.InputBatch>({
 *   backend,
 *   model: { network },
 *   variables: network.init(rill.randomKey(0)),
 * });
 * const images = { data: Float32Array.of(-1, 5), shape: [2, 1] };
 * for await (const { result } of predict(ReadableStream.from([{ images, size: 2 }]))) {
 *   assertEquals([...result.data], [0, 5]);
 * }
 * ```
 *
 * @typeParam B The batches.
 * @param options By what they are computed, and how the work is shared.
 * @returns The function from batches to their outputs, one at a time, in order. They fail as evaluations do.
 * @throws {TypeError} If the signal is no `AbortSignal`.
 * @throws {RangeError} As `evaluateInThreads` does.
 */
export function predictInThreads<B extends SizedBatch = TrainingBatch>(
  options: EvaluateInThreadsOptions<B>,
): (batches: AsyncIterable<B>) => AsyncIterableIterator<EvaluatedBatch<B, Prediction>> {
  check("predict", options);
  return (batches) =>
    runInThreads(
      options,
      batches,
      (plan, threads) => predictTogether(plan, threads, singleProcess()),
    );
}

function check<B extends SizedBatch>(verb: string, options: EvaluateInThreadsOptions<B>): void {
  checkThreads(verb, options);
  checkSignal(verb, options.signal);
}

/** Computes something of one batch. */
type Step<B, R> = (variables: Variables, batch: B) => Promise<R>;

/** Makes the function that computes something of one batch by a plan, with threads. */
type CreateStep<B extends SizedBatch, R> = (
  plan: EvaluationPlan<B>,
  threads: TrainingThreads,
) => Step<B, R>;

/** Threads that share the work, and what is computed with them. */
interface OpenedStep<B, R> extends Disposable {
  compute(batch: B): Promise<R>;
}

/** The variables are those with which a step was opened. */
const NONE: Variables = { params: {}, buffers: {} };

async function* runInThreads<B extends SizedBatch, R>(
  options: EvaluateInThreadsOptions<B>,
  batches: AsyncIterable<B>,
  createStep: CreateStep<B, R>,
): AsyncGenerator<EvaluatedBatch<B, R>, void, undefined> {
  // The first batch is read meanwhile. Where it fails that closes the batches, as any other error does.
  const opening = openStep(options, createStep);
  opening.catch(() => {});
  const step: Step<B, R> = async (_, batch) => await (await opening).compute(batch);
  try {
    yield* evaluateBatches(step, NONE, options)(batches);
    await opening;
  } finally {
    (await opening.catch(() => undefined))?.[Symbol.dispose]();
  }
}

/** Loads the plan and starts the threads. */
async function openStep<B extends SizedBatch, R>(
  options: EvaluateInThreadsOptions<B>,
  createStep: CreateStep<B, R>,
): Promise<OpenedStep<B, R>> {
  const plan = await loadEvaluationPlan(options.model, options.options);
  const threads = startThreads(options.threads ?? 1, {
    ...describeThreads(options),
    task: { kind: "predict" },
  });
  try {
    let failure: { readonly error: unknown } | undefined;
    threads.getReady(outlinePlan({ network: getEvaluated(plan) })).catch((error) => {
      failure = { error };
    });
    const { variables: given } = options;
    const variables = typeof given === "function" ? await given() : given;
    checkUnconsumed("evaluate", variables);
    threads.give(variables);
    const step = createStep(plan, threads);
    return {
      async compute(batch) {
        if (failure) throw failure.error;
        return await step(variables, batch);
      },
      [Symbol.dispose]: () => threads[Symbol.dispose](),
    };
  } catch (error) {
    threads[Symbol.dispose]();
    throw error;
  }
}
