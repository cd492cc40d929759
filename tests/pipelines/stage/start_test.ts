// What is read from the middle of an epoch goes on as the whole does; the laws try it in compositions of stages.

import { assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import { flow, pipe } from "fp-ts/lib/function.js";
import * as pipelines from "@rill/rill/pipelines";
import {
  batch,
  collect,
  drain,
  type Example,
  filter,
  inWorkers,
  map,
  mix,
  prefetch,
  randomStageOf,
  readEpochs,
  readIndexed,
  resumeFrom,
  shuffle,
  type Stage,
  StageError,
  tapEvery,
  withPosition,
  withRecordPolicy,
  withSeed,
  WorkerError,
  zip,
} from "@rill/rill/pipelines";
import { cacheFile } from "@rill/rill/pipelines/cache-file";
import { decodeImage } from "@rill/rill/pipelines/decode-image";
import { findStart } from "../../../pipelines/stage/_start.ts";
import { range } from "../_helpers.ts";

const numbers = { length: 40, get: (index: number) => index };
const read = (from: number): AsyncIterable<number> =>
  pipe(numbers, readIndexed({ seed: 2, epoch: 1, from }));

/** A random stage of numbers. */
const shake = (own: { readonly seed?: number } = {}): Stage<number, number> =>
  randomStageOf({ name: "shake", each: (n: number, draws) => n + draws.unit(), ...own });
const isOdd = (n: number): boolean => n % 2 === 1;
const module = import.meta.resolve("../_in_workers.ts");

type Make = (source: AsyncIterable<never>) => AsyncIterable<unknown>;

const same = <T>(item: T): T => item;
const size = { height: 2, width: 2 };

/** All stages, by how many of their outputs come before the first one where 12 items do. */
const STARTS: readonly (readonly [start: number, stages: Readonly<Record<string, Make>>])[] = [
  [12, {
    cache: pipelines.cache(),
    centerCrop: pipelines.centerCrop(size),
    chooseStage: pipelines.chooseStage([map(same)]),
    colorJitter: pipelines.colorJitter({}),
    concat: (source) => pipelines.concat([source, map(same)(ReadableStream.from([1]))]),
    cutMix: pipelines.cutMix(),
    decodeImage: decodeImage(),
    enumerate: pipelines.enumerate(),
    flipHorizontal: pipelines.flipHorizontal(),
    grayscale: pipelines.grayscale(),
    inWorkers: inWorkers(1, module),
    map: flow(map(same), map(same, { concurrency: 2 })),
    mapImage: pipelines.mapImage(same),
    measure: (source) => {
      const { source: watch, stage } = pipelines.measure();
      return stage("map", map(same))(watch("all", source));
    },
    mix: (source) => mix([ReadableStream.from([1]), source], { seed: 1 }),
    mixup: pipelines.mixup({ alpha: 0.2 }),
    normalize: pipelines.normalize(),
    oneHot: pipelines.oneHot({ classes: 2 }),
    pcaLighting: pipelines.pcaLighting(),
    prefetch: prefetch(1),
    randAugment: pipelines.randAugment(),
    randomAffine: pipelines.randomAffine({ degrees: 1 }),
    randomAutoContrast: pipelines.randomAutoContrast(),
    randomBlur: pipelines.randomBlur({ kernelSize: 3 }),
    randomCrop: pipelines.randomCrop(size),
    randomEqualize: pipelines.randomEqualize(),
    randomErasing: pipelines.randomErasing(),
    randomInvert: pipelines.randomInvert(),
    randomPerspective: pipelines.randomPerspective(),
    randomPosterize: pipelines.randomPosterize({ bits: 1 }),
    randomRegion: pipelines.randomRegion(),
    randomResizedCrop: pipelines.randomResizedCrop(size),
    randomRotation: pipelines.randomRotation({ degrees: 1 }),
    randomSharpness: pipelines.randomSharpness({ factor: 1 }),
    randomSolarize: pipelines.randomSolarize({ threshold: 1 }),
    randomStageOf: shake(),
    resize: pipelines.resize(size),
    scan: pipelines.scan((_, n) => [n, n], 0),
    stageOf: pipelines.stageOf({ name: "pass", each: same }),
    take: pipelines.take(3),
    tap: pipelines.tap(() => {}),
    tapEvery: tapEvery(2, () => {}),
    toFloat: pipelines.toFloat(),
    toRgb: pipelines.toRgb(),
    trivialAugment: pipelines.trivialAugment(),
    untilAborted: pipelines.untilAborted(new AbortController().signal),
    withPosition: withPosition(),
    withSeed: withSeed({ seed: 1 }),
    zip: zip(read(12)),
  }],
  [3, {
    batch: batch(4),
    "batch of parts": flow(pipelines.shardBatches(4, () => [0, 1]), batch(4)),
    gather: pipelines.gather(4),
    shard: pipelines.shard(1, 4),
    sourceOf: (source) =>
      pipelines.sourceOf({
        name: "gather",
        sources: [source],
        itemsPerOutput: 4,
        async *begin() {},
      }),
    window: pipelines.window(4),
  }],
  // It isn't known.
  [NaN, {
    "batch by another number": batch(5),
    cacheFile: cacheFile("none", { key: "" }),
    decodeCsv: pipelines.decodeCsv(),
    decodeIdx: pipelines.decodeIdx(),
    decodeTar: pipelines.decodeTar(),
    encodeTar: pipelines.encodeTar(),
    filter: filter(isOdd),
    flatMap: flow(
      pipelines.flatMap((n: number) => [n]),
      pipelines.flatMap((n: number) => [n], { concurrency: 2 }),
    ),
    gunzip: pipelines.gunzip(),
    interleave: (source) => pipelines.interleave([source, source]),
    repeat: pipelines.repeat(2),
    resumeFrom: (source) => resumeFrom({ stage: "read", index: 20 })(source),
    skip: pipelines.skip(1),
    "stageOf with begin": pipelines.stageOf({ name: "none", async *begin() {} }),
    unbatch: pipelines.unbatch(),
    webDataset: pipelines.webDataset(),
    "window that overlaps": pipelines.window(4, { step: 3 }),
    withRecordPolicy: withRecordPolicy(map(same), () => "skip"),
    writeShards: pipelines.writeShards(),
    "zip with what begins elsewhere": zip(read(11)),
  }],
  // Another epoch begins.
  [0, { "withSeed from 0": withSeed({ seed: 1, from: 0 }) }],
  // What each item's place in the epoch is, the parts of batches tell.
  [0, { shardBatches: pipelines.shardBatches(4, () => [0, 1]) }],
];

/** Functions that are no stages, or that begin nowhere else. */
const NO_STAGES =
  `adjustBrightness adjustContrast adjustHue adjustSaturation adjustSharpness affineImage
  autoContrastImage cifarExamples collect cropImage decodeImageBlob decodeImageBytes drain encodeImageBlob encodePng
  createWorkerPool equalizeImage failRecords fiveCropImage flipImage gaussianBlurImage httpRecords httpSource idxExamples imageFolder
  indexPermutation invertImage mapIndexed orientImage padImage perspectiveImage posterizeImage readHttpRange readImageBitmap
  readImageData readImageHeader readVideoFrame recycle reduce reportTable resizeImage resizeShorterSide rotateImage
  sampleIndexed selectIndexed shardIndexed shuffleIndexed skipRecords solarizeImage splitIndexed stratifyIndexed tenCropImage
  toImageBitmap toImageData toVideoFrame`.split(/\s+/);

Deno.test("every stage says how many outputs come before its first", async () => {
  for (const [start, stages] of STARTS) {
    for (const [name, stage] of Object.entries(stages)) {
      assertEquals(findStart(stage(read(12) as AsyncIterable<never>)), start, name);
      if (name.startsWith("zip") || name === "resumeFrom") continue;
      assertEquals(findStart(stage(read(0) as AsyncIterable<never>)), 0, name);
    }
  }
  const tried = STARTS.flatMap(([, stages]) => Object.keys(stages));
  // The first refuses, the others are read from there.
  const known = new Set([...tried, ...NO_STAGES, "shuffle", "readIndexed", "readEpochs"]);
  const manifest = await Deno.readTextFile(new URL("../../../deno.json", import.meta.url));
  for (const [entry, path] of Object.entries<string>(JSON.parse(manifest).exports)) {
    if (!entry.startsWith("./pipelines/")) continue;
    const module = await import(new URL(`../../../${path}`, import.meta.url).href);
    const names = Object.keys(module).filter((name) =>
      typeof module[name] === "function" && /^[a-z]/.test(name)
    );
    assertEquals(names.filter((name) => !known.has(name)), [], entry);
  }
});

Deno.test("the rest of an epoch is drawn as the whole", async () => {
  const stages: Readonly<Record<string, Stage<number, number>>> = {
    "by the seed of the pipeline": flow(shake(), shake()),
    "by seeds of their own": flow(shake({ seed: 7 }), prefetch(2), shake({ seed: 8 })),
    "by another seed": flow(shake(), withSeed({ seed: 9 }), shake()),
    "in a choice": pipelines.chooseStage([shake(), shake({ seed: 5 })], { weights: [1, 2] }),
    "with a policy": withRecordPolicy(flow(map(same<number>), shake()), () => "skip"),
    "in workers": inWorkers(2, module, { name: "shake", kind: "stage", parameters: {} }),
    "in workers, with a policy": withRecordPolicy(
      inWorkers(2, module, { name: "shake", kind: "stage", parameters: { seed: 3 } }),
      () => "skip",
    ),
  };
  for (const [name, stage] of Object.entries(stages)) {
    const whole = await collect(stage(read(0)));
    const isSlow = name.includes("workers");
    for (const from of isSlow ? [13] : [1, 13, 39, 40]) {
      assertEquals(await collect(stage(read(from))), whole.slice(from), `${name}, from ${from}`);
    }
    // Not because nothing is drawn.
    assertNotEquals(whole, await collect(read(0)), name);
  }
  const own = shake({ seed: 7 });
  const plain = (from: number) => collect(own(readIndexed({ from })(numbers)));
  assertEquals(await plain(13), (await plain(0)).slice(13));
});

Deno.test("the rest of an epoch is drawn as the whole in images and in batches that are mixed", async () => {
  const images = pipelines.mapIndexed((n: number): Example<Uint8Array<ArrayBuffer>> => {
    const data = Uint8Array.from(range(64), (i) => (i * 7 + n * 31) % 251);
    return { image: { data, height: 8, width: 8, channels: 1 }, label: n % 3 };
  })(numbers);
  const read = (from: number) =>
    pipe(
      images,
      readIndexed({ seed: 4, epoch: 2, from }),
      pipelines.randomCrop({ height: 6, width: 6 }),
      pipelines.flipHorizontal(),
      batch(4),
      pipelines.mixup({ alpha: 0.4 }),
      pipelines.oneHot({ classes: 3 }),
    );
  const whole = await collect(read(0));
  assertEquals(await collect(read(12)), whole.slice(3));
  // There are no such batches in the whole.
  assertThrows(() => read(13), RangeError, "Cannot mix at random from the middle of an epoch");
});

Deno.test("the rest of an epoch of readEpochs() is drawn as the whole", async () => {
  const rest = (index: number) =>
    collect(pipe(numbers, readEpochs({ seed: 2, epochs: 3, from: { epoch: 1, index } }), shake()));
  assertEquals(await rest(15), (await rest(0)).slice(15));
});

Deno.test("the rest of an epoch is counted as the whole, in errors and positions too", async () => {
  for (const concurrency of [1, 2]) {
    const build = (from: number) =>
      pipe(
        read(from),
        map((n, index) => [n, index] as const, { concurrency }),
        pipelines.scan((_, item, index) => [0, [...item, index]] as const, 0),
        pipelines.flatMap((item, index) => [[...item, index]], { concurrency }),
      );
    assertEquals(await collect(build(12)), (await collect(build(0))).slice(12));
  }
  const thirds = (from: number) => collect(filter((_, index) => index % 3 === 0)(read(from)));
  assertEquals(await thirds(13), (await thirds(0)).slice(5));
  const picky = map((_: number, index) => {
    if (index === 20) throw new Error("no good");
  });
  const error = await assertRejects(() => drain(picky(read(12))), StageError);
  assertEquals(error.position, 20);
  for (const stage of [batch(4), pipelines.gather(4)] as unknown as Stage<number, unknown>[]) {
    const error = await assertRejects(() => drain(stage(read(12))), StageError);
    assertEquals(error.position, 12);
  }

  // A position is that of the whole, wherever the pipeline began: each goes on in the other.
  const make = (from: number) => pipe(read(from), shake(), prefetch(2), map(same<number>));
  const whole = await collect(withPosition()(make(0)));
  assertEquals(await collect(withPosition()(make(12))), whole.slice(12));
  for (const from of [0, 12, 30]) {
    const rest = await collect(resumeFrom(whole[25]![1])(make(from)));
    assertEquals(rest, whole.slice(26).map(([item]) => item));
  }
});

Deno.test("sources that are joined go on where each of them was", async () => {
  const hundreds = { length: 10, get: (index: number) => 100 + index };
  const joins: readonly ((from: number, other: number) => AsyncIterable<number>)[] = [
    (from, other) =>
      mix([read(from), readIndexed({ seed: 2, epoch: 1, from: other })(hundreds)], {
        seed: 1,
        weights: [3, 1],
      }),
    (from, other) =>
      pipelines.concat([read(from), readIndexed({ seed: 2, epoch: 1, from: other })(hundreds)]),
  ];
  for (const join of joins) {
    const whole = await collect(join(0, 0));
    const drawn = await collect(shake()(join(0, 0)));
    for (const given of [1, 13, 30, 45]) {
      const others = whole.slice(0, given).filter((n) => n >= 100).length;
      const make = () => join(given - others, others);
      assertEquals(await collect(make()), whole.slice(given));
      assertEquals(await collect(shake()(make())), drawn.slice(given));
    }
  }
});

Deno.test("withSeed() says how many items of an epoch come before", async () => {
  const seed = { seed: 4, epoch: 2 };
  const whole = await collect(pipe(numbers, readIndexed(), withSeed(seed), shake()));
  for (const from of [0, 7, 40]) {
    const stream = ReadableStream.from(range(40).slice(from));
    assertEquals(
      await collect(pipe(stream, withSeed({ ...seed, from }), shake())),
      whole.slice(from),
    );
  }
  const inside = flow(withSeed({ ...seed, from: 7 })<number>, shake());
  assertThrows(() => withRecordPolicy(inside, () => "skip"), TypeError, "Cannot give a policy");
  assertThrows(
    () => withSeed({ seed: 1, from: -1 }),
    RangeError,
    "Cannot draw from item -1 on: the number must be an integer of at least 0",
  );
});

Deno.test("what is random refuses items of which it isn't known how many come before", async () => {
  const behind = (stage: Stage<number, number>) => () => pipe(read(4), filter(isOdd), stage);
  const message =
    "at random from the middle of an epoch as it isn't known how many items come before";
  for (const stage of [shake(), shake({ seed: 3 })]) {
    assertThrows(behind(stage), RangeError, `Cannot shake ${message}`);
    assertThrows(behind(withRecordPolicy(stage, () => "skip")), RangeError, message);
    assertThrows(behind(pipelines.chooseStage([stage], { seed: 1 })), RangeError, message);
  }
  assertThrows(behind((source) => mix([source], { seed: 1 })), RangeError, `Cannot mix ${message}`);
  const resumed = resumeFrom({ stage: "read", index: 20, length: 40 });
  assertThrows(() => pipe(read(0), resumed, shake()), RangeError, message);
  const inWorker = inWorkers<number, number>(1, module, {
    name: "shake",
    kind: "stage",
    parameters: { seed: 1 },
  });
  await assertRejects(() => drain(behind(inWorker)()), WorkerError, `Cannot shake ${message}`);

  // A buffer would have held some of those before.
  for (const source of [read(4), pipe(read(4), filter(isOdd))]) {
    const mixed = shuffle({ bufferSize: 3, seed: 1 });
    assertThrows(() => mixed(source), RangeError, "Cannot shuffle from the middle of an epoch");
    assertEquals((await collect(mixed(withSeed({ seed: 1, from: 0 })(source)))).length > 10, true);
  }

  // From the beginning all of them are known, and a part may count as a whole.
  const odd = await collect(pipe(read(0), filter(isOdd), shake()));
  assertEquals(odd.length, 20);
  const part = pipe(read(4), filter(isOdd), withSeed({ seed: 2, epoch: 1, from: 2 }), shake());
  assertEquals((await collect(part)).length, (await collect(read(4))).filter(isOdd).length);
});
