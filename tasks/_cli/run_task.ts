import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import denoJson from "../../deno.json" with { type: "json" };
import { formatCommand, getTaskArgs } from "./program.ts";
import { enterCallerFolder, quietMesa } from "./env.ts";
import { catchThrown, formatError, isUsageError } from "./errors.ts";
import { CLOSED_OUTPUT_CODE, ClosedOutputError, printNote } from "../_text/print.ts";
import { booleanFlag, type Flags, type FlagValues } from "./flags.ts";
import { formatHelp } from "./format_help.ts";
import { type CommandLine, parseCommandLine } from "./parse_flags.ts";

/** A task's name, its purpose, and its flags. */
export interface TaskDescription<F extends Flags> {
  readonly name: string;
  readonly about: string;
  /** How the words are written that are no flags: `FILE|DIR|-`. Without it there are none. */
  readonly operands?: string;
  readonly flags: F;
  /** Leaves it to another process, which has the same command line, to say what is wrong with that. Tells whether it has. */
  readonly leaveToOther?: () => Promise<boolean>;
}

/** The flags that every task has. */
export const commonFlags = {
  verbose: booleanFlag({ help: "Add the stack to an error" }),
  version: booleanFlag({ letter: "v", help: "Print the versions of Rill and Deno and end" }),
  help: booleanFlag({ letter: "h", help: "Print this and end" }),
};

/** Formats what `--version` prints. */
export const formatVersion = (): string => `rill ${denoJson.version} (deno ${Deno.version.deno})`;

/** Whether a command line asks for help or for the version, whatever else is on it. */
export const asksFor = (what: "help" | "version", args: readonly string[]): boolean =>
  args.includes(`--${what}`) || args.includes(`-${commonFlags[what].letter}`);

/** An error, and how the program ends with it. */
interface Failure {
  readonly error: Error;
  readonly verbose?: boolean | undefined;
  /** Whether the command line can't be understood. */
  readonly isOfLine?: boolean;
}

/**
 * Runs a task at the edge of the program: parses the command line, runs `main`, and ends the process with an exit code. An
 * error is one line on standard error and code 1, a wrong use of the task code 2; otherwise `main` gives the code.
 */
export async function runTask<F extends Flags>(
  { name, about, operands, flags, leaveToOther }: TaskDescription<F>,
  main: (
    values: FlagValues<F>,
    operands: readonly string[],
  ) => TE.TaskEither<Error, number | void>,
  args: readonly string[] = getTaskArgs(),
): Promise<void> {
  enterCallerFolder();
  const allFlags = { ...flags, ...commonFlags };
  type Line = CommandLine<typeof allFlags>;
  const runMain = (line: Line): TE.TaskEither<Failure, number | void> => {
    const { help, verbose, version } = line.flags as FlagValues<typeof commonFlags>;
    const usage = formatCommand([name, "[flags]", ...operands ? [operands, "…"] : []].join(" "));
    if (help) return TE.fromIO(() => console.log(formatHelp(usage, about, allFlags)));
    if (version) return TE.fromIO(() => console.log(formatVersion()));
    quietMesa();
    return pipe(
      catchThrown(() => main(line.flags as FlagValues<F>, line.operands)),
      TE.mapLeft((error) => ({ error, verbose })),
    );
  };
  const code = await pipe(
    asksFor("help", args)
      ? E.right({ flags: { help: true }, operands: [] } as unknown as Line)
      : parseCommandLine(allFlags, args, { takesOperands: operands !== undefined }),
    E.mapLeft((error): Failure => ({ error, isOfLine: true })),
    TE.fromEither,
    TE.chain(runMain),
    TE.matchE(
      ({ error, verbose, isOfLine }) => async () => {
        const code = isUsageError(error) ? 2 : 1;
        if (isOfLine && await leaveToOther?.()) return code;
        if (error instanceof ClosedOutputError) {
          printNote(`ended early as ${error.message}`);
          return CLOSED_OUTPUT_CODE;
        }
        printNote(`error: ${formatError(error)}`);
        if (verbose) printNote(Deno.inspect(error));
        return code;
      },
      (code) => () => Promise.resolve(code ?? 0),
    ),
  )();
  // Not left to the event loop: a device or a reader may still be open.
  Deno.exit(code);
}
