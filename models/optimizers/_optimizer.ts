import * as ops from "../ops/_ops.ts";
import type { OptimizerState } from "./optimizer.ts";
import type { Params } from "../types/tensor.ts";
import type { Schedule } from "./schedule.ts";

/** The name under which the state of loss scaling is stored. */
export const LOSS_SCALING = "loss_scaling";

/** Applies `fn` to each entry. */
export function mapParams<T extends object>(
  params: Readonly<Record<string, T>>,
  fn: (value: T, name: string) => T,
): Record<string, T> {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, fn(value, name)]),
  );
}

/** The state before the first update. */
export function initialState(slots: readonly string[], params: Params): OptimizerState {
  const scaling = ops.lossScaling();
  return {
    step: 0,
    slots: Object.fromEntries(
      slots.map((slot) => [slot, mapParams(params, (tensor) => ops.zerosLike(tensor))]),
    ),
    ...scaling && { scaling },
  };
}

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

/** A learning rate as a schedule. Throws a RangeError where it is a number that is none. */
export function toSchedule(optimizer: string, learningRate: number | Schedule): Schedule {
  if (typeof learningRate === "function") return learningRate;
  checkSetting(optimizer, "learningRate", learningRate, 0, Infinity);
  return () => learningRate;
}
