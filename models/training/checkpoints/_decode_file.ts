import { type Either, left, right } from "../../types/either.ts";
import { catchFault } from "../../weights/_fault.ts";
import { readHeader } from "../../weights/_header.ts";
import type { Checkpoint } from "../../weights/checkpoint.ts";
import type { CheckpointError } from "../../weights/checkpoint_error.ts";
import { decodeSafetensors } from "../../weights/decode_safetensors.ts";
import { readFacts, type SavedFacts } from "./_checkpoint_format.ts";
import { CHECKSUM, verifyChecksum } from "./_checksum.ts";

/** A file that was decoded and verified. */
export interface DecodedFile extends Checkpoint {
  readonly facts: Omit<SavedFacts, "version">;
  /** Its checksum, if it has one. */
  readonly checksum: string | undefined;
}

/** Decodes a safetensors file, once its checksum is found right, if it is one of ours. */
export async function decodeFile(
  bytes: Uint8Array<ArrayBuffer>,
  source: string,
): Promise<Either<CheckpointError, DecodedFile>> {
  const verified = await verifyFile(bytes, source);
  if (verified._tag === "Left") return verified;
  const decoded = decodeSafetensors(bytes, { source });
  return decoded._tag === "Left" ? decoded : right({ ...decoded.right, ...verified.right });
}

/** Verifies a safetensors file: what its metadata says, and its checksum, if it is one of ours. */
export async function verifyFile(
  bytes: Uint8Array<ArrayBuffer>,
  source: string,
): Promise<Either<CheckpointError, Pick<DecodedFile, "facts" | "checksum">>> {
  const header = catchFault(source, () => readHeader(bytes, bytes.length));
  if (header._tag === "Left") return header;
  const { metadata, start } = header.right;
  const checksum = Object.hasOwn(metadata, CHECKSUM) ? metadata[CHECKSUM] : undefined;
  // What else is wrong with a file that was damaged is no help.
  const error = checksum === undefined ? undefined : await verifyChecksum(bytes, start, source);
  if (error) return left(error);
  const facts = readFacts(metadata, source);
  return facts._tag === "Left" ? facts : right({ facts: facts.right, checksum });
}
