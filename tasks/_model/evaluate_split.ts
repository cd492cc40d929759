import {
  type Backend,
  evalStep,
  evaluateBatches,
  type Evaluation,
  type InputOptions,
  type Network,
  type Variables,
} from "../../models/mod.ts";
import { type Batch, recycle } from "../../pipelines/mod.ts";
import { addToTally, createTally, type Tally } from "./tally.ts";

/** An evaluation of a stream of batches. */
export interface SplitEvaluation {
  readonly backend: Backend;
  /** The network as it is used. */
  readonly network: Network;
  readonly variables: Variables;
  readonly batches: AsyncIterable<Batch>;
  /** The options of the step that takes these batches. */
  readonly stepOptions: InputOptions;
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
  { backend, network, variables, batches, stepOptions, classes, signal, progress, take }:
    SplitEvaluation,
): Promise<Tally> {
  const step = evalStep(network, stepOptions);
  const evaluate = evaluateBatches<Batch, Evaluation>(step, variables, {
    backend,
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
