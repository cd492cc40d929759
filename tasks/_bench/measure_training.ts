import type { TrainContestant, TrainTurn } from "./train_contestant.ts";

/** What one contestant's turns took. */
export interface TrainFigures {
  /** Steps in a turn. */
  readonly steps: number;
  /** Seconds a step, turn by turn. */
  readonly seconds: readonly number[];
  /** The loss of the first step of all. */
  readonly firstLoss: number;
  /** The last turn. */
  readonly last: TrainTurn;
}

/** Seconds that a turn should take, so that what is done once a turn counts for little. */
const TURN = 1;
/** Steps in a turn at most. */
const MOST = 64;

/**
 * Has contestants train in turn, round after round. Before that each warms up with a step or, where steps are quick, two; these
 * are not counted.
 *
 * @param note Takes a line about what has been done.
 */
export async function measureTraining(
  contestants: readonly Pick<TrainContestant, "name" | "train">[],
  rounds: number,
  note: (line: string) => void,
): Promise<TrainFigures[]> {
  const figures: (TrainFigures & { seconds: number[] })[] = [];
  for (const { name, train } of contestants) {
    const first = await train(1);
    const again = first.seconds < 3 * TURN ? await train(1) : first;
    const steps = Math.min(Math.max(Math.round(TURN / again.seconds), 1), MOST);
    figures.push({ steps, seconds: [], firstLoss: first.loss, last: again });
    note(`warm-up, ${name}: ${again.seconds.toFixed(3)} s a step`);
  }
  for (let round = 1; round <= rounds; round++) {
    for (const [i, { name, train }] of contestants.entries()) {
      const { steps, seconds } = figures[i];
      const last = await train(steps);
      seconds.push(last.seconds / steps);
      figures[i] = { ...figures[i], last };
      note(`round ${round} of ${rounds}, ${name}: ${(last.seconds / steps).toFixed(3)} s a step`);
    }
  }
  return figures;
}
