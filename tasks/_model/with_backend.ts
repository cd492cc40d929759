import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { type Backend, openBackend } from "../../models/mod.ts";
import { attempt, catchThrown } from "../_cli/errors.ts";
import { type FlagValues, omitUndefined } from "../_cli/flags.ts";
import type { backendFlag, kernelsFlag, precisionFlag } from "./backend_flags.ts";
import { readTuning } from "./tuning_file.ts";

type BackendFlags = FlagValues<{
  readonly backend: typeof backendFlag;
  readonly kernels: typeof kernelsFlag;
  readonly precision: typeof precisionFlag;
}>;

/**
 * Runs a body on the backend that the flags name. If the device is the reason for an error, the error says so.
 *
 * @param note Takes a line if the tuning's file cannot be read.
 * @param tuning Gives the tuning; by default that of its file.
 */
export const withBackend = <A>(
  { backend, kernels, precision }: BackendFlags,
  note: (line: string) => void,
  body: (backend: Backend) => TE.TaskEither<Error, A>,
  tuning: () => unknown = () => readTuning(note),
): TE.TaskEither<Error, A> =>
  pipe(
    attempt(async () =>
      await openBackend(backend, {
        tuning: await tuning(),
        ...omitUndefined({ kernels, precision }),
      })
    ),
    TE.chain((backend) =>
      pipe(
        catchThrown(() => body(backend)),
        TE.mapLeft((error) => E.toError(backend.toBackendError(error))),
      )
    ),
  );
