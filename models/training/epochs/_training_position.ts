import type { StepMeans } from "../_step_metrics.ts";
import type { EpochResult, EpochSums, Means, TrainingPosition } from "./training_event.ts";

/** The sums at the beginning of an epoch. */
const emptySums: EpochSums = { steps: 0, examples: 0, seconds: 0, metrics: {} };

/** Makes the position before the first step. */
export const beginPosition = (seed: number): TrainingPosition => ({
  epoch: 0,
  index: 0,
  step: 0,
  updates: 0,
  seed,
  seconds: 0,
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

/** Counts time, in seconds. */
export const addSeconds = (position: TrainingPosition, seconds: number): TrainingPosition => ({
  ...position,
  seconds: position.seconds + seconds,
  sums: { ...position.sums, seconds: position.sums.seconds + seconds },
});

/** Ends the epoch under way with the results of its validation. */
export function endEpoch(
  { epoch, step, sums, history, ...position }: TrainingPosition,
  validation: Means<string> | undefined,
): TrainingPosition {
  const means = Object.entries(sums.metrics).map(([name, { sum, weight }]) => [name, sum / weight]);
  const result: EpochResult<string> = {
    epoch,
    step,
    training: Object.fromEntries(means) as Means<string>,
    ...validation && { validation },
    seconds: sums.seconds,
  };
  return {
    ...position,
    epoch: epoch + 1,
    index: 0,
    step,
    sums: emptySums,
    history: [...history, result],
  };
}

/** Tells whether what JSON gave is a position. */
export function isPosition(value: unknown): value is TrainingPosition {
  if (typeof value !== "object" || value === null) return false;
  const { sums, history, ...counts }: Partial<TrainingPosition> = value;
  const { epoch, index, step, updates, seed, seconds } = counts;
  return [epoch, index, step, updates].every((n) => Number.isSafeInteger(n) && n! >= 0) &&
    Number.isSafeInteger(seed) && typeof seconds === "number" && seconds >= 0 &&
    areSums(sums) && Array.isArray(history) && history.every(isResult);
}

const areSums = (sums: Partial<EpochSums> | undefined): boolean =>
  [sums?.steps, sums?.examples, sums?.seconds].every((n) => typeof n === "number" && n >= 0) &&
  areAll(
    sums?.metrics,
    (metric: Partial<EpochSums["metrics"][string]> | null) =>
      [metric?.sum, metric?.weight, metric?.stepMeans].every(isNumber),
  );

const isResult = (result: Partial<EpochResult> | null): boolean =>
  [result?.epoch, result?.step, result?.seconds].every((n) => typeof n === "number") &&
  areAll(result?.training, isNumber) &&
  (result?.validation === undefined || areAll(result.validation, isNumber));

/** Tells whether something is an object all of whose values are such. */
const areAll = <T>(record: unknown, isGood: (value: T) => boolean): boolean =>
  typeof record === "object" && record !== null && !Array.isArray(record) &&
  Object.values(record).every(isGood);

/** JSON has null for what is not finite. */
const isNumber = (value: unknown): boolean => typeof value === "number" || value === null;

/** Gives the numbers that JSON has as null their value back: a metric of which nothing counts is NaN. */
export const revivePosition = (position: TrainingPosition): TrainingPosition =>
  JSON.parse(JSON.stringify(position), (_, value) => value ?? NaN);
