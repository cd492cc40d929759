import type { evalStep, Evaluation, Params } from "../../models/mod.ts";
import { type Batch, recycle } from "../../pipelines/mod.ts";
import { breathe } from "./breathe.ts";

/** What a network says of one batch, beside what is right. */
export interface EvaluatedBatch extends Evaluation {
  readonly labels: Int32Array<ArrayBuffer>;
}

/** Maps batches to what a network says of them. */
export async function* evaluateStream(
  evaluate: ReturnType<typeof evalStep>,
  params: Params,
  batches: AsyncIterable<Batch>,
): AsyncGenerator<EvaluatedBatch, void, undefined> {
  for await (const batch of batches) {
    const evaluation = await evaluate(params, batch);
    recycle(batch);
    yield { ...evaluation, labels: batch.labels };
    await breathe();
  }
}
