import { pipe } from "fp-ts/lib/function.js";
import { type Backend, evalStep, type Network, type Params } from "../../models/mod.ts";
import { type Example, type IndexedSource, readIndexed } from "../../pipelines/mod.ts";
import { type EvaluatedBatch, evaluateStream } from "./evaluate_stream.ts";
import { imagePath } from "./image_path.ts";
import type { ModelConfig } from "./model_config.ts";

/**
 * What a network says of each batch of examples, in order, without dropout.
 *
 * @throws {BackendError} When the device reported an error out of band.
 */
export async function* testPass(
  { backend, network, model, params, examples, batchSize, evaluate }: {
    readonly backend: Backend;
    readonly network: Network;
    readonly model: ModelConfig;
    readonly params: Params;
    readonly examples: IndexedSource<Example<Uint8Array<ArrayBuffer>>>;
    readonly batchSize: number;
    /** What evaluates a batch, if not this thread alone. */
    readonly evaluate?: ReturnType<typeof evalStep>;
  },
): AsyncGenerator<EvaluatedBatch, void, undefined> {
  const { batches, stepOptions } = imagePath(backend, model);
  const stream = pipe(readIndexed(examples), batches(batchSize));
  const step = evaluate ?? evalStep(network, stepOptions);
  for await (const evaluated of evaluateStream(step, params, stream)) {
    backend.check();
    yield evaluated;
  }
}
