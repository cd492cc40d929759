import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";

/** A command-line flag: how it is written, what it means, and how its text is read. */
export interface Flag<T> {
  /** Whether it takes no value: `--name`, and `--no-name` if it is negatable. */
  readonly kind: "value" | "switch" | "negatable";
  /** The value of one that is given without: then a value follows it only behind `=`. */
  readonly bare?: string;
  /** The letter of its short form, `-h`. */
  readonly letter?: string;
  /** The word that stands for the value in the help text. */
  readonly placeholder: string;
  /** Its effect, for people. */
  readonly help: string;
  /** Its default, for people. */
  readonly shownDefault?: string;
  /** The heading under which `--help` lists it. */
  readonly section?: string;
  /** Reads the value, or says in words what it must be. */
  readonly read: (text: string) => E.Either<string, T>;
}

/** The flags of a task by key. */
export type Flags = Readonly<Record<string, Flag<unknown>>>;

/** The values of flags. One that was not given is absent. */
export type FlagValues<F extends Flags> = {
  readonly [K in keyof F]?: F[K] extends Flag<infer T> ? T : never;
};

/** The facts that describe a flag of any kind. */
interface Description {
  readonly help: string;
  readonly shownDefault?: string;
}

// In both, digits are those of ASCII, and nothing is around them: `Number()` would take 0x10, " 5" and "" as well.
const INTEGER = /^-?\d+$/;
const DECIMAL = /^-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** Adds how a number is written, where one is written otherwise: `0x10`, `1e3` for an integer, `60,000`. */
const hintDigits = (text: string, value: number): string =>
  Number.isNaN(value) && /\d/.test(text) && /[^\d.-]/.test(text) ? ", in decimal digits" : "";

/** Describes a flag that takes an integer, in decimal digits. */
export function integerFlag(
  { least, most = Number.MAX_SAFE_INTEGER, placeholder = "N", ...description }: Description & {
    readonly bare?: string;
    readonly least: number;
    readonly most?: number;
    readonly placeholder?: string;
  },
): Flag<number> {
  return {
    kind: "value",
    placeholder,
    ...description,
    read(text) {
      // -0 is 0.
      const value = INTEGER.test(text) ? Number(text) + 0 : NaN;
      if (value >= least && value <= most) return E.right(value);
      const isTold = most < Number.MAX_SAFE_INTEGER || value > most;
      const bounds = `of at least ${least}${isTold ? ` and at most ${most}` : ""}`;
      return E.left(`an integer ${bounds}${hintDigits(text, value)}`);
    },
  };
}

/** Describes a flag that takes a decimal number from `least` (or above `above`) to below `below`. */
export function numberFlag(
  { least = -Infinity, above = -Infinity, below = Infinity, ...description }: Description & {
    readonly least?: number;
    readonly above?: number;
    readonly below?: number;
  },
): Flag<number> {
  const bounds = [
    least > -Infinity ? `of at least ${least}` : "",
    above > -Infinity ? `above ${above}` : "",
    below < Infinity ? `below ${below}` : "",
  ].filter(Boolean).join(" and ");
  return {
    kind: "value",
    placeholder: "X",
    ...description,
    read(text) {
      const value = DECIMAL.test(text) ? Number(text) + 0 : NaN;
      if (value >= least && value > above && value < below) return E.right(value);
      const isInfinite = Math.abs(value) === Infinity;
      const needed = `a ${isInfinite ? "finite " : ""}number ${bounds}`.trim();
      return E.left(needed + hintDigits(text, value));
    },
  };
}

/** Describes a flag that takes a number, or several with commas between. */
export function numberListFlag(
  bounds: Parameters<typeof numberFlag>[0],
): Flag<number | readonly number[]> {
  const one = numberFlag(bounds);
  return {
    ...one,
    placeholder: "X,…",
    read: (text) =>
      pipe(
        text.split(","),
        E.traverseArray(one.read),
        E.map((numbers) => numbers.length === 1 ? numbers[0]! : numbers),
        E.mapLeft((needed) => `${needed}, or several of these with commas between`),
      ),
  };
}

/** Describes a flag that takes numbers with commas between, or the word `auto`. */
export function numbersFlag(
  bounds: Parameters<typeof numberFlag>[0],
): Flag<number | readonly number[] | "auto"> {
  const list = numberListFlag(bounds);
  return {
    ...list,
    placeholder: "X,…|auto",
    read: (text) =>
      text === "auto"
        ? E.right(text)
        : pipe(list.read(text), E.mapLeft((needed) => `auto, or ${needed}`)),
  };
}

/** Describes a flag that takes any text. */
export function textFlag(
  { placeholder, ...description }: Description & { readonly placeholder: string },
): Flag<string> {
  return { kind: "value", placeholder, ...description, read: E.right };
}

/** Puts flags under a heading of `--help`. */
export const listIn = <F extends Flags>(section: string, flags: F): F =>
  Object.fromEntries(
    Object.entries(flags).map(([key, flag]) => [key, { ...flag, section }]),
  ) as F;

/** Describes a flag that takes one of a few words, or numbers. */
export function choiceFlag<const W extends string | number>(
  words: readonly W[],
  description: Description,
): Flag<W> {
  return {
    kind: "value",
    placeholder: words.join("|"),
    ...description,
    read: (text) =>
      pipe(
        words.find((word) => String(word) === text),
        E.fromNullable(`one of ${words.join(", ")}`),
      ),
  };
}

/** Describes a flag that takes a path. A relative one means the folder in which the person stands. */
export function pathFlag(
  { placeholder, ...description }: Description & { readonly placeholder: string },
): Flag<string> {
  return {
    kind: "value",
    placeholder,
    ...description,
    // A shell replaces ~ in --out ~/run, but not in --out=~/run.
    read: E.fromPredicate(
      (text) => !/^~(?:[/\\]|$)/.test(text),
      () => "a path that the shell has replaced ~ in: it does so behind a space, not behind =",
    ),
  };
}

/** Describes a flag that is given or not, without a value. */
export function booleanFlag(
  { negatable = false, ...description }: Description & {
    readonly negatable?: boolean;
    readonly letter?: string;
  },
): Flag<boolean> {
  return {
    kind: negatable ? "negatable" : "switch",
    placeholder: "",
    ...description,
    read: (text) =>
      text === "true" || text === "false" ? E.right(text === "true") : E.left("true or false"),
  };
}

/** Copies an object without the properties that are `undefined`: flags that were not given, for options that may be absent. */
export function omitUndefined<T extends object>(
  values: T,
): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
