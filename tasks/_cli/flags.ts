import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";

/** A command-line flag: how it is written, what it means, and how its text is read. */
export interface Flag<T> {
  /** Whether it takes no value: `--name`, and `--no-name` if it is negatable. */
  readonly kind: "value" | "switch" | "negatable";
  /** The word that stands for the value in the help text. */
  readonly placeholder: string;
  /** Its effect, for people. */
  readonly help: string;
  /** Its default, for people. */
  readonly shownDefault?: string;
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

/** Describes a flag that takes an integer. */
export function integerFlag(
  { least, most = Number.MAX_SAFE_INTEGER, placeholder = "N", ...description }: Description & {
    readonly least: number;
    readonly most?: number;
    readonly placeholder?: string;
  },
): Flag<number> {
  const upTo = most === Number.MAX_SAFE_INTEGER ? "" : ` and at most ${most}`;
  return {
    kind: "value",
    placeholder,
    ...description,
    read(text) {
      const value = Number(text);
      return /^\d+$/.test(text) && value >= least && value <= most
        ? E.right(value)
        : E.left(`an integer of at least ${least}${upTo}`);
    },
  };
}

/** Describes a flag that takes a number from `least` (or above `above`) to below `below`. */
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
      const value = Number(text);
      const inside = text.trim() !== "" && Number.isFinite(value) && value >= least &&
        value > above && value < below;
      return inside ? E.right(value) : E.left(`a number ${bounds}`.trim());
    },
  };
}

/** Describes a flag that takes one of a few words. */
export function choiceFlag<const W extends string>(
  words: readonly W[],
  description: Description,
): Flag<W> {
  return {
    kind: "value",
    placeholder: words.join("|"),
    ...description,
    read: (text) =>
      pipe(words.find((word) => word === text), E.fromNullable(`one of ${words.join(", ")}`)),
  };
}

/** Describes a flag that takes a path. */
export function pathFlag(
  { placeholder, ...description }: Description & { readonly placeholder: string },
): Flag<string> {
  return {
    kind: "value",
    placeholder,
    ...description,
    read: E.fromPredicate((text) => text !== "", () => "a path"),
  };
}

/** Describes a flag that is given or not, without a value. */
export function booleanFlag(
  { negatable = false, ...description }: Description & { readonly negatable?: boolean },
): Flag<boolean> {
  return {
    kind: negatable ? "negatable" : "switch",
    placeholder: "",
    ...description,
    read: (text) => E.right(text === "true"),
  };
}

/** Copies an object without the properties that are `undefined`: flags that were not given, for options that may be absent. */
export function omitUndefined<T extends object>(
  values: T,
): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
