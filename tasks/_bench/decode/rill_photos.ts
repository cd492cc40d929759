import { pipe } from "fp-ts/lib/function.js";
import process from "node:process";
import { decodeImageBytes } from "../../../pipelines/codecs/decode_image.ts";
import { imageFolder } from "../../../pipelines/codecs/image_folder.ts";
import {
  batch,
  type EncodedImage,
  type Example,
  inWorkers,
  map,
  normalize,
  readIndexed,
  recycle,
  type WorkerPool,
} from "../../../pipelines/mod.ts";
import preparePhotos from "./prepare_photos.ts";

/** What something took. */
export interface Use {
  readonly seconds: number;
  /** Those of all threads, of which one that waits takes none. */
  readonly processors: number;
}

/** The batches' size, as in `torchvision_photos.py`. */
const BATCH_SIZE = 64;

/** How many files are read at a time, as `deno task train` does. */
const FILES_AT_A_TIME = 8;

/** Loads the pictures of a folder, one after the other and again, as batches of floats. */
export async function loadPhotos(
  dir: string,
  { workers, pool, pictures, epoch }: {
    readonly workers: number;
    readonly pool?: WorkerPool;
    readonly pictures: number;
    readonly epoch: number;
  },
): Promise<void> {
  const folder = await imageFolder(dir);
  const prepare = workers === 0 ? preparePhotos() : inWorkers<
    EncodedImage,
    Example<Uint8Array<ArrayBuffer>>
  >(workers, new URL("prepare_photos.ts", import.meta.url), {
    kind: "stage",
    transfer: true,
    pool,
  });
  const batches = pipe(
    { length: pictures, get: (i: number) => i % folder.length },
    readIndexed({ seed: 1, epoch }),
    map((index) => folder.get(index), { concurrency: FILES_AT_A_TIME }),
    prepare,
    normalize({ mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }),
    batch(BATCH_SIZE),
  );
  for await (const one of batches) recycle(one);
}

/** Decodes files that are in memory, one after the other and again. */
export async function decodePhotos(
  files: readonly Uint8Array[],
  pictures: number,
): Promise<void> {
  for (let i = 0; i < pictures; i++) {
    const { data } = await decodeImageBytes(files[i % files.length]!, { channels: 3 });
    data.buffer.transfer(0); // As Pillow gives memory back at once.
  }
}

/** Measures what something takes. */
export async function measureUse(body: () => Promise<void>): Promise<Use> {
  const start = performance.now();
  const before = process.cpuUsage();
  await body();
  const { user, system } = process.cpuUsage(before);
  return { seconds: (performance.now() - start) / 1e3, processors: (user + system) / 1e6 };
}
