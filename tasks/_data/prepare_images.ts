import type { Example } from "../../pipelines/data/example.ts";
import { measure } from "../../pipelines/measure/measure.ts";
import type { Meter } from "../../pipelines/measure/meter.ts";
import { inWorkers } from "../../pipelines/workers/in_workers.ts";
import { withRecordPolicy } from "../../pipelines/workers/with_record_policy.ts";
import type { WorkerPool } from "../../pipelines/workers/worker_pool.ts";
import type { BadRecords } from "./prepare/bad_records.ts";
import createPrepareStage from "./prepare/prepare_module.ts";
import type { Augmentation, PrepareParameters, Preprocessing } from "./prepare/preprocessing.ts";
import { createPrepareStages } from "./prepare/stages.ts";
import type { Split, StoredRecord } from "./sets/data_set.ts";

export { type BadRecords, createBadRecords } from "./prepare/bad_records.ts";
export type {
  Augmentation,
  AugmentationParameters,
  Preprocessing,
} from "./prepare/preprocessing.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Options for {@linkcode prepareImages}. */
export interface PrepareOptions {
  /** What is drawn anew at each epoch; nothing by default. */
  readonly augment?: Augmentation | undefined;
  /** How many workers do it; 0, the default, for the thread that asks. */
  readonly workers?: number;
  /** Where the workers wait for the next pass; they end with each by default. */
  readonly pool?: WorkerPool | undefined;
  /** What becomes of records that cannot be decoded; by default the first fails. */
  readonly badRecords?: BadRecords | undefined;
  /** Set by {@linkcode cacheImages}: ends before what it cannot keep. */
  readonly forCache?: Augmentation["input"];
  /** The meter of the stages. */
  readonly meter?: Meter;
}

/**
 * Creates the stages from stored records to examples of bytes of one size: decoded, turned as EXIF says, converted to the
 * channels, resized, and augmented. Mean and standard deviation are left to what makes floats of them.
 *
 * The same bytes come in the same order whatever the number of workers.
 */
export function prepareImages(
  { side, channels, resize, shorterSide, orientation }: Omit<Preprocessing, "mean" | "std">,
  { augment, workers = 0, pool, badRecords, forCache, meter = measure({ enabled: false }) }:
    PrepareOptions = {},
): (records: AsyncIterable<StoredRecord>) => AsyncIterable<Example<Bytes>> {
  const parameters: PrepareParameters = {
    preprocessing: { side, channels, resize, shorterSide, orientation },
    ...augment && { augment },
    ...forCache !== undefined && { forCache },
  };
  if (workers === 0 && !badRecords?.policy) {
    const { decode, others } = createPrepareStages(parameters);
    // In their order, which is that of the report.
    const first = meter.stage("decode", decode);
    const rest = others.map(([name, stage]) => meter.stage(name, stage));
    return (records) =>
      rest.reduce<AsyncIterable<Example<Bytes>>>(
        (examples, stage) => stage(examples),
        first(records),
      );
  }
  const stage = workers === 0 ? createPrepareStage(parameters) : inWorkers<
    StoredRecord,
    Example<Bytes>
  >(
    workers,
    new URL("prepare/prepare_module.ts", import.meta.url),
    { kind: "stage", parameters, pool },
  );
  const policy = badRecords?.policy;
  return meter.stage("prepare", policy ? withRecordPolicy(stage, policy) : stage);
}

/**
 * Chooses the number of workers for `--workers`. Decoding pays, also where the thread that asks and others train; what is in
 * memory already is resized faster than it is sent.
 *
 * @param given A number, or `"auto"`.
 * @param split What is read.
 */
export function chooseWorkers(
  given: number | "auto",
  split: Pick<Split, "size">,
  cores: number = navigator.hardwareConcurrency,
): number {
  if (given !== "auto") return given;
  return split.size === undefined ? Math.min(Math.max(cores - 1, 1), 8) : 0;
}
