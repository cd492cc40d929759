import type { Absentee } from "./absentee.ts";

/** A contestant that does something over and over when it is told to. */
export interface Repeater<T extends { readonly seconds: number }> {
  readonly name: string;
  /** Does it so many times, one after the other. */
  readonly run: (times: number) => Promise<T>;
}

/** The seconds and the results of a contestant's turns. */
export interface TurnFigures<C, T> {
  readonly contestant: C;
  /** Repetitions in a turn. */
  readonly times: number;
  /** Seconds each time took, turn by turn. */
  readonly seconds: readonly number[];
  /** The result of the first time of all. */
  readonly first: T;
  /** The result of the last turn. */
  readonly last: T;
}

/** At most so often in a turn. */
const MOST = 64;

/**
 * Has several do the same in turn, round after round, so that whatever else the machine does meets them all alike. Before that
 * each warms up, once or, where it is quick, twice; that doesn't count. One that fails, for want of memory say, is left out from
 * then on, but for the first: without it there is nothing to compare with.
 *
 * @param options How many rounds; the seconds that a turn should take, so that what is done once a turn counts for little;
 * what is done, and who takes a line about each time.
 */
export async function measureTurns<
  T extends { readonly seconds: number },
  C extends Repeater<T>,
>(
  contestants: readonly (C & Repeater<T>)[],
  { rounds, turn, what, note }: {
    readonly rounds: number;
    readonly turn: number;
    readonly what: string;
    readonly note: (line: string) => void;
  },
): Promise<{ readonly figures: TurnFigures<C, T>[]; readonly missing: Absentee[] }> {
  const say = (when: string, name: string, seconds: number) =>
    note(`${when}, ${name}: ${seconds.toPrecision(3)} s ${what}`);
  const missing: Absentee[] = [];
  const attempt = async (one: C, body: () => Promise<void>) => {
    try {
      await body();
    } catch (error) {
      if (one === contestants[0]) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      missing.push({ name: one.name, missing: reason });
      note(`${one.name} is left out: ${reason}`);
    }
  };
  type Figures = { contestant: C; times: number; seconds: number[]; first: T; last: T };
  const begun: Figures[] = [];
  for (const contestant of contestants) {
    const { name, run } = contestant;
    await attempt(contestant, async () => {
      const first = await run(1);
      const last = first.seconds < 3 * turn ? await run(1) : first;
      const times = Math.min(Math.max(Math.round(turn / last.seconds), 1), MOST);
      begun.push({ contestant, times, seconds: [], first, last });
      say("warm-up", name, last.seconds);
    });
  }
  const left = (one: Figures) => !missing.some(({ name }) => name === one.contestant.name);
  for (let round = 1; round <= rounds; round++) {
    for (const one of begun.filter(left)) {
      const { name, run } = one.contestant;
      await attempt(one.contestant, async () => {
        one.last = await run(one.times);
        const seconds = one.last.seconds / one.times;
        one.seconds.push(seconds);
        say(`round ${round} of ${rounds}`, name, seconds);
      });
    }
  }
  return { figures: begun.filter(left), missing };
}
