import { flow, pipe } from "fp-ts/lib/function.js";
import process from "node:process";
import { decodeImage, decodeImageBytes } from "../../../pipelines/codecs/decode_image.ts";
import { imageFolder } from "../../../pipelines/codecs/image_folder.ts";
import {
  batch,
  type EncodedImage,
  type Example,
  flipHorizontal,
  inWorkers,
  normalize,
  randomRegion,
  readIndexed,
  recycle,
  resize,
  type Stage,
} from "../../../pipelines/mod.ts";

/** What something took. */
export interface Use {
  readonly seconds: number;
  /** Those of all threads, of which one that waits takes none. */
  readonly processors: number;
}

/** The batches' size, and that of their pictures, as in `torchvision_photos.py`. */
const BATCH_SIZE = 64;
const SIDE = 224;

/** Makes the stage from files to pictures of the network's size: decoded, cropped and mirrored at random. */
export default function preparePhotos(): Stage<EncodedImage, Example<Uint8Array<ArrayBuffer>>> {
  return flow(
    randomRegion()<EncodedImage>,
    decodeImage({ channels: 3 }),
    resize({ height: SIDE, width: SIDE })<Uint8Array<ArrayBuffer>>,
    flipHorizontal()<Uint8Array<ArrayBuffer>>,
  );
}

/** Loads the pictures of a folder, one after the other and again, as batches of floats. */
export async function loadPhotos(
  dir: string,
  { workers, pictures, epoch }: {
    readonly workers: number;
    readonly pictures: number;
    readonly epoch: number;
  },
): Promise<void> {
  const folder = await imageFolder(dir);
  const source = { length: pictures, get: (i: number) => folder.get(i % folder.length) };
  const prepare = workers === 0 ? preparePhotos() : inWorkers<
    EncodedImage,
    Example<Uint8Array<ArrayBuffer>>
  >(workers, import.meta.url, { kind: "stage", transfer: true });
  const batches = pipe(
    source,
    readIndexed({ seed: 1, epoch }),
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
