// Tests of inference. What they test is that this file type checks; nothing in it runs.

import { toTransformStream } from "@std/streams";
import { flow, pipe } from "fp-ts/lib/function.js";
import {
  type Batch,
  batch,
  cache,
  collect,
  concat,
  decodeIdx,
  drain,
  enumerate,
  type Example,
  filter,
  flatMap,
  type IdxArray,
  type IndexedSource,
  interleave,
  map,
  mapIndexed,
  mix,
  normalize,
  type Position,
  prefetch,
  readEpochs,
  readIndexed,
  reduce,
  repeat,
  resize,
  type Resumable,
  resumeFrom,
  sampleIndexed,
  scan,
  selectIndexed,
  shard,
  shardIndexed,
  shuffle,
  shuffleIndexed,
  skip,
  splitIndexed,
  type Stage,
  stratifyIndexed,
  take,
  tap,
  tapEvery,
  unbatch,
  window,
  withPosition,
  zip,
} from "@rill/rill/pipelines";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true
  : false;
declare function assertType<T extends true>(): void;

type Bytes = Uint8Array<ArrayBuffer>;
type Floats = Float32Array<ArrayBuffer>;
type ItemOf<S> = S extends AsyncIterable<infer T> ? T : never;

declare const files: Record<"images" | "labels", ReadableStream<Bytes>>;
declare const numbers: ReadableStream<number>;
declare const examples: ReadableStream<Example<Bytes>>;
declare function toBytes(array: IdxArray): Bytes;

export function pipeInfersFromBytesToTraining() {
  const labels = decodeIdx()(files.labels);
  const batches = pipe(
    files.images,
    decodeIdx(),
    map((array) => {
      assertType<Equal<typeof array, IdxArray>>();
      return { data: toBytes(array), height: array.shape[0]!, width: array.shape[1]!, channels: 1 };
    }),
    zip(labels),
    map(([image, label], index) => {
      assertType<Equal<typeof label, IdxArray>>();
      assertType<Equal<typeof index, number>>();
      return { image, label: label.data[0]! };
    }),
    filter(({ label }) => label < 5),
    shuffle({ bufferSize: 100, seed: 1 }),
    skip(1),
    take(1000),
    resize({ height: 224, width: 224 }),
    tap((example) => assertType<Equal<typeof example["image"]["data"], Bytes>>()),
    batch(128),
    prefetch(2),
  );
  assertType<Equal<ItemOf<typeof batches>, Batch<Bytes>>>();

  const metrics = pipe(
    batches,
    scan((step, { labels, size }) => {
      assertType<Equal<typeof labels, Int32Array<ArrayBuffer>>>();
      return [step + 1, { step, size }];
    }, 0),
    tap(({ step, size }) => {
      assertType<Equal<typeof step, number>>();
      assertType<Equal<typeof size, number>>();
    }),
  );
  assertType<Equal<ItemOf<typeof metrics>, { step: number; size: number }>>();

  const total = pipe(metrics, reduce((sum, { size }) => sum + size, 0));
  assertType<Equal<typeof total, Promise<number>>>();
  const end = pipe(metrics, drain);
  assertType<Equal<typeof end, Promise<void>>>();
  const all = pipe(metrics, collect);
  assertType<Equal<typeof all, Promise<{ step: number; size: number }[]>>>();
}

declare const dataset: IndexedSource<Example<Bytes>>;
declare const saved: { readonly weights: Floats; readonly position: Position } | undefined;

export function pipeInfersThroughResume() {
  const end = pipe(
    dataset,
    readEpochs({ seed: 1, epochs: 5 }),
    shard(0, 2),
    cache(),
    enumerate(),
    map(([index, example]) => {
      assertType<Equal<typeof index, number>>();
      return example;
    }, { concurrency: 4 }),
    window(3, { step: 1 }),
    flatMap((examples) => {
      assertType<Equal<typeof examples, Example<Bytes>[]>>();
      return examples;
    }),
    batch(128),
    unbatch(),
    batch(64),
    prefetch(2),
    scan((weights, { images }) => {
      assertType<Equal<typeof images["data"], Bytes>>();
      return [weights, weights.length];
    }, saved?.weights ?? new Float32Array(1)),
    resumeFrom(saved?.position),
    withPosition(),
    tapEvery(100, ([loss, position], index) => {
      assertType<Equal<typeof loss, number>>();
      assertType<Equal<typeof position, Position>>();
      assertType<Equal<typeof index, number>>();
    }),
    drain,
  );
  assertType<Equal<typeof end, Promise<void>>>();
}

export function sourcesCombine() {
  const texts = pipe(numbers, map((n) => `${n}`));
  const joined = concat([numbers, numbers]);
  assertType<Equal<ItemOf<typeof joined>, number>>();
  const mixed = pipe(mix([numbers, numbers], { seed: 1 }), take(3));
  assertType<Equal<ItemOf<typeof mixed>, number>>();
  const inTurns = interleave<number | string>([numbers, texts]);
  assertType<Equal<ItemOf<typeof inTurns>, number | string>>();
  const epochs = pipe((epoch: number) => readEpochs({ seed: epoch })(dataset), repeat(2));
  assertType<Equal<ItemOf<typeof epochs>, Example<Bytes>>>();
  const again = pipe(numbers, repeat(2));
  assertType<Equal<ItemOf<typeof again>, number>>();
  const streams = pipe(numbers, flatMap((n) => pipe(numbers, map((m) => `${n} ${m}`))));
  assertType<Equal<ItemOf<typeof streams>, string>>();
  const promised = pipe(numbers, flatMap((n) => Promise.resolve([n])));
  assertType<Equal<ItemOf<typeof promised>, number>>();
  const ahead = pipe(numbers, flatMap((n) => counted(n), { concurrency: 2 }), take(1));
  assertType<Equal<ItemOf<typeof ahead>, string>>();
}
const counted = (n: number): AsyncIterable<string> => pipe(numbers, map((m) => `${n} ${m}`));

export function indexedSourcesKeepTypes() {
  const [train, validation] = pipe(dataset, splitIndexed({ fraction: 0.9, seed: 1 }));
  assertType<Equal<typeof train, IndexedSource<Example<Bytes>>>>();
  const labels = pipe(
    validation,
    shardIndexed(0, 2),
    mapIndexed(({ label }) => Promise.resolve(label)),
  );
  assertType<Equal<typeof labels, IndexedSource<number>>>();
  const items = pipe(
    labels,
    sampleIndexed({ weights: Float32Array.of(1), seed: 1 }),
    stratifyIndexed({ labels: ["a"], seed: 1 }),
    readIndexed(),
    take(1),
  );
  assertType<Equal<ItemOf<typeof items>, number>>();
  const texts = pipe(
    dataset,
    shuffleIndexed({ seed: 1 }),
    selectIndexed([0]),
    mapIndexed(({ label }, index) => `${label} ${index}`),
    readIndexed({ seed: 1, epoch: 0, shuffle: true }),
    map((text) => text.length),
  );
  assertType<Equal<ItemOf<typeof texts>, number>>();
  const labeled = pipe(dataset, mapIndexed(({ label }) => label), readEpochs({ epochs: 1 }));
  assertType<Equal<ItemOf<typeof labeled>, number>>();
  const view = flow(shuffleIndexed({ seed: 1 }), shardIndexed(0, 2), readEpochs({ seed: 1 }));
  const viewed = view(dataset);
  assertType<Equal<ItemOf<typeof viewed>, Example<Bytes>>>();
}

export function resumablesAreIterables(source: Resumable<string>) {
  const items = pipe(source, map((text) => text.length), resumeFrom({ stage: "map" }));
  assertType<Equal<ItemOf<typeof items>, number>>();
  const position: Position = JSON.parse(JSON.stringify(source.iterateFrom().position()));
  return position;
}

export function stagesNeedNoPipe() {
  assertType<Equal<ItemOf<ReturnType<typeof twoOf>>, number>>();
  const pairs = zip(decodeIdx()(files.labels))(decodeIdx()(files.images));
  assertType<Equal<ItemOf<typeof pairs>, readonly [IdxArray, IdxArray]>>();
  const batches = batch(2)(resize({ height: 2, width: 2 })(examples));
  assertType<Equal<ItemOf<typeof batches>, Batch<Bytes>>>();
  const floats = batch(2)(normalize()(examples));
  assertType<Equal<ItemOf<typeof floats>, Batch<Floats>>>();
}
const twoOf = () => take(2)(numbers);

export function flowKeepsTypes() {
  const prepare = flow(resize({ height: 2, width: 2 }), batch(2), prefetch(2));
  const batches = prepare(examples);
  assertType<Equal<ItemOf<typeof batches>, Batch<Bytes>>>();
  const squares = flow(map((n: number) => `${n}`), take(2));
  assertType<Equal<ReturnType<typeof squares>, AsyncIterable<string>>>();
}

export function pipeThroughInfers() {
  const result = numbers
    .pipeThrough(toTransformStream(map((n: number) => `${n}`)))
    .pipeThrough(toTransformStream(take(2)));
  assertType<Equal<typeof result, ReadableStream<string>>>();
  const batches = examples.pipeThrough(toTransformStream(batch(2)));
  assertType<Equal<typeof batches, ReadableStream<Batch<Bytes>>>>();
}

export function filterNarrows() {
  const isText = (item: string | number): item is string => typeof item === "string";
  const texts = pipe({ length: 1, get: (): string | number => 0 }, readIndexed(), filter(isText));
  assertType<Equal<ItemOf<typeof texts>, string>>();
}

export function promisesAreAwaited() {
  const items = pipe(numbers, map((n) => Promise.resolve(n > 0)));
  assertType<Equal<ItemOf<typeof items>, boolean>>();
  const states = pipe(numbers, scan((s, n) => Promise.resolve([s, String(n)] as const), true));
  assertType<Equal<ItemOf<typeof states>, string>>();
  const read = readIndexed()({ length: 1, get: () => Promise.resolve("a") });
  assertType<Equal<ItemOf<typeof read>, string>>();
}

export function genericStagesAreStages() {
  const stages: Stage<number, number>[] = [
    take(1),
    skip(1),
    prefetch(1),
    shard(0, 1),
    cache(),
    repeat(1),
    resumeFrom(undefined),
  ];
  const numbered: Stage<number, readonly [number, number]> = enumerate();
  const gather: Stage<Example<Bytes>, Batch<Bytes>> = batch(1);
  return [stages, numbered, gather];
}

export function idxArraysNarrow(array: IdxArray) {
  if (array.type === "float32") assertType<Equal<typeof array.data, Floats>>();
  const bytes: IdxArray<"uint8"> = { type: "uint8", shape: [1], data: new Uint8Array(1) };
  const any: IdxArray = bytes;
  return any;
}

// @ts-expect-error A list's items and the typed array must agree.
export const wrong: IdxArray = { type: "int16", shape: [1], data: new Uint8Array(1) };
