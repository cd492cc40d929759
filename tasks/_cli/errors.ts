import * as E from "fp-ts/lib/Either.js";
import { identity, pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";

/** A command line that cannot be understood, or flags that don't go together. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "UsageError";
  }
}

/** Formats whatever was thrown as one line. */
export function formatError(error: unknown): string {
  const message = error instanceof Error ? error.message || error.name : String(error);
  return message.trim().replace(/\s*\n\s*/g, " ");
}

/** Turns code that fails by throwing into a `TaskEither`. */
export const attempt = <A>(body: () => Promise<A>): TE.TaskEither<Error, A> =>
  TE.tryCatch(body, E.toError);

/** Adds what is thrown on the way to the errors of a `TaskEither`. */
export const catchThrown = <A>(
  body: () => TE.TaskEither<Error, A>,
): TE.TaskEither<Error, A> => pipe(attempt(() => body()()), TE.chainEitherK(identity));

/**
 * Takes the value out of an `Either`, for a program whose errors are caught as they are thrown: a worker, a measurement.
 *
 * @throws {unknown} The error, if there is one.
 */
export function getOrThrow<A>(either: E.Either<unknown, A>): A {
  return E.getOrElse<unknown, A>((error) => {
    throw error;
  })(either);
}
