/**
 * The evaluation of many batches.
 *
 * @module
 */

import type { NumericMean } from "../../losses/loss.ts";
import type { Backend } from "../../backend/backend.ts";
import type { Variables } from "../../types/tensor.ts";
import { checkSignal } from "../../types/_signal.ts";
import { createBreather } from "../../types/_breathe.ts";
import { computeMeans } from "../add_evaluations.ts";
import type { Evaluation } from "../eval_step.ts";
import type { Means } from "./training_event.ts";
import type { SizedBatch } from "../training_batch.ts";
import { untilAborted } from "./_until_aborted.ts";

export type { NumericMean } from "../../losses/loss.ts";
export type { Variables } from "../../types/tensor.ts";
export type { Evaluation } from "../eval_step.ts";
export type { Prediction } from "../predict_step.ts";
export type { SizedBatch } from "../training_batch.ts";
export type { Means } from "./training_event.ts";

/** How batches are evaluated. */
export interface EvaluateBatchesOptions<B extends SizedBatch> {
  /** The backend, asked after each batch for errors that the device reports out of band. */
  readonly backend?: Pick<Backend, "check"> | undefined;
  /** Called for each batch when it is not needed any more, so that its memory can be used again, as by `recycle` of `pipelines`. */
  readonly release?: ((batch: B) => void) | undefined;
  /**
   * Ends the evaluation when it is aborted, after the batch that is being computed; the error is the signal's reason. A stream that
   * gives no batch then is not waited for longer than half a second.
   */
  readonly signal?: AbortSignal | undefined;
}

/** A batch, and what was computed of it. */
export interface EvaluatedBatch<B extends SizedBatch, R> {
  /** The batch. It is released once the next result is asked for. */
  readonly batch: B;
  /** What was computed of it. */
  readonly result: R;
}

/**
 * Makes the function that evaluates batch after batch, as by `evalStep` or `predictStep`. Other work gets its turn between two
 * batches, such as signals and timers. Ending the iteration ends that of the batches.
 *
 * @example Predictions of a stream of batches
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import * as rill from "@rill/rill/models";
 *
 * await using backend = await rill.openBackend("wasm");
 * const network = rill.getOrThrow(rill.build(rill.relu(), [1]));
 * const images = { data: Float32Array.of(-1, 5), shape: [2, 1] };
 * const predict = rill.evaluateBatches(
 *   rill.predictStep(network),
 *   network.init(rill.randomKey(0)),
 *   { backend },
 * );
 * const found: number[] = [];
 * for await (const { result } of predict(ReadableStream.from([{ images, size: 2 }]))) {
 *   found.push(...result.data);
 * }
 * assertEquals(found, [0, 5]);
 * ```
 *
 * @typeParam B The batches.
 * @typeParam R What is computed of each.
 * @param step Computes something of one batch.
 * @param variables The variables, or the state of a training; they stay as they are.
 * @param options The backend, what becomes of the batches, and a signal that ends it.
 * @returns The function from batches to results, one at a time, in order. They fail with the signal's reason when it is aborted.
 * @throws {TypeError} If the signal is no `AbortSignal`.
 */
export function evaluateBatches<B extends SizedBatch, R>(
  step: (variables: Variables, batch: B) => Promise<R>,
  variables: Variables,
  { backend, release, signal }: EvaluateBatchesOptions<B> = {},
): (batches: AsyncIterable<B>) => AsyncIterableIterator<EvaluatedBatch<B, R>> {
  checkSignal("evaluate batches", signal);
  return async function* (batches) {
    const breathe = createBreather();
    for await (const batch of untilAborted(batches, signal)) {
      try {
        const result = await step(variables, batch);
        backend?.check();
        if (!signal?.aborted) yield { batch, result };
      } finally {
        release?.(batch);
      }
      await breathe();
    }
    signal?.throwIfAborted();
  };
}

/** The evaluation of many batches. */
export interface TotalEvaluation<M extends string = "accuracy"> {
  /** The number of examples. */
  readonly size: number;
  /** The means of the loss and of each metric over all examples. */
  readonly means: Means<M>;
}

/**
 * Adds up the evaluations of many batches without keeping their outputs: each example counts alike, those of a smaller last batch
 * too.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { pipe } from "fp-ts/lib/function.js";
 * import * as rill from "@rill/rill/models";
 *
 * await using _backend = await rill.openBackend("wasm");
 * const network = rill.getOrThrow(rill.build(rill.relu(), [2]));
 * const images = { data: Float32Array.of(1, 2, 9, 1), shape: [2, 2] };
 * const batches = [{ images, labels: Int32Array.of(1, 1), size: 2 }];
 * const { size, means } = await pipe(
 *   ReadableStream.from(batches),
 *   rill.evaluateBatches(rill.evalStep(network), network.init(rill.randomKey(0))),
 *   rill.sumEvaluations,
 * );
 * assertEquals([size, means.accuracy], [2, 0.5]);
 * ```
 *
 * @typeParam M The names of the metrics.
 * @param evaluated The evaluations of the batches.
 * @returns The number of examples and the means; without a batch 0 and no means at all.
 */
export async function sumEvaluations<M extends string>(
  evaluated: AsyncIterable<{ readonly result: Evaluation<M> }>,
): Promise<TotalEvaluation<M>> {
  let total: EvaluationSums = { size: 0, means: {} };
  for await (const { result } of evaluated) total = addEvaluation(total, result);
  return { size: total.size, means: computeMeans(total) as Means<M> };
}

/** The sums of evaluations. */
export interface EvaluationSums {
  /** The number of examples. */
  readonly size: number;
  /** The sums and weights by name. */
  readonly means: Readonly<Record<string, NumericMean>>;
}

/**
 * Adds the sums of one evaluation to those of others.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { addEvaluation } from "@rill/rill/models";
 *
 * const means = { loss: { sum: 6, weight: 4 } };
 * const sums = addEvaluation({ size: 0, means: {} }, { size: 4, means });
 * assertEquals(addEvaluation(sums, { size: 4, means }).means, { loss: { sum: 12, weight: 8 } });
 * ```
 *
 * @param sums The sums so far; `{ size: 0, means: {} }` at first.
 * @param evaluation The evaluation.
 * @returns The sums with it.
 */
export function addEvaluation(sums: EvaluationSums, evaluation: EvaluationSums): EvaluationSums {
  const means = Object.entries(evaluation.means).map(([name, { sum, weight }]) => {
    const before = sums.means[name];
    return [name, { sum: (before?.sum ?? 0) + sum, weight: (before?.weight ?? 0) + weight }];
  });
  return {
    size: sums.size + evaluation.size,
    means: { ...sums.means, ...Object.fromEntries(means) },
  };
}
