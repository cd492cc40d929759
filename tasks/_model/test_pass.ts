import { pipe } from "fp-ts/lib/function.js";
import {
  type Backend,
  type EvalStep,
  evalStep,
  type Evaluation,
  type Network,
  type TrainingBatch,
  type Variables,
} from "../../models/mod.ts";
import {
  type Batch,
  type Example,
  type IndexedSource,
  readIndexed,
  recycle,
} from "../../pipelines/mod.ts";
import { yieldToEventLoop } from "../_cli/interrupt.ts";
import { planInput } from "./input_plan.ts";
import type { ModelConfig } from "./model_config.ts";

/** The evaluation of a batch, and its labels. */
export interface EvaluatedBatch extends Evaluation {
  readonly labels: Int32Array<ArrayBuffer>;
}

/**
 * Runs a network over examples in order, without dropout.
 *
 * @throws {BackendError} If the device reported an error out of band.
 */
export async function* runTestPass(
  { backend, network, model, variables, examples, batchSize, evaluate }: {
    readonly backend: Backend;
    readonly network: Network;
    readonly model: ModelConfig;
    readonly variables: Variables;
    readonly examples: IndexedSource<Example<Uint8Array<ArrayBuffer>>>;
    readonly batchSize: number;
    /** Evaluates a batch; this thread alone by default. */
    readonly evaluate?: EvalStep<TrainingBatch, "accuracy"> | undefined;
  },
): AsyncGenerator<EvaluatedBatch, void, undefined> {
  const { batches, stepOptions } = planInput(backend, model);
  const stream = pipe(examples, readIndexed(), batches(batchSize));
  const step = evaluate ?? evalStep(network, stepOptions);
  for await (const evaluated of evaluateBatches(step, variables, stream)) {
    backend.check();
    yield evaluated;
  }
}

async function* evaluateBatches(
  evaluate: EvalStep<TrainingBatch, "accuracy">,
  variables: Variables,
  batches: AsyncIterable<Batch>,
): AsyncGenerator<EvaluatedBatch, void, undefined> {
  for await (const batch of batches) {
    const evaluation = await evaluate(variables, batch);
    recycle(batch);
    yield { ...evaluation, labels: batch.labels };
    await yieldToEventLoop();
  }
}
