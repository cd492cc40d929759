import { flow } from "fp-ts/lib/function.js";
import {
  type Batch,
  batch,
  type Example,
  inWorkers,
  measure,
  type Meter,
  normalize,
  prefetch,
  resize,
} from "../../pipelines/mod.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * Creates the stages from stored examples to the batches that a network takes: images are resized as bytes, divided by 255 as
 * in the chapter, and normalized by mean and standard deviation.
 *
 * @param options The meter of the stages, none by default; and the number of workers that resize, 0 by default.
 */
export function batchImages(
  { side, mean, std }: {
    readonly side: number;
    readonly mean: number;
    readonly std: number;
  },
  batchSize: number,
  { meter = measure({ enabled: false }), workers = 0 }: {
    readonly meter?: Meter;
    readonly workers?: number;
  } = {},
): (examples: AsyncIterable<Example<Bytes>>) => AsyncIterable<Batch<Float32Array<ArrayBuffer>>> {
  const size = { height: side, width: side };
  const resized = workers === 0 ? resize(size)<Bytes> : inWorkers<Example<Bytes>, Example<Bytes>>(
    workers,
    new URL("resize_module.ts", import.meta.url),
    { kind: "stage", parameters: size },
  );
  return flow(
    meter.stage("resize", resized),
    meter.stage("normalize", normalize({ mean, std })),
    meter.stage("batch", batch(batchSize)<Float32Array<ArrayBuffer>>),
    meter.stage("prefetch", prefetch(2)<Batch<Float32Array<ArrayBuffer>>>),
  );
}
