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
