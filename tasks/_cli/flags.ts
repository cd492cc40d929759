/** A command-line flag: how it is written, what it means, and how its text is read. */
export interface Flag<T> {
  /** Whether it takes no value: `--name`, and `--no-name` where it is negatable. */
  readonly kind: "value" | "switch" | "negatable";
  /** What stands for the value in the help text. */
  readonly placeholder: string;
  /** What it does, for people. */
  readonly help: string;
  /** What holds without it, for people. */
  readonly shownDefault?: string;
  /** Reads the value, or says in words what it must be. */
  readonly read: (text: string) => Reading<T>;
}

/** A value, or what the text had to be. */
export type Reading<T> = { readonly value: T } | { readonly needed: string };

/** The values of flags; one that was not given is absent. */
export type FlagValues<F extends Readonly<Record<string, Flag<unknown>>>> = {
  readonly [K in keyof F]?: F[K] extends Flag<infer T> ? T : never;
};

/** What all kinds of flags are described by. */
interface Description {
  readonly help: string;
  readonly shownDefault?: string;
}

/** A flag that takes an integer. */
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
        ? { value }
        : { needed: `an integer of at least ${least}${upTo}` };
    },
  };
}

/** A flag that takes a number from `least` (or above `above`) to below `below`. */
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
      return inside ? { value } : { needed: `a number ${bounds}`.trim() };
    },
  };
}

/** A flag that takes one of a few words. */
export function choiceFlag<const W extends string>(
  words: readonly W[],
  description: Description,
): Flag<W> {
  return {
    kind: "value",
    placeholder: words.join("|"),
    ...description,
    read(text) {
      const value = words.find((word) => word === text);
      return value === undefined ? { needed: `one of ${words.join(", ")}` } : { value };
    },
  };
}

/** A flag that takes a path. */
export function pathFlag(
  { placeholder, ...description }: Description & { readonly placeholder: string },
): Flag<string> {
  return {
    kind: "value",
    placeholder,
    ...description,
    read: (text) => text === "" ? { needed: "a path" } : { value: text },
  };
}

/** A flag that is there or isn't. */
export function booleanFlag(
  description: Description & { readonly negatable?: boolean },
): Flag<boolean> {
  const { negatable, ...rest } = description;
  return {
    kind: negatable ? "negatable" : "switch",
    placeholder: "",
    ...rest,
    read: (text) => ({ value: text === "true" }),
  };
}
