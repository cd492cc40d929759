import type { Example, IndexedSource } from "../../../pipelines/mod.ts";
import { STORED_SIDE } from "./contestant.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Makes images to load, one behind the other as in an IDX file. What is on them makes no difference. */
export function makeRandomImages(count: number): Bytes {
  const bytes = new Uint8Array(count * STORED_SIDE ** 2);
  for (let at = 0; at < bytes.length; at += MOST) {
    crypto.getRandomValues(bytes.subarray(at, at + MOST));
  }
  return bytes;
}

/** The most bytes that `getRandomValues` gives at a time. */
const MOST = 2 ** 16;

/** Gives images as examples that can be read in any order. */
export function readStoredImages(images: Bytes): IndexedSource<Example<Bytes>> {
  const length = STORED_SIDE ** 2;
  return {
    length: images.length / length,
    get: (index) => ({
      image: {
        data: images.subarray(index * length, (index + 1) * length),
        height: STORED_SIDE,
        width: STORED_SIDE,
        channels: 1,
      },
      label: index % 10,
    }),
  };
}
