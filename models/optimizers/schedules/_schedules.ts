/** A setting of a schedule, and what it must be. */
type Check = "finite" | "positive" | "count" | "share";

const CHECKS: Readonly<Record<Check, readonly [test: (value: number) => boolean, words: string]>> =
  {
    finite: [Number.isFinite, "finite"],
    positive: [(value) => value > 0 && value < Infinity, "above 0 and finite"],
    count: [(value) => Number.isSafeInteger(value) && value >= 1, "an integer of at least 1"],
    share: [(value) => value >= 0 && value <= 1, "from 0 to 1"],
  };

/** Throws a RangeError unless the settings of a schedule are what they must be. */
export function checkSchedule(
  schedule: string,
  settings: Readonly<Record<string, readonly [value: number, must: Check]>>,
): void {
  for (const [name, [value, must]] of Object.entries(settings)) {
    const [test, words] = CHECKS[must];
    if (!test(value)) {
      throw new RangeError(
        `Cannot make a schedule of ${schedule} with ${name} ${value}: it must be ${words}`,
      );
    }
  }
}

/** Goes from one value to another by half a cosine, as `share` goes from 0 to 1. */
export function interpolateByCosine(from: number, to: number, share: number): number {
  return to + (from - to) * (1 + Math.cos(Math.PI * share)) / 2;
}
