import { parseArgs } from "@std/cli";
import { type Either, left, right } from "fp-ts/lib/Either.js";
import type { Flag, FlagValues } from "./flags.ts";
import { UsageError } from "./errors.ts";

/** `batchSize` as it is written on the command line: `batch-size`. */
export const toFlagName = (key: string): string =>
  key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/**
 * Reads a command line.
 *
 * @returns The values by key; or the error that names the first flag that is unknown, lacks its value or has a wrong one.
 */
export function parseFlags<F extends Readonly<Record<string, Flag<unknown>>>>(
  flags: F,
  args: readonly string[],
): Either<UsageError, FlagValues<F>> {
  const entries = Object.entries(flags).map(([key, flag]) => ({
    key,
    name: toFlagName(key),
    flag,
  }));
  const namesOf = (...kinds: Flag<unknown>["kind"][]) =>
    entries.filter(({ flag }) => kinds.includes(flag.kind)).map(({ name }) => name);
  const unknown: string[] = [];
  const valued = namesOf("value");
  const parsed = parseArgs(joinValues(args, valued), {
    string: valued,
    boolean: namesOf("switch", "negatable"),
    negatable: namesOf("negatable"),
    default: Object.fromEntries(namesOf("switch", "negatable").map((name) => [name, undefined])),
    unknown: (arg) => {
      unknown.push(arg);
      return false;
    },
  });
  const [stray] = [...unknown, ...parsed._.map(String)];
  if (stray !== undefined) {
    const what = stray.startsWith("-") ? `the flag ${stray.split("=")[0]}` : `"${stray}"`;
    return left(new UsageError(`Cannot understand the command line: ${what} is not known; ` + SEE));
  }
  const values: Record<string, unknown> = {};
  for (const { key, name, flag } of entries) {
    const given = parsed[name];
    if (given === undefined) continue;
    const text = String(given);
    if (flag.kind === "value" && text === "") {
      return left(
        new UsageError(`Cannot understand the command line: --${name} lacks its value; ${SEE}`),
      );
    }
    const reading = flag.read(text);
    if ("needed" in reading) {
      return left(new UsageError(`Cannot use --${name} ${text}: it must be ${reading.needed}`));
    }
    values[key] = reading.value;
  }
  return right(values as FlagValues<F>);
}

/** Joins a flag and its value with `=`: parseArgs would take `-1` for flags and drop an empty value. */
function joinValues(args: readonly string[], valued: readonly string[]): string[] {
  const joined: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const takesNext = valued.some((name) => args[i] === `--${name}`) &&
      i + 1 < args.length && !args[i + 1].startsWith("--");
    joined.push(takesNext ? `${args[i]}=${args[++i]}` : args[i]);
  }
  return joined;
}

const SEE = "--help lists the flags";
