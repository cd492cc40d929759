import { STORED_SIDE } from "./contestant.ts";

/** Images to load, one behind the other as in an IDX file. What is on them makes no difference. */
export function randomImages(count: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(count * STORED_SIDE ** 2);
  for (let at = 0; at < bytes.length; at += MOST) {
    crypto.getRandomValues(bytes.subarray(at, at + MOST));
  }
  return bytes;
}

/** What `getRandomValues` gives at a time. */
const MOST = 2 ** 16;
