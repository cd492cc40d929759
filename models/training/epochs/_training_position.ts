import type { StepMeans } from "../_step_metrics.ts";
import type { EpochResult, EpochSums, Means, TrainingPosition } from "./training_event.ts";

/** The sums at the beginning of an epoch. */
const emptySums: EpochSums = { steps: 0, examples: 0, metrics: {} };

/** Makes the position before the first step. */
export const beginPosition = (seed: number): TrainingPosition => ({
  epoch: 0,
  index: 0,
  step: 0,
  updates: 0,
  seed,
  sums: emptySums,
  history: [],
});

/** Counts a step. */
export function addStep(
  position: TrainingPosition,
  { step, size, means }: StepMeans,
): TrainingPosition {
  const { sums } = position;
  const metrics = Object.entries(means).map(([name, { sum, weight }]) => {
    const before = sums.metrics[name] ?? { sum: 0, weight: 0, stepMeans: 0 };
    return [name, {
      sum: before.sum + sum,
      weight: before.weight + weight,
      stepMeans: before.stepMeans + sum / weight,
    }];
  });
  return {
    ...position,
    step,
    index: position.index + size,
    sums: {
      ...sums,
      steps: sums.steps + 1,
      examples: sums.examples + size,
      metrics: Object.fromEntries(metrics),
    },
  };
}

/** Ends the epoch under way with the results of its validation. */
export function endEpoch(
  { epoch, step, updates, seed, sums, history }: TrainingPosition,
  validation: Means<string> | undefined,
): TrainingPosition {
  const means = Object.entries(sums.metrics).map(([name, { sum, weight }]) => [name, sum / weight]);
  const result: EpochResult<string> = {
    epoch,
    step,
    training: Object.fromEntries(means) as Means<string>,
    ...validation && { validation },
  };
  // In the order of every position, so that the same is written whether it was read before or not.
  return {
    epoch: epoch + 1,
    index: 0,
    step,
    updates,
    seed,
    sums: emptySums,
    history: [...history, result],
  };
}
