import {
  type Backend,
  evaluateInThreads,
  type EvaluateInThreadsOptions,
  type Evaluation,
} from "../../models/mod.ts";
import type { Batch } from "../../pipelines/data/batch.ts";
import { recycle } from "../../pipelines/data/recycle.ts";
import { type SharedNetwork, shareNetwork } from "./evaluation_plan.ts";
import { addToTally, createTally, type Tally } from "./tally.ts";

/** An evaluation of a stream of batches. */
export interface SplitEvaluation extends SharedNetwork {
  readonly backend: Backend;
  /** The variables, or what loads them. */
  readonly variables: EvaluateInThreadsOptions["variables"];
  readonly batches: AsyncIterable<Batch>;
  readonly classes: number;
  /** Ends it, with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Takes the number of images evaluated so far. */
  readonly progress?: (images: number) => void;
  /** Takes what was computed of a batch. */
  readonly take?: (evaluation: Evaluation, batch: Batch) => void;
}

/** Evaluates a network on a stream of batches, in order. */
export async function evaluateSplit(
  { backend, variables, batches, classes, signal, progress, take, ...shared }: SplitEvaluation,
): Promise<Tally> {
  const evaluate = evaluateInThreads<"accuracy", Batch>({
    ...shareNetwork(shared),
    backend,
    variables,
    release: recycle,
    signal,
  });
  let tally = createTally(classes);
  for await (const { batch, result } of evaluate(batches)) {
    tally = addToTally(tally, { ...result, labels: batch.labels });
    take?.(result, batch);
    progress?.(tally.examples);
  }
  return tally;
}
