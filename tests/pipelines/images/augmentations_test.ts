// What the stages that change images at random promise together; and tests of inference, which nothing need run.

import { assert, assertEquals } from "@std/assert";
import { toTransformStream } from "@std/streams";
import { pipe } from "fp-ts/lib/function.js";
import {
  batch,
  centerCrop,
  colorJitter,
  type Example,
  flipHorizontal,
  grayscale,
  type ImageData,
  type MixedBatch,
  mixup,
  pcaLighting,
  randomCrop,
  randomErasing,
  randomResizedCrop,
  resize,
  type Stage,
  toFloat,
  toRgb,
} from "@rill/rill/pipelines";
import { boxOf, byteImage, type Bytes, type Floats, places, results } from "./_augment.ts";

Deno.test("stages of two kinds draw independently by one seed", async () => {
  const random = { seed: 9, epoch: 1 };
  const count = 4000;
  const image = byteImage(2, 3, 1);
  const flips = (await results(flipHorizontal(random), image, count)).map((x) => x !== image);
  // Whether a flip goes together with what another stage draws first.
  const jitter = colorJitter({ brightness: [0, 2], ...random });
  const white = { data: Uint8Array.of(100), height: 1, width: 1, channels: 1 };
  const crop = randomCrop({ height: 1, width: 1, ...random });
  const others = {
    colorJitter: (await results(jitter, white, count)).map(({ data }) => data[0]! >= 100),
    pcaLighting: (await results(pcaLighting({ std: 9, ...random }), {
      data: new Float32Array(3),
      height: 1,
      width: 1,
      channels: 3,
    }, count)).map(({ data }) => data[0]! > 0),
    randomCrop: (await results(crop, places(2, 1), count)).map((x) => boxOf(x).top === 0),
    randomErasing: (await results(
      randomErasing({ scale: [0.1, 0.1], ratio: [1, 1], ...random }),
      byteImage(9, 9, 1),
      count,
    )).map(({ data }) => data.includes(0)),
  };
  for (const [name, outcomes] of Object.entries(others)) {
    const share = outcomes.filter((x, i) => x === flips[i]).length / count;
    // Four standard deviations.
    assert(Math.abs(share - 0.5) < 4 * Math.sqrt(0.25 / count), `${name}: ${share}`);
  }
});

Deno.test("a seed's neighbors, epochs and positions draw independently", async () => {
  const image = byteImage(1, 2, 1);
  const flips = async (seed: number, epoch: number) =>
    (await results(flipHorizontal({ seed, epoch }), image, 4000)).map((x) => x !== image);
  const own = await flips(1, 1);
  for (const other of [await flips(2, 1), await flips(1, 2), await flips(2, 2), own.slice(1)]) {
    const share = other.filter((x, i) => x === own[i]).length / other.length;
    assert(Math.abs(share - 0.5) < 4 * Math.sqrt(0.25 / other.length));
  }
});

Deno.test("a training input of all stages works", async () => {
  const prepare = (source: AsyncIterable<Example<Bytes>>) =>
    pipe(
      source,
      toRgb(),
      randomResizedCrop({ height: 24, width: 24, seed: 1 }),
      flipHorizontal({ seed: 1 }),
      colorJitter({ brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1, seed: 1 }),
      pcaLighting({ seed: 1 }),
      toFloat(),
      randomErasing({ value: "random", seed: 1 }),
    );
  for (const image of await results(prepare, byteImage(28, 28, 1), 10)) {
    assertEquals([image.height, image.width, image.channels], [24, 24, 3]);
  }
});

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true
  : false;
declare function assertType<T extends true>(): void;
type ItemOf<S> = S extends AsyncIterable<infer T> ? T : never;
declare const bytes: ReadableStream<Example<Bytes>>;
declare const floats: ReadableStream<Example<Floats>>;
declare const any: ReadableStream<Example>;

export function pipeInfers() {
  const random = { seed: 1, epoch: 0 };
  const size = { height: 24, width: 24 };
  const prepared = pipe(
    bytes,
    resize({ ...size, method: "bicubic" }),
    centerCrop(size),
    randomCrop({ ...size, padding: 2, fill: [0, 0, 0], ...random }),
    randomResizedCrop({ ...size, ...random }),
    flipHorizontal(random),
    colorJitter({ brightness: 0.4, ...random }),
    pcaLighting(random),
    randomErasing(random),
    grayscale({ channels: 3 }),
    toRgb(),
  );
  assertType<Equal<ItemOf<typeof prepared>, Example<Bytes>>>();
  const batches = pipe(prepared, batch(8), mixup({ alpha: 0.2, ...random }));
  assertType<Equal<ItemOf<typeof batches>, MixedBatch<Bytes>>>();
  const mixedFloats = pipe(prepared, toFloat(), batch(8), mixup({ alpha: 0.2, ...random }));
  assertType<Equal<ItemOf<typeof mixedFloats>, MixedBatch<Floats>>>();
  const flipped = pipe(floats, flipHorizontal(random), randomErasing(random));
  assertType<Equal<ItemOf<typeof flipped>, Example<Floats>>>();
  const either = pipe(any, flipHorizontal(random), toRgb());
  assertType<Equal<ItemOf<typeof either>, Example<ImageData>>>();
  const piped = bytes.pipeThrough(toTransformStream(flipHorizontal(random)));
  assertType<Equal<typeof piped, ReadableStream<Example<Bytes>>>>();
  const stages: Stage<Example<Bytes>, Example<Bytes>>[] = [flipHorizontal(random), grayscale()];
  // @ts-expect-error Colors are changed in bytes.
  const refused = pipe(floats, colorJitter(random));
  return [stages, refused];
}
