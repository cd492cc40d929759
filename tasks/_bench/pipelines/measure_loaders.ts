import type { Contestant, Load } from "./contestant.ts";

/** How fast each contestant was, run by run. */
export interface LoaderFigures {
  readonly name: string;
  readonly imagesPerSecond: readonly number[];
}

/**
 * Has contestants load in turn, round after round, so that whatever else the machine does meets them all alike. One round
 * before them warms up.
 *
 * @param loads What each of them loads, as many images as take it a moment.
 */
export async function measureLoaders(
  contestants: readonly Contestant[],
  loads: readonly Load[],
  rounds: number,
): Promise<LoaderFigures[]> {
  const figures = contestants.map(({ name }) => ({ name, imagesPerSecond: [] as number[] }));
  for (let round = -1; round < rounds; round++) {
    for (const [i, { load }] of contestants.entries()) {
      const seconds = await load(loads[i]);
      if (round >= 0) figures[i].imagesPerSecond.push(loads[i].images / seconds);
    }
  }
  return figures;
}
