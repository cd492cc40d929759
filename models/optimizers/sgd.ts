import * as ops from "../ops/_ops.ts";
import { checkSetting, initialState, toSchedule } from "./_optimizer.ts";
import type { Optimizer } from "./optimizer.ts";
import type { Schedule } from "./schedule.ts";
import type { Tensor } from "../types/tensor.ts";

/** The settings of `sgd`. */
export interface SgdOptions {
  /** The step size, or how it changes from step to step; 0.01 by default. */
  readonly learningRate?: number | Schedule;
  /** Decay of the running sum of gradients; 0 by default, which keeps none. */
  readonly momentum?: number;
}

/**
 * Stochastic gradient descent with PyTorch's momentum: `b = momentum · b + g`, `p -= learningRate · b`.
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
 * @returns The optimiser.
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
    init: (params) => initialState(slots, params),
    update(params, gradients, state) {
      const step = state.step + 1;
      const names = Object.keys(params);
      const learningRateNow = stepSize(step);
      const ordered = names.map((name) => ({
        parameter: params[name],
        gradient: gradients[name],
      }));
      const byName = (tensors: readonly Tensor[]) =>
        Object.fromEntries(names.map((name, i) => [name, tensors[i]]));
      if (momentum === 0) {
        const updated = ops.sgdUpdates(ordered, learningRateNow, state.scaling);
        return [byName(updated.map(({ parameter }) => parameter)), {
          ...state,
          step,
          slots: {},
        }];
      }
      const updated = ops.momentumUpdates(
        ordered.map((update, i) => ({ ...update, momentum: state.slots.momentum[names[i]] })),
        { learningRate: learningRateNow, momentum },
        state.scaling,
      );
      return [byName(updated.map(({ parameter }) => parameter)), {
        ...state,
        step,
        slots: { momentum: byName(updated.map(({ momentum }) => momentum)) },
      }];
    },
  };
}
