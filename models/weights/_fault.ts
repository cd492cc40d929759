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
    return toError(source, error);
  }
}

/** Runs what may fail later, as {@linkcode catchFault} does what fails at once. */
export async function catchFaultAsync<T>(
  source: string,
  read: () => Promise<T>,
): Promise<Either<CheckpointError, T>> {
  try {
    return right(await read());
  } catch (error) {
    return toError(source, error);
  }
}

function toError(source: string, error: unknown): Either<CheckpointError, never> {
  if (!(error instanceof Fault)) throw error;
  return left(new CheckpointError(`Cannot read ${source} as ${error.message}`));
}

/** Tells whether an error is a fault of the file, and not one of the program. */
export const isFault = (error: unknown): boolean => error instanceof Fault;
