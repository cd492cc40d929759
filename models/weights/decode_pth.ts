/**
 * Tensors from PyTorch's own files.
 *
 * @module
 */

import { checkSignal } from "../types/_signal.ts";
import type { Either } from "../types/either.ts";
import { catchFaultAsync } from "./_fault.ts";
import { selectNames } from "./_select_names.ts";
import { findState, openTorchArchive, readViews } from "./_torch_archive.ts";
import { checkViews } from "./_torch_tensors.ts";
import type { Checkpoint, TensorSelection } from "./checkpoint.ts";
import type { CheckpointError } from "./checkpoint_error.ts";

export type { Either } from "../types/either.ts";
export type { Checkpoint, StoredTensor, TensorSelection } from "./checkpoint.ts";
export { CheckpointError, type CheckpointErrorFacts } from "./checkpoint_error.ts";

/** Options of {@linkcode decodePth}. */
export interface DecodePthOptions {
  /**
   * The name of the bytes in the message of an error, such as the file's path.
   *
   * @default {"PyTorch file"}
   */
  readonly source?: string;
  /**
   * The key of the dictionary that is read, such as `"state_dict_ema"`, in a file that holds several. By default it is the
   * one that holds tensors.
   */
  readonly key?: string;
  /**
   * The tensors that are decoded; all by default. Storages of others are not looked at. A name in a list that the file doesn't
   * have is an error.
   */
  readonly only?: TensorSelection;
  /** Ends the decoding between two tensors when it is aborted. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Decodes a file that PyTorch's `torch.save` wrote, in the format of version 1.6 or the one before (`.pth`, `.pt`): a model's `state_dict()`, or a
 * dictionary that holds one, as in `{"state_dict": …, "epoch": 3}`.
 *
 * Such a file is a zip archive with a pickle, which for Python is a program. Here it is read without running anything: tensors,
 * numbers, text, lists, tuples and dictionaries are made of it, and a name that they don't need, such as `os.system` or the
 * class of a whole model, is an error that says it. Sizes are checked before they are believed, and so are the checksums of what is
 * read: files from before version 1.6 have none.
 *
 * Numbers of the types `double`, `float`, `half`, `bfloat16`, `long`, `int`, `short`, `char`, `byte` and `bool` are read, as
 * Float32: what that can't hold exactly becomes the nearest number that it can, and what is beyond its range an infinity.
 * Tensors that are views (transposed, with an offset, of one storage) come as they look in PyTorch. Those that lie in one piece
 * share their storage's memory, for `float` that of `bytes`. Other values than tensors are left out, but for the plain ones at
 * the top, which are in the metadata as text.
 *
 * @example Usage
 * ```ts ignore
 * import { decodePth, getOrThrow } from "@rill/rill/models";
 *
 * const bytes = await Deno.readFile("resnet18.pth");
 * const { tensors } = getOrThrow(await decodePth(bytes, { only: ["layer1", "conv1.weight"] }));
 * ```
 *
 * @param bytes The whole file.
 * @param options The tensors that are wanted, where they are, the name of the bytes, and a signal.
 * @returns The file's contents, or the error that names the fault. The promise is rejected with the signal's reason when it is
 * aborted. While a large file is decoded, other work gets its turn now and then.
 * @throws {TypeError} If the signal is no `AbortSignal`.
 */
export function decodePth(
  bytes: Uint8Array<ArrayBuffer>,
  { source = "PyTorch file", key, only, signal }: DecodePthOptions = {},
): Promise<Either<CheckpointError, Checkpoint>> {
  checkSignal(`decode ${source}`, signal);
  return catchFaultAsync(source, async () => {
    signal?.throwIfAborted();
    const archive = await openTorchArchive(bytes);
    const { views, metadata } = findState(archive.root, key);
    const selected = selectNames(views, only);
    checkViews(selected, bytes.length);
    return { tensors: await readViews(selected, archive, signal), metadata };
  });
}
