/**
 * Stochastic gradient descent.
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

/** The settings of `sgd`. */
export interface SgdOptions {
  /** The step size, or how it changes from step to step; 0.01 by default. */
  readonly learningRate?: number | Schedule;
  /** Decay of the running sum of gradients; 0 by default, which keeps no sum. */
  readonly momentum?: number;
}

/**
 * Describes stochastic gradient descent with PyTorch's momentum: `b = momentum · b + g`, `p -= learningRate · b`.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { sgd } from "@rill/rill/models";
 *
 * assertEquals(sgd({ learningRate: 0.1, momentum: 0.9 }).slots, ["momentum"]);
 * ```
 *
 * @param options The settings.
 * @returns The optimizer.
 * @throws {RangeError} If a setting is out of range.
 */
export function sgd(options: SgdOptions = {}): Optimizer {
  const { learningRate = 0.01, momentum = 0 } = options;
  const stepSize = toSchedule("sgd", learningRate);
  checkSetting("sgd", "momentum", momentum, 0, 1);
  const slots = momentum > 0 ? ["momentum"] : [];
  return {
    name: "sgd",
    settings: { learningRate: stepSize(1), momentum },
    slots,
    init: (params) => createOptimizerState(slots, params),
    update(params, gradients, state) {
      const number = getNextNumber(state);
      const settings = {
        learningRate: stepSize(number),
        ...state.scaling && { earlier: listEarlier(number, stepSize) },
      };
      const step = state.step + 1;
      const names = Object.keys(params);
      const updates = Object.entries(params).map(([name, parameter]) => ({
        name,
        parameter,
        gradient: getTensor(gradients, name),
      }));
      if (momentum === 0) {
        const updated = ops.updateBySgd(updates, settings, state.scaling);
        return [nameTensors(names, updated.map(({ parameter }) => parameter)), {
          ...state,
          step,
          slots: {},
        }];
      }
      const sums = getSlot(state, "momentum");
      const updated = ops.updateByMomentum(
        updates.map((update) => ({ ...update, momentum: getTensor(sums, update.name) })),
        { ...settings, momentum },
        state.scaling,
      );
      return [nameTensors(names, updated.map(({ parameter }) => parameter)), {
        ...state,
        step,
        slots: { momentum: nameTensors(names, updated.map(({ momentum }) => momentum)) },
      }];
    },
  };
}
