// tfjs-data, as its users write it, in a worker, so that its garbage is its own. Is sent the name of a backend and answers
// what it is made of, or why it isn't there; then is sent loads and answers the seconds that each took.

import { BATCH_SIZE, type Load, MEAN, STD, STORED_SIDE } from "./contestant.ts";
import { makeRandomImages } from "../pipelines/stored_images.ts";

/** Not in the manifest, and so out of the lock file's sight: no other task is to download it. */
const TFJS_DATA = "npm:@tensorflow/tfjs-data@4.22.0";

/** The part of it that is used here. */
interface TfjsData {
  array<T>(items: readonly T[]): Dataset<T>;
}
interface Dataset<T> {
  shuffle(bufferSize: number): Dataset<T>;
  map<U>(fn: (item: T) => U): Dataset<U>;
  batch(size: number): Dataset<object>;
  forEachAsync(fn: (item: T) => void): Promise<void>;
}

/** A worker's own global. */
const self = globalThis as unknown as {
  postMessage(answer: TfjsDataAnswer): void;
  onmessage: (event: MessageEvent) => void;
};

/** An answer of the worker. */
export type TfjsDataAnswer = { about: string } | { missing: string } | { seconds: number };

self.onmessage = async ({ data: backend }: MessageEvent<"cpu" | "wasm">) => {
  try {
    const { about, load } = await open(backend);
    self.onmessage = async ({ data }: MessageEvent<Load>) => {
      self.postMessage({ seconds: await load(data) });
    };
    self.postMessage({ about });
  } catch (error) {
    self.postMessage({ missing: (error as Error).message });
  }
};

async function open(
  backend: "cpu" | "wasm",
): Promise<{ about: string; load: (load: Load) => Promise<number> }> {
  console.warn = () => {}; // It advertises another backend.
  const tf = await import("@tensorflow/tfjs-core");
  if (backend === "cpu") await import("@tensorflow/tfjs-backend-cpu");
  else await import("@tensorflow/tfjs-backend-wasm");
  const data: TfjsData = await import(TFJS_DATA);
  await tf.setBackend(backend);
  await tf.ready();
  const toFloats = (xs: Uint8Array, side: number) => {
    const image = tf.tensor3d(xs, [STORED_SIDE, STORED_SIDE, 1]);
    const resized = side === STORED_SIDE ? image : tf.image.resizeBilinear(image, [side, side]);
    return tf.div(tf.sub(tf.div(resized, 255), MEAN), STD);
  };
  const load = async ({ side, images }: Load): Promise<number> => {
    const bytes = makeRandomImages(images);
    const length = STORED_SIDE ** 2;
    const items = Array.from({ length: images }, (_, i) => ({
      xs: bytes.subarray(i * length, (i + 1) * length),
      ys: i % 10,
    }));
    const start = performance.now();
    await data.array(items)
      .shuffle(1024)
      .map(({ xs, ys }) => tf.tidy(() => ({ xs: toFloats(xs, side), ys })))
      .batch(BATCH_SIZE)
      .forEachAsync((batch) => void tf.dispose(batch as Parameters<typeof tf.dispose>[0]));
    return (performance.now() - start) / 1000;
  };
  return { about: `tfjs ${tf.version_core}`, load };
}
