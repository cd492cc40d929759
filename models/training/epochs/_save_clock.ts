import type { SizedBatch } from "../training_batch.ts";
import type { TrainEpochsOptions } from "./training_options.ts";

/** Tells when there is to be a checkpoint within an epoch. */
export interface SaveClock {
  /** Tells whether one is due after a step. */
  isDue(step: number): boolean;
  /** Tells whether one is due after a step in each run of the training, however fast it is. */
  isDueAlways(step: number): boolean;
  /** Says that there was one. */
  reset(): void;
}

/** Makes the clock of what a training was asked for. It goes by a time that nobody sets back. */
export function createSaveClock(
  { saveEvery, saveWanted = () => false }: Pick<
    TrainEpochsOptions<SizedBatch>,
    "saveEvery" | "saveWanted"
  >,
): SaveClock {
  if (typeof saveEvery !== "object") {
    const isDueAlways = (step: number) => step > 0 && step % (saveEvery ?? Infinity) === 0;
    return { isDue: (step) => saveWanted() || isDueAlways(step), isDueAlways, reset() {} };
  }
  let last = performance.now();
  return {
    isDue: () => saveWanted() || performance.now() - last >= saveEvery.seconds * 1000,
    isDueAlways: () => false,
    reset() {
      last = performance.now();
    },
  };
}
