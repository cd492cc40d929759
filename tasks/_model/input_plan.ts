import { flow } from "fp-ts/lib/function.js";
import { type Backend, imageInput, type InputOptions } from "../../models/mod.ts";
import { type Batch, batch, type Example, prefetch } from "../../pipelines/mod.ts";
import { batchImages } from "./batch_images.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** The way of stored images into a network. */
export interface InputPlan {
  /** Creates the stages from stored examples to batches. */
  readonly batches: (
    batchSize: number,
  ) => (examples: AsyncIterable<Example<Bytes>>) => AsyncIterable<Batch>;
  /** The options of the steps that take these batches. */
  readonly stepOptions: InputOptions;
}

/**
 * Plans the input that suits a backend. WebGPU gets the bytes as they are stored and resizes and normalizes them itself, so
 * that little is copied; elsewhere stages do that. The network sees the same numbers.
 */
export function planInput(
  backend: Pick<Backend, "name">,
  { side, mean, std }: {
    readonly side: number;
    readonly mean: number;
    readonly std: number;
  },
): InputPlan {
  if (backend.name !== "webgpu") {
    return {
      batches: (batchSize) => batchImages({ side, mean, std }, batchSize),
      stepOptions: {},
    };
  }
  return {
    batches: (batchSize) => flow(batch(batchSize)<Bytes>, prefetch(2)<Batch<Bytes>>),
    stepOptions: { input: imageInput({ mean, std }) },
  };
}
