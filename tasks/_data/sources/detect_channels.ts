import { readImageHeader } from "../../../pipelines/codecs/read_image_header.ts";

/** The most files whose headers are all read; of more, so many are, spread over them. */
const MOST = 4096;

/** The bytes of a file in which its header is: as a rule, and where a JPEG has a small picture of itself before it. */
const HEADER_SIZES = [4096, 65_536];

/** How many files are open at a time. */
const AT_A_TIME = 32;

/**
 * Finds whether pictures have one channel or three: one where all whose headers are read are gray. Of more than 4096 only so
 * many are read, so a colored one among the others would become gray.
 */
export async function detectChannels(paths: readonly string[]): Promise<1 | 3> {
  const count = Math.min(paths.length, MOST);
  let known = 0;
  for (let at = 0; at < count; at += AT_A_TIME) {
    const some = Array.from(
      { length: Math.min(AT_A_TIME, count - at) },
      (_, i) => paths[Math.floor((at + i) * paths.length / count)]!,
    );
    const channels = await Promise.all(some.map(readChannels));
    // As a rule the first few tell it.
    if (channels.some((found) => found !== undefined && found > 2)) return 3;
    known += channels.filter((found) => found !== undefined).length;
  }
  return known > 0 ? 1 : 3;
}

/** Reads the channels of a picture; nothing where it cannot be read, which is told when it is decoded. */
async function readChannels(path: string): Promise<number | undefined> {
  try {
    using file = await Deno.open(path);
    for (const size of HEADER_SIZES) {
      await file.seek(0, Deno.SeekMode.Start);
      const bytes = new Uint8Array(size);
      const length = await file.read(bytes) ?? 0;
      const channels = findChannels(bytes.subarray(0, length));
      if (channels !== undefined) return channels;
    }
  } catch {
    return undefined;
  }
}

/** Finds the channels of a picture by its header; nothing where that tells nothing. */
export function findChannels(bytes: Uint8Array): number | undefined {
  try {
    return readImageHeader(bytes).channels;
  } catch {
    return undefined;
  }
}
