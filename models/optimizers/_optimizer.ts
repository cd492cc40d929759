import { MOST_SKIPPED } from "../kernels/definitions/_kernel_names.ts";
import * as ops from "../ops/_ops.ts";
import { mapTensors } from "../types/_tensors.ts";
import type { Params } from "../types/tensor.ts";
import type { OptimizerState } from "./optimizer.ts";
import type { Schedule } from "./schedule.ts";

/** The name under which the state of loss scaling is stored. */
export const LOSS_SCALING = "loss_scaling";

/** Creates the state before the first update. */
export function createOptimizerState(slots: readonly string[], params: Params): OptimizerState {
  const scaling = ops.createLossScaling();
  return {
    step: 0,
    slots: Object.fromEntries(
      slots.map((slot) => [slot, mapTensors(params, (tensor) => ops.zerosLike(tensor))]),
    ),
    ...scaling && { scaling },
  };
}

/** Gets the number of the next update, from 1, as far as the host knows: the device may have skipped some. */
export function getNextNumber({ step, skipped = 0 }: OptimizerState): number {
  return step + 1 - skipped;
}

/** Lists a setting of the updates before the one of a number, the last first, as many as kernels take with scaled gradients. */
export function listEarlier<T>(number: number, settingOf: (number: number) => T): T[] {
  const length = Math.min(number - 1, MOST_SKIPPED);
  return Array.from({ length }, (_, i) => settingOf(number - 1 - i));
}

/** Gets the running values of a slot. Throws a RangeError if the state lacks them. */
export function getSlot({ slots }: OptimizerState, slot: string): Params {
  const values = slots[slot];
  if (values) return values;
  throw new RangeError(
    `Cannot update with a state that lacks ${slot}: it has ${
      Object.keys(slots).join(", ") || "no running values"
    }`,
  );
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

/** Converts a learning rate to a schedule. Throws a RangeError if it is a number that is not a learning rate. */
export function toSchedule(optimizer: string, learningRate: number | Schedule): Schedule {
  if (typeof learningRate === "function") return learningRate;
  checkSetting(optimizer, "learningRate", learningRate, 0, Infinity);
  return () => learningRate;
}
