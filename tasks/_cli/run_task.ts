import { booleanFlag, type Flag, type FlagValues } from "./flags.ts";
import { formatHelp } from "./format_help.ts";
import { parseFlags } from "./parse_flags.ts";
import { formatError } from "./errors.ts";
import { quietMesa } from "./env.ts";

/** A task's name, what it does, and its flags. */
export interface TaskDescription<F extends Readonly<Record<string, Flag<unknown>>>> {
  readonly name: string;
  readonly about: string;
  readonly flags: F;
}

const common = {
  verbose: booleanFlag({ help: "Add the stack to an error" }),
  help: booleanFlag({ help: "Print this and end" }),
};

/**
 * The edge of the program: reads the command line, runs the task, and ends with an exit code. An error is one line on
 * standard error and code 1, a wrong command line code 2; what `main` returns is the code otherwise.
 */
export async function runTask<F extends Readonly<Record<string, Flag<unknown>>>>(
  { name, about, flags }: TaskDescription<F>,
  main: (values: FlagValues<F>) => Promise<number | void>,
  args: readonly string[] = Deno.args,
): Promise<void> {
  const all = { ...flags, ...common };
  const parsed = parseFlags(all, args);
  if (parsed._tag === "Left") {
    console.error(`error: ${parsed.left.message}`);
    Deno.exit(2);
  }
  const { verbose, help } = parsed.right as FlagValues<typeof common>;
  if (help) return console.log(formatHelp(name, about, all));
  quietMesa();
  try {
    const code = await main(parsed.right as FlagValues<F>);
    // Not left to the event loop: a device or a reader may still be open.
    Deno.exit(code ?? 0);
  } catch (error) {
    console.error(`error: ${formatError(error)}`);
    if (verbose) console.error(error);
    Deno.exit(1);
  }
}
