// The evaluation of a batch whose outputs were computed in several threads: what is measured of them is measured once, of all.
import type { NumericMean } from "../losses/loss.ts";
import { withBatchPart } from "../ops/_base/batch_sums.ts";
import type { Communicator } from "../parallel/communicator.ts";
import { takeShare } from "./_take_share.ts";
import type { Prediction } from "./predict_step.ts";
import type { SizedBatch } from "./training_batch.ts";

/** Measures outputs for a batch. */
type MeasureOutputs<B> = (
  outputs: Prediction,
  batch: B,
) => Promise<Readonly<Record<string, NumericMean>>>;

// deno-lint-ignore no-explicit-any -- of whatever batches
const measures = new WeakMap<object, MeasureOutputs<any>>();

/** Notes how an evaluation measures outputs. */
export function withMeasure<E extends object, B>(evaluate: E, measure: MeasureOutputs<B>): E {
  measures.set(evaluate, measure);
  return evaluate;
}

/** Measures outputs as an evaluation does. */
export function measureOutputs<B>(
  evaluate: object,
  outputs: Prediction,
  batch: B,
): ReturnType<MeasureOutputs<B>> {
  return measures.get(evaluate)!(outputs, batch);
}

/** Computes something of a rank's share of a batch, if there is any, as a part of the whole. */
export function computeShareOf<B extends SizedBatch, V, R>(
  compute: (variables: V, batch: B) => Promise<R>,
  variables: V,
  batch: B,
  { rank, size }: Pick<Communicator, "rank" | "size">,
): Promise<R> | undefined {
  const { own, whole, empty } = takeShare(batch, { rank, size });
  if (empty) return undefined;
  return withBatchPart({ examples: own.size, whole }, () => compute(variables, own));
}
