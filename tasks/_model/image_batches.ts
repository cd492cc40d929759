import { flow } from "fp-ts/lib/function.js";
import {
  type Batch,
  batch,
  type Example,
  normalize,
  prefetch,
  resize,
} from "../../pipelines/mod.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * From stored examples to what a network takes: images resized as bytes, divided by 255 as in the chapter, with mean and
 * deviation where those are asked for, in batches.
 */
export const imageBatches = (
  { side, mean, deviation }: {
    readonly side: number;
    readonly mean: number;
    readonly deviation: number;
  },
  batchSize: number,
): (examples: AsyncIterable<Example<Bytes>>) => AsyncIterable<Batch<Float32Array<ArrayBuffer>>> =>
  flow(
    resize({ height: side, width: side }),
    normalize({ mean, deviation }),
    batch(batchSize),
    prefetch(2),
  );
