import * as E from "fp-ts/lib/Either.js";
import { choiceFlag, type Flag, integerFlag } from "../../_cli/flags.ts";

/** After how many steps a run is saved, or after how much time. */
export type SaveEvery = number | { readonly seconds: number };

const UNITS: Readonly<Record<string, number>> = { s: 1, sec: 1, min: 60, m: 60, h: 3600 };

/** The longest time that makes sense, and that timers know. */
const MOST_SECONDS = 7 * 24 * 3600;

const NEEDED = "a number of steps, as 20, or a time, as 30s, 2min or 1h, of at most a week";

function read(text: string): E.Either<string, SaveEvery> {
  const [, digits = "", unit] = /^(\d+(?:\.\d+)?)([a-z]+)?$/.exec(text) ?? [];
  const value = Number(digits);
  if (digits === "" || !(value > 0)) return E.left(NEEDED);
  if (unit === undefined) return Number.isSafeInteger(value) ? E.right(value) : E.left(NEEDED);
  const seconds = value * (Object.hasOwn(UNITS, unit) ? UNITS[unit]! : NaN);
  return seconds <= MOST_SECONDS ? E.right({ seconds }) : E.left(NEEDED);
}

/** Formats how often a run is saved as a flag takes it, in words of people. */
export function formatSaveEvery(every: SaveEvery): string {
  if (typeof every === "number") return every === 1 ? "every step" : `every ${every} steps`;
  const { seconds } = every;
  return seconds % 60 === 0 ? `every ${seconds / 60} min` : `every ${seconds} s`;
}

const saveEveryFlag: Flag<SaveEvery> = {
  kind: "value",
  placeholder: "N|2min",
  help:
    "Save after so many steps, or after so much time, besides after each epoch and on Ctrl-C. It is saved beside the " +
    "steps: a run that is killed loses so much, and what it computes while it is saved, at the most",
  shownDefault: "2min",
  read,
};

/** The flags that say how a run is saved. */
export const saveFlags = {
  saveEvery: saveEveryFlag,
  keep: integerFlag({
    least: 1,
    help:
      "How many checkpoints to keep: the newest, and behind it those after epochs and after --save-every's steps",
    shownDefault: "2",
  }),
  onNan: choiceFlag(["stop", "retry"], {
    help:
      "What becomes of the run when the loss or a parameter is NaN or infinite. stop: it ends, and names the step and the " +
      "layer in which that arose first. retry: it goes back to the last checkpoint, once, with half the learning rate",
    shownDefault: "stop",
  }),
};
