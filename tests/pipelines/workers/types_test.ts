// Tests of inference. What they test is that this file type checks; nothing in it runs.

import { flow, pipe } from "fp-ts/lib/function.js";
import {
  type BadRecord,
  type Batch,
  batch,
  drain,
  type Example,
  failRecords,
  inWorkers,
  map,
  measure,
  type MeterReport,
  normalize,
  prefetch,
  readIndexed,
  type RecordPolicy,
  resize,
  type SkippingPolicy,
  skipRecords,
  type Stage,
  type StageError,
  withRecordPolicy,
} from "@rill/rill/pipelines";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true
  : false;
declare function assertType<T extends true>(): void;

type Bytes = Uint8Array<ArrayBuffer>;
type Floats = Float32Array<ArrayBuffer>;
type ItemOf<S> = S extends AsyncIterable<infer T> ? T : never;

declare const examples: ReadableStream<Example<Bytes>>;
declare const texts: ReadableStream<string>;
declare const module: URL;

export function workersAreStages() {
  const stage = inWorkers<string, number>(2, module, { parameters: { any: "thing" } });
  assertType<Equal<typeof stage, Stage<string, number>>>();
  const batches = pipe(
    examples,
    inWorkers<Example<Bytes>, Example<Floats>>(2, module, { kind: "stage" }),
    batch(2),
  );
  assertType<Equal<ItemOf<typeof batches>, Batch<Floats>>>();
}

export function metersKeepTypes() {
  const meter = measure();
  const batches = pipe(
    meter.source("read", readIndexed()({ length: 1, get: (): Example<Bytes> => undefined! })),
    meter.stage("resize", resize({ height: 2, width: 2 })),
    meter.stage("label", map(({ image, label }, index) => ({ image, label: label + index }))),
    meter.stage("normalize", normalize()),
    meter.stage("batch", batch(2)),
    meter.stage("prefetch", prefetch(2)),
  );
  assertType<Equal<ItemOf<typeof batches>, Batch<Floats>>>();
  assertType<Equal<ReturnType<typeof meter.report>, MeterReport>>();
}

export function guardsKeepTypes() {
  const numbers = pipe(
    texts,
    withRecordPolicy(map((text: string) => text.length), skipRecords()),
  );
  assertType<Equal<ItemOf<typeof numbers>, number>>();

  const replaced = pipe(
    texts,
    withRecordPolicy(map((text: string) => text.length), ({ record, error, skipped }) => {
      assertType<Equal<typeof record, string>>();
      assertType<Equal<typeof error, StageError>>();
      assertType<Equal<typeof skipped, number>>();
      return skipped > 9 ? "fail" : record === "" ? "skip" : { use: null };
    }),
  );
  assertType<Equal<ItemOf<typeof replaced>, number | null>>();

  const prepared = pipe(
    examples,
    withRecordPolicy(flow(resize({ height: 2, width: 2 }), normalize()), failRecords()),
    withRecordPolicy(map((example) => example), skipRecords()),
    batch(2),
  );
  assertType<Equal<ItemOf<typeof prepared>, Batch<Floats>>>();

  const kept = withRecordPolicy(resize({ height: 2, width: 2 }), () => "skip")(examples);
  assertType<Equal<ItemOf<typeof kept>, Example<Bytes>>>();
  return pipe(kept, drain);
}

export function policiesAreValues(isStrict: boolean) {
  const policy: RecordPolicy = isStrict ? failRecords() : skipRecords({ limit: 9 });
  const numbers = withRecordPolicy(map((text: string) => text.length), policy)(texts);
  assertType<Equal<ItemOf<typeof numbers>, number>>();
  const counted: SkippingPolicy = skipRecords({
    onSkip: (bad) => assertType<Equal<typeof bad, BadRecord>>(),
  });
  return [numbers, counted.skipped];
}

export function policiesAreForTheirRecords(forTexts: RecordPolicy<string>) {
  // @ts-expect-error The policy is one for other records.
  return withRecordPolicy(map((n: number) => n), forTexts);
}
