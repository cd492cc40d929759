import type { Contestant, Load } from "./contestant.ts";

/** A contestant, and as many images to load as take it a moment. */
export interface LoaderShare {
  readonly contestant: Contestant;
  readonly load: Load;
}

/** The speed of a contestant, run by run. */
export interface LoaderFigures extends LoaderShare {
  readonly imagesPerSecond: readonly number[];
}

/**
 * Has contestants load in turn, round after round, so that whatever else the machine does meets them all alike. One round
 * before them warms up.
 */
export async function measureLoaders(
  shares: readonly LoaderShare[],
  rounds: number,
): Promise<LoaderFigures[]> {
  const figures = shares.map((share) => ({ ...share, imagesPerSecond: [] as number[] }));
  for (let round = -1; round < rounds; round++) {
    for (const { contestant, load, imagesPerSecond } of figures) {
      const seconds = await contestant.load(load);
      if (round >= 0) imagesPerSecond.push(load.images / seconds);
    }
  }
  return figures;
}
