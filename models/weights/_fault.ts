import { type Either, left, right } from "../types/either.ts";
import { CheckpointError } from "./checkpoint_error.ts";

/** A fault of a file, in words. */
class Fault extends Error {}

/** Ends the reading of a file with what was found in it. */
export function fail(found: string): never {
  throw new Fault(found);
}

/**
 * Runs what may fail, and gives the fault as the error of a checkpoint.
 *
 * @param source The name of the bytes.
 */
export function catchFault<T>(source: string, read: () => T): Either<CheckpointError, T> {
  try {
    return right(read());
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return left(new CheckpointError(`Cannot read ${source} as ${error.message}`));
  }
}
