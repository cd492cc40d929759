import { parseArgs } from "@std/cli";
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { UsageError } from "./errors.ts";
import type { Flag, Flags, FlagValues } from "./flags.ts";
import { suggestWord } from "./suggest_word.ts";

/** Writes a flag's key as on the command line: `batchSize` as `batch-size`. */
export const toFlagName = (key: string): string =>
  key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** A flag with its key in the code and its name on the command line. */
interface Entry {
  readonly key: string;
  readonly name: string;
  readonly flag: Flag<unknown>;
}

/** A flag as it was given: `--no-name` is written so, and says `false`. */
interface Given extends Entry {
  readonly written: string;
  readonly text: string;
}

/** A command line that was understood. */
export interface CommandLine<F extends Flags> {
  readonly flags: FlagValues<F>;
  /** The words that are no flags, in order. */
  readonly operands: readonly string[];
}

/**
 * Parses a command line of flags alone.
 *
 * @returns The values by key; or the error that names the first flag that is unknown, is given twice, lacks its value or has
 * an invalid one.
 */
export const parseFlags = <F extends Flags>(
  flags: F,
  args: readonly string[],
): E.Either<UsageError, FlagValues<F>> =>
  pipe(parseCommandLine(flags, args), E.map((line) => line.flags));

/**
 * Parses a command line.
 *
 * @param options Whether there may be words that are no flags: the names of files. What follows `--` is one of them whatever
 * it begins with.
 * @returns What it says; or an error as {@linkcode parseFlags} does.
 */
export function parseCommandLine<F extends Flags>(
  flags: F,
  args: readonly string[],
  { takesOperands = false }: { readonly takesOperands?: boolean } = {},
): E.Either<UsageError, CommandLine<F>> {
  const entries = Object.entries(flags).map(([key, flag]) => ({
    key,
    name: toFlagName(key),
    flag,
  }));
  const end = takesOperands ? args.indexOf("--") : -1;
  const [own, behind] = end < 0 ? [args, []] : [args.slice(0, end), args.slice(end + 1)];
  return pipe(
    splitArgs(entries, own, takesOperands),
    E.chain(({ given, operands }) =>
      pipe(
        given,
        E.traverseArray(readFlag),
        E.map((values) => ({
          flags: Object.fromEntries(values) as FlagValues<F>,
          operands: [...operands, ...behind],
        })),
      )
    ),
  );
}

/** Splits a command line into the flags that it gives, and the other words. */
function splitArgs(
  entries: readonly Entry[],
  args: readonly string[],
  takesOperands: boolean,
): E.Either<UsageError, { readonly given: readonly Given[]; readonly operands: string[] }> {
  const forms = entries.flatMap((entry) => {
    const { name, flag } = entry;
    const form = { entry, written: name, bare: flag.bare ?? (flag.kind === "value" ? "" : "true") };
    return flag.kind === "negatable" ? [form, { ...form, written: `no-${name}` }] : [form];
  });
  const joined = joinValues(args, forms);
  const isOperand = (word: string) => takesOperands && (word === "-" || !word.startsWith("-"));
  const unknown: string[] = [];
  const names = forms.map(({ written }) => toParsedName(written));
  const parsed = parseArgs(joined.filter((word) => !isOperand(word)), {
    string: names,
    collect: names,
    unknown: (arg) => {
      unknown.push(arg);
      return false;
    },
  });
  const [stray] = [...unknown, ...parsed._.map(String)];
  if (args.includes("--")) {
    return E.left(toUsageError('"--" is not known, flags follow the name of the task as they are'));
  }
  if (stray !== undefined) return E.left(toUsageError(describeStray(stray, args, entries)));
  const given = forms.flatMap(({ entry, written }) =>
    (parsed[toParsedName(written)] as readonly string[]).map((text) => ({
      ...entry,
      written,
      text,
    }))
  );
  const twice = given.find(({ key }, i) => given.slice(0, i).some((other) => other.key === key));
  return twice
    ? E.left(toUsageError(`--${twice.name} is given twice`))
    : E.right({ given, operands: joined.filter(isOperand) });
}

/** The name under which parseArgs knows a flag: to it `--no-name` would be one with `--name`. */
const toParsedName = (written: string): string => written.replace(/^no-/, "not-");

/** Joins each known flag and its value with `=`: parseArgs would take `-1` for flags, and drop an empty value. */
function joinValues(
  args: readonly string[],
  forms: readonly { readonly entry: Entry; readonly written: string; readonly bare: string }[],
): string[] {
  const letters = forms.flatMap(({ entry: { name, flag: { letter } } }) =>
    letter ? [[`-${letter}`, `--${name}`] as const] : []
  );
  const words = args.map((arg) => letters.find(([short]) => short === arg)?.[1] ?? arg);
  const isFlag = (i: number) => words[i]?.startsWith("--") ?? true;
  const joined: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    const [, name, text] = /^--([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
    const form = forms.find(({ written }) => written === name);
    if (!form) joined.push(word);
    else {
      const { kind, bare } = form.entry.flag;
      const takesNext = text === undefined && kind === "value" && bare === undefined &&
        !isFlag(i + 1);
      const value = text ?? (takesNext ? words[++i] : form.bare);
      joined.push(`--${toParsedName(form.written)}=${value}`);
    }
  }
  return joined;
}

function describeStray(
  stray: string,
  args: readonly string[],
  entries: readonly Entry[],
): string {
  if (!stray.startsWith("-") || /^-[\d.]/.test(stray)) {
    const before = args[args.indexOf(stray) - 1];
    const flag = entries.find(({ name }) => `--${name}` === before);
    if (!flag) return `"${stray}" is not known`;
    return flag.flag.bare === undefined
      ? `"${stray}" is not known, ${before} takes no value`
      : `"${stray}" is not known: write ${before}=${stray}`;
  }
  const [name = ""] = stray.split("=");
  const suggestion = suggestWord(
    name,
    entries.flatMap((entry) =>
      entry.flag.kind === "negatable" ? [entry.name, `no-${entry.name}`] : [entry.name]
    ),
  );
  return `the flag ${name} is not known` + (suggestion ? ` (did you mean --${suggestion}?)` : "");
}

function readFlag(
  { key, name, flag, written, text }: Given,
): E.Either<UsageError, readonly [string, unknown]> {
  if (text === "") return E.left(toUsageError(`--${written} lacks its value`));
  return pipe(
    flag.read(text),
    E.map((value) => [key, written === name ? value : !value] as const),
    E.mapLeft((needed) =>
      new UsageError(
        `Cannot use --${written}${flag.kind === "value" ? " " : "="}${text}: it must be ${needed}`,
      )
    ),
  );
}

const toUsageError = (reason: string): UsageError =>
  new UsageError(`Cannot understand the command line: ${reason}; --help lists the flags`);
