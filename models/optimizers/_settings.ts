import type { Schedule } from "./schedules/schedule.ts";

/** Throws a RangeError unless the setting is in `[low, high)`. */
export function checkSetting(
  optimizer: string,
  name: string,
  value: number,
  low: number,
  high: number,
): void {
  if (!(value >= low && value < high)) {
    const bound = high === Infinity ? " and finite" : ` and less than ${high}`;
    throw new RangeError(
      `Cannot describe ${optimizer} with ${name} ${value}: it must be at least ${low}${bound}`,
    );
  }
}

/** Converts a learning rate to a schedule. Throws a RangeError if it is a number that is not a learning rate. */
export function toSchedule(optimizer: string, learningRate: number | Schedule): Schedule {
  if (typeof learningRate === "function") return learningRate;
  checkSetting(optimizer, "learningRate", learningRate, 0, Infinity);
  return () => learningRate;
}

/** Throws a RangeError unless all settings are in `[0, high)`. */
export function checkSettings(
  optimizer: string,
  settings: Readonly<Record<string, number>>,
  high = Infinity,
): void {
  for (const [name, value] of Object.entries(settings)) {
    checkSetting(optimizer, name, value, 0, high);
  }
}
