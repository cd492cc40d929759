/**
 * The Adam optimizer.
 *
 * @module
 */

import * as ops from "../ops/_ops.ts";
import { getTensor, nameTensors } from "../types/_tensors.ts";
import {
  checkSetting,
  createOptimizerState,
  getNextNumber,
  getSlot,
  listEarlier,
  toSchedule,
} from "./_optimizer.ts";
import type { Optimizer } from "./optimizer.ts";
import type { Schedule } from "./schedule.ts";

export type { Optimizer, OptimizerState } from "./optimizer.ts";
export type { Schedule } from "./schedule.ts";

/** The settings of `adam`. */
export interface AdamOptions {
  /** The step size, or how it changes from step to step; 0.001 by default. */
  readonly learningRate?: number | Schedule;
  /** Decay of the running mean of the gradient; 0.9 by default. */
  readonly beta1?: number;
  /** Decay of the running mean of the squared gradient; 0.999 by default. */
  readonly beta2?: number;
  /** The number added to the denominator; 1e-8 by default. */
  readonly epsilon?: number;
}

/**
 * Describes Adam (Kingma and Ba, 2015), with PyTorch's order of operations: at update `t`,
 * `m = β₁m + (1-β₁)g`, `v = β₂v + (1-β₂)g²`, `p -= lr/(1-β₁ᵗ) · m / (√v/√(1-β₂ᵗ) + ε)`.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { adam } from "@rill/rill/models";
 *
 * assertEquals(adam({ learningRate: 1e-3 }).slots, ["m", "v"]);
 * ```
 *
 * @param options The settings.
 * @returns The optimizer.
 * @throws {RangeError} If a setting is out of range.
 */
export function adam(options: AdamOptions = {}): Optimizer {
  const { learningRate = 0.001, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  const stepSize = toSchedule("adam", learningRate);
  checkSetting("adam", "beta1", beta1, 0, 1);
  checkSetting("adam", "beta2", beta2, 0, 1);
  checkSetting("adam", "epsilon", epsilon, 0, Infinity);
  const slots = ["m", "v"];
  const settingsOf = (number: number) => ({
    stepSize: stepSize(number) / (1 - beta1 ** number),
    correction: Math.sqrt(1 - beta2 ** number),
  });
  return {
    name: "adam",
    settings: { learningRate: stepSize(1), beta1, beta2, epsilon },
    slots,
    init: (params) => createOptimizerState(slots, params),
    update(params, gradients, state) {
      const number = getNextNumber(state);
      const settings = {
        beta1,
        beta2,
        epsilon,
        ...settingsOf(number),
        ...state.scaling && { earlier: listEarlier(number, settingsOf) },
      };
      const [m, v] = [getSlot(state, "m"), getSlot(state, "v")];
      const updated = ops.updateByAdam(
        Object.entries(params).map(([name, parameter]) => ({
          parameter,
          gradient: getTensor(gradients, name),
          m: getTensor(m, name),
          v: getTensor(v, name),
        })),
        settings,
        state.scaling,
      );
      const names = Object.keys(params);
      return [nameTensors(names, updated.map(({ parameter }) => parameter)), {
        ...state,
        step: state.step + 1,
        slots: {
          m: nameTensors(names, updated.map(({ m }) => m)),
          v: nameTensors(names, updated.map(({ v }) => v)),
        },
      }];
    },
  };
}
