import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import {
  type Checkpoint,
  CheckpointError,
  decodeSafetensors,
  importParams,
  type Network,
  type Params,
  type StoredTensor,
} from "../../models/mod.ts";
import { formatError } from "../_cli/errors.ts";

/** Reads a safetensors file; fails if it cannot be read or is not such a file. */
export const readCheckpoint = (path: string): TE.TaskEither<CheckpointError, Checkpoint> =>
  pipe(
    TE.tryCatch(() => Deno.readFile(path), (error) =>
      new CheckpointError(
        error instanceof Deno.errors.NotFound
          ? `Cannot read ${path} as there is no such file`
          : `Cannot read ${path} as the system refuses: ${formatError(error)}`,
      )),
    TE.chainEitherK((bytes) => decodeSafetensors(bytes, { source: path })),
  );

/**
 * Copies a checkpoint's tensors to the backend; fails if they don't fit the network, with the names of all that don't.
 *
 * @param path The file they were read from, for the message.
 */
export const loadParams = (
  network: Network,
  tensors: Readonly<Record<string, StoredTensor>>,
  path: string,
): E.Either<CheckpointError, Params> =>
  pipe(importParams(network, tensors), E.mapLeft((error) => error.withSource(path)));
