// Tests of inference. What they test is that this file type checks; nothing in it runs.

import { pipe } from "fp-ts/lib/function.js";
import {
  type CsvError,
  decodeCsv,
  decodeTar,
  encodeTar,
  gunzip,
  httpSource,
  map,
  type Stage,
  take,
  type TarEntry,
  type TarShard,
  webDataset,
  type WebDatasetSample,
  writeShards,
} from "@rill/rill/pipelines";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true
  : false;
declare function assertType<T extends true>(): void;

type Bytes = Uint8Array<ArrayBuffer>;
type ItemOf<S> = S extends AsyncIterable<infer T> ? T : never;

declare const bytes: ReadableStream<Bytes>;

export function pipeInfersFromAddressToSamples() {
  const source = httpSource("https://example.org/a.tar.gz");
  assertType<Equal<typeof source, ReadableStream<Bytes>>>();
  const entries = pipe(source, gunzip(), decodeTar());
  assertType<Equal<ItemOf<typeof entries>, TarEntry>>();
  const fields = pipe(entries, webDataset(), take(3), map(({ fields }) => fields.jpg!));
  assertType<Equal<ItemOf<typeof fields>, Bytes>>();
  const shards = pipe(entries, webDataset(), writeShards());
  assertType<Equal<ItemOf<typeof shards>, TarShard>>();
  const again = pipe(entries, encodeTar());
  assertType<Equal<ItemOf<typeof again>, Bytes>>();
}

export function decodeCsvKnowsItsColumns() {
  const wanted = pipe(bytes, decodeCsv({ columns: ["path", "label"] }));
  assertType<Equal<ItemOf<typeof wanted>, Record<"path" | "label", string>>>();
  const all = pipe(bytes, decodeCsv());
  assertType<Equal<ItemOf<typeof all>, Record<string, string>>>();
  const texts = pipe(bytes, decodeCsv({ columns: ["x"], header: false }), map(({ x }) => x));
  assertType<Equal<ItemOf<typeof texts>, string>>();
  // @ts-expect-error There is no such column.
  pipe(bytes, decodeCsv({ columns: ["x"] }), map(({ y }) => y));
}

export function theyAreStages(error: CsvError): [unknown, number] {
  const group: Stage<TarEntry, WebDatasetSample> = webDataset();
  const stages: Stage<Uint8Array, unknown>[] = [gunzip(), decodeTar(), decodeCsv()];
  return [[group, stages], error.line];
}
