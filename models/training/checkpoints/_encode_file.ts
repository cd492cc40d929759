import { releaseNumbers } from "../../types/_tensors.ts";
import type { NamedTensor } from "../../weights/_stream_tensors.ts";
import { encodeSafetensors } from "../../weights/encode_safetensors.ts";
import { FORMAT, type SavedFacts, VERSION } from "./_checkpoint_format.ts";
import { CHECKSUM, computeChecksum, NO_CHECKSUM, setChecksum, type Sha256 } from "./_checksum.ts";

/** A file that is ready to be written. */
export interface EncodedFile {
  readonly checksum: string;
  /**
   * Gives its parts, which are the tensors' own memory. With `release` that of each is given back once the next is asked for,
   * where nothing else lies in it.
   */
  parts(release: boolean): Generator<Uint8Array<ArrayBuffer>, void, undefined>;
}

/** Encodes tensors with facts, further metadata, and the checksum of all of it. */
export async function encodeFile(
  tensors: readonly NamedTensor[],
  facts: Omit<SavedFacts, "version">,
  metadata: Readonly<Record<string, string>> = {},
  hash?: Sha256,
): Promise<EncodedFile> {
  const saved: SavedFacts = { version: VERSION, ...facts };
  const parts = encodeSafetensors(Object.fromEntries(tensors), {
    format: "pt",
    ...metadata,
    [FORMAT]: JSON.stringify(saved),
    [CHECKSUM]: NO_CHECKSUM,
  });
  const checksum = await computeChecksum(parts, hash);
  const [header = new Uint8Array()] = parts;
  setChecksum(header, checksum);
  return {
    checksum,
    *parts(release) {
      yield header;
      for (const [i, [, { data }]] of tensors.entries()) {
        yield parts[i + 1]!;
        // Others may lie in the same memory.
        const isAlone = data.byteLength > 0 && data.byteLength === data.buffer.byteLength;
        if (release && isAlone) releaseNumbers(data);
      }
    },
  };
}
