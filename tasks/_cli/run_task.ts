import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { quietMesa } from "./env.ts";
import { catchThrown, formatError } from "./errors.ts";
import { booleanFlag, type Flags, type FlagValues } from "./flags.ts";
import { formatHelp } from "./format_help.ts";
import { parseFlags } from "./parse_flags.ts";

/** A task's name, its purpose, and its flags. */
export interface TaskDescription<F extends Flags> {
  readonly name: string;
  readonly about: string;
  readonly flags: F;
}

const commonFlags = {
  verbose: booleanFlag({ help: "Add the stack to an error" }),
  help: booleanFlag({ help: "Print this and end" }),
};

/** An error, and how the program ends with it. */
interface Failure {
  readonly error: Error;
  readonly code: number;
  readonly verbose?: boolean | undefined;
}

/**
 * Runs a task at the edge of the program: parses the command line, runs `main`, and ends the process with an exit code. An
 * error is one line on standard error and code 1, an invalid command line code 2; otherwise `main` gives the code.
 */
export async function runTask<F extends Flags>(
  { name, about, flags }: TaskDescription<F>,
  main: (values: FlagValues<F>) => TE.TaskEither<Error, number | void>,
  args: readonly string[] = Deno.args,
): Promise<void> {
  const allFlags = { ...flags, ...commonFlags };
  const runMain = (values: FlagValues<typeof allFlags>): TE.TaskEither<Failure, number | void> => {
    const { help, verbose } = values as FlagValues<typeof commonFlags>;
    if (help) return TE.fromIO(() => console.log(formatHelp(name, about, allFlags)));
    quietMesa();
    return pipe(
      catchThrown(() => main(values as FlagValues<F>)),
      TE.mapLeft((error) => ({ error, code: 1, verbose })),
    );
  };
  const code = await pipe(
    parseFlags(allFlags, args),
    E.mapLeft((error): Failure => ({ error, code: 2 })),
    TE.fromEither,
    TE.chain(runMain),
    TE.match(
      ({ error, code, verbose }) => {
        console.error(`error: ${formatError(error)}`);
        if (verbose) console.error(error);
        return code;
      },
      (code) => code ?? 0,
    ),
  )();
  // Not left to the event loop: a device or a reader may still be open.
  Deno.exit(code);
}
