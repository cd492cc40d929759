import { parseArgs } from "@std/cli";
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { UsageError } from "./errors.ts";
import type { Flag, Flags, FlagValues } from "./flags.ts";

/** Writes a flag's key as on the command line: `batchSize` as `batch-size`. */
export const toFlagName = (key: string): string =>
  key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** A flag with its key in the code and its name on the command line. */
interface Entry {
  readonly key: string;
  readonly name: string;
  readonly flag: Flag<unknown>;
}

/**
 * Parses a command line.
 *
 * @returns The values by key; or the error that names the first flag that is unknown, lacks its value or has an invalid one.
 */
export function parseFlags<F extends Flags>(
  flags: F,
  args: readonly string[],
): E.Either<UsageError, FlagValues<F>> {
  const entries = Object.entries(flags).map(([key, flag]) => ({
    key,
    name: toFlagName(key),
    flag,
  }));
  return pipe(
    splitArgs(entries, args),
    E.map((texts) => entries.flatMap((entry) => addText(entry, texts[entry.name]))),
    E.chain(E.traverseArray(readFlag)),
    E.map((values) => Object.fromEntries(values) as FlagValues<F>),
  );
}

/** Splits a command line into the texts of its flags by name. */
function splitArgs(
  entries: readonly Entry[],
  args: readonly string[],
): E.Either<UsageError, Readonly<Record<string, unknown>>> {
  const selectNames = (...kinds: Flag<unknown>["kind"][]) =>
    entries.filter(({ flag }) => kinds.includes(flag.kind)).map(({ name }) => name);
  const unknown: string[] = [];
  const valued = selectNames("value");
  const parsed = parseArgs(joinValues(args, valued), {
    string: valued,
    boolean: selectNames("switch", "negatable"),
    negatable: selectNames("negatable"),
    default: Object.fromEntries(
      selectNames("switch", "negatable").map((name) => [name, undefined]),
    ),
    unknown: (arg) => {
      unknown.push(arg);
      return false;
    },
  });
  const [stray] = [...unknown, ...parsed._.map(String)];
  if (stray === undefined) return E.right(parsed);
  const what = stray.startsWith("-") ? `the flag ${stray.split("=")[0]}` : `"${stray}"`;
  return E.left(toUsageError(`${what} is not known`));
}

/** Joins a flag and its value with `=`: parseArgs would take `-1` for flags and drop an empty value. */
function joinValues(args: readonly string[], valued: readonly string[]): string[] {
  const joined: string[] = [];
  let flag: string | undefined;
  for (const arg of args) {
    if (flag !== undefined && !arg.startsWith("--")) joined.push(`${joined.pop()}=${arg}`);
    else joined.push(arg);
    flag = valued.find((name) => arg === `--${name}`);
  }
  return joined;
}

const addText = (entry: Entry, given: unknown) =>
  given === undefined ? [] : [{ ...entry, text: String(given) }];

function readFlag(
  { key, name, flag, text }: Entry & { readonly text: string },
): E.Either<UsageError, readonly [string, unknown]> {
  if (flag.kind === "value" && text === "") {
    return E.left(toUsageError(`--${name} lacks its value`));
  }
  return pipe(
    flag.read(text),
    E.map((value) => [key, value] as const),
    E.mapLeft((needed) => new UsageError(`Cannot use --${name} ${text}: it must be ${needed}`)),
  );
}

const toUsageError = (reason: string): UsageError =>
  new UsageError(`Cannot understand the command line: ${reason}; --help lists the flags`);
