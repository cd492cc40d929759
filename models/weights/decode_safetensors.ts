/**
 * Tensors from safetensors files.
 *
 * @module
 */

import type { Either } from "../types/either.ts";
import { toFloat32 } from "./_elements.ts";
import { catchFault } from "./_fault.ts";
import { readHeader } from "./_header.ts";
import { selectNames } from "./_select_names.ts";
import type { Checkpoint, StoredTensor, TensorSelection } from "./checkpoint.ts";
import type { CheckpointError } from "./checkpoint_error.ts";

export type { Either } from "../types/either.ts";
export type { Checkpoint, StoredTensor, TensorSelection } from "./checkpoint.ts";
export { CheckpointError, type CheckpointErrorFacts } from "./checkpoint_error.ts";

/** Options of {@linkcode decodeSafetensors}. */
export interface DecodeSafetensorsOptions {
  /**
   * The name of the bytes in the message of an error, such as the file's path.
   *
   * @default {"safetensors"}
   */
  readonly source?: string;
  /**
   * The tensors that are decoded; all by default. The header is checked as a whole. A name in a list that the file doesn't
   * have is an error.
   */
  readonly only?: TensorSelection;
}

/**
 * Decodes a file in the [safetensors format](https://github.com/huggingface/safetensors#format). Numbers of type F64, F32,
 * F16 and BF16, integers of 8 to 64 bits with and without sign, and BOOL (0 and 1) are read, as Float32: what that can't hold
 * exactly, such as an integer above 2^24, becomes the nearest number that it can, and what is beyond its range an infinity.
 * Everything that the header says is checked before it is believed, as strictly as the reference implementation, version
 * 0.8.0, does: what one of the two loads or refuses, so does the other, except that tensors of other types and dimensions from
 * 2^53 on (of an empty tensor) are refused here.
 *
 * Numbers of type F32 are a view of `bytes` where they lie at a multiple of 4, as those of usual files do: they change with
 * it and keep it alive.
 *
 * @example Usage
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import { decodeSafetensors, encodeSafetensors } from "@rill/rill/models";
 *
 * const bias = { shape: [2], data: Float32Array.of(1, 2) };
 * const file = await new Blob(encodeSafetensors({ bias }, { step: "100" })).bytes();
 * const decoded = decodeSafetensors(file);
 * assert(decoded._tag === "Right");
 * assertEquals(decoded.right, { tensors: { bias }, metadata: { step: "100" } });
 *
 * const cut = decodeSafetensors(file.subarray(0, -1));
 * assert(cut._tag === "Left");
 * assertEquals(
 *   cut.left.message,
 *   `Cannot read safetensors as the file ends after ${file.length - 1} of ${file.length} bytes`,
 * );
 *
 * const none = decodeSafetensors(file, { only: (name) => name.startsWith("conv.") });
 * assert(none._tag === "Right");
 * assertEquals(none.right.tensors, {});
 * ```
 *
 * @param bytes The whole file.
 * @param options The tensors that are wanted, and the name of the bytes.
 * @returns The file's contents, or the error that names the fault and the tensor.
 */
export function decodeSafetensors(
  bytes: Uint8Array<ArrayBuffer>,
  { source = "safetensors", only }: DecodeSafetensorsOptions = {},
): Either<CheckpointError, Checkpoint> {
  return catchFault(source, () => {
    const { tensors, metadata, start } = readHeader(bytes, bytes.length);
    const decoded = selectNames(tensors, only).map((entry): [string, StoredTensor] => {
      const { name, type, shape, begin, end } = entry;
      return [name, { shape, data: toFloat32(type, bytes.subarray(start + begin, start + end)) }];
    });
    // `fromEntries` defines properties and doesn't assign them, so `__proto__` is a name like any other.
    return { tensors: Object.fromEntries(decoded), metadata };
  });
}
