import { type Either, left, right } from "../../types/either.ts";
import { clip } from "../../weights/_header_json.ts";
import type {
  EpochResult,
  EpochSums,
  Means,
  MetricSums,
  TrainingPosition,
} from "./training_event.ts";

/** What is no position, in words. */
class Fault extends Error {}

/**
 * Reads a position from what JSON gave, or takes one that a program made: checks that it can be one at all, and leaves out what
 * older versions have besides, which is times. JSON has a metric of which nothing counts, NaN, as null. Gives the reason in words if
 * it is none.
 */
export function readPosition(value: unknown): Either<string, TrainingPosition> {
  try {
    return right(toPosition(value));
  } catch (error) {
    if (error instanceof Fault) return left(error.message);
    throw error;
  }
}

function toPosition(value: unknown): TrainingPosition {
  const { epoch, index, step, updates, seed, sums, history } = toRecord("it", value);
  if (!Number.isSafeInteger(seed)) refuse(`its seed is ${describe(seed)}`);
  const position: TrainingPosition = {
    epoch: toCount("its epoch", epoch),
    index: toCount("its index", index),
    step: toCount("its step", step),
    updates: toCount("its number of updates", updates),
    seed: Number(seed),
    sums: toSums(sums),
    history: toHistory(history),
  };
  checkCounts(position);
  return position;
}

/** Checks that the counts are of one training. */
function checkCounts({ epoch, index, step, updates, sums, history }: TrainingPosition): void {
  if (updates > step) refuse(`it has made ${updates} updates in ${step} steps`);
  if (sums.examples !== index) refuse(`its sums are of ${sums.examples} examples, not of ${index}`);
  if (sums.steps > index || (sums.steps === 0) !== (index === 0)) {
    refuse(`its sums are of ${index} examples in ${sums.steps} steps`);
  }
  // An epoch has a step at least.
  const least = epoch + sums.steps;
  if (step < least || epoch === 0 && step > least) {
    refuse(`it has made ${step} steps, ${sums.steps} of them in epoch ${epoch}`);
  }
  // The oldest runs kept the results of one epoch.
  for (const [i, result] of history.entries()) {
    if (result.epoch !== epoch - history.length + i) {
      refuse(`the results ${i + 1} of ${history.length} are of epoch ${result.epoch}`);
    }
    if (result.step > step || result.step < (history[i - 1]?.step ?? 0)) {
      refuse(`the results of epoch ${result.epoch} are of step ${result.step}`);
    }
  }
}

function toSums(value: unknown): EpochSums {
  const { steps, examples, metrics } = toRecord("its sums", value);
  return {
    steps: toCount("the steps of its sums", steps),
    examples: toCount("the examples of its sums", examples),
    metrics: mapRecord("the metrics of its sums", metrics, (of, value): MetricSums => {
      const { sum, weight, stepMeans } = toRecord(of, value);
      return {
        sum: toNumber(of, sum),
        weight: toNumber(of, weight),
        stepMeans: toNumber(of, stepMeans),
      };
    }),
  };
}

function toHistory(value: unknown): EpochResult<string>[] {
  if (!Array.isArray(value)) refuse(`its history is ${describe(value)}`);
  return value.map((item: unknown) => {
    const { epoch, step, training, validation } = toRecord("a result of its history", item);
    const toMeans = (means: unknown) =>
      mapRecord("the means of its history", means, toNumber) as Means<string>;
    return {
      epoch: toCount("an epoch of its history", epoch),
      step: toCount("a step of its history", step),
      training: toMeans(training),
      ...validation !== undefined && { validation: toMeans(validation) },
    };
  });
}

function toRecord(what: string, value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    refuse(`${what} is ${describe(value)}`);
  }
  return value as Record<string, unknown>;
}

/** Maps the values of a record. A name may be any, `__proto__` too. */
const mapRecord = <T>(
  what: string,
  value: unknown,
  map: (what: string, value: unknown) => T,
): Record<string, T> =>
  Object.fromEntries(
    Object.entries(toRecord(what, value)).map(([name, item]) => [name, map(what, item)]),
  );

function toCount(what: string, value: unknown): number {
  if (!Number.isSafeInteger(value) || Number(value) < 0) refuse(`${what} is ${describe(value)}`);
  return Number(value);
}

function toNumber(what: string, value: unknown): number {
  if (value === null) return NaN;
  if (typeof value !== "number") refuse(`one of ${what} is ${describe(value)}`);
  return value;
}

/** Describes a value of JSON in a few words. */
function describe(value: unknown): string {
  if (value === undefined) return "missing";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" && value !== null ? "an object" : clip(JSON.stringify(value));
}

function refuse(found: string): never {
  throw new Fault(found);
}
