import * as ops from "../ops/_ops.ts";
import { checkSetting, initialState, toSchedule } from "./_optimizer.ts";
import type { Optimizer } from "./optimizer.ts";
import type { Schedule } from "./schedule.ts";

/** The settings of `adam`. */
export interface AdamOptions {
  /** The step size, or how it changes from step to step; 0.001 by default. */
  readonly learningRate?: number | Schedule;
  /** Decay of the running mean of the gradient; 0.9 by default. */
  readonly beta1?: number;
  /** Decay of the running mean of the squared gradient; 0.999 by default. */
  readonly beta2?: number;
  /** Added to the denominator; 1e-8 by default. */
  readonly epsilon?: number;
}

/**
 * Adam (Kingma and Ba, 2015), with PyTorch's order of operations: at update `t`,
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
 * @returns The optimiser.
 * @throws {RangeError} If a setting is out of range.
 */
export function adam(options: AdamOptions = {}): Optimizer {
  const { learningRate = 0.001, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  const stepSize = toSchedule("adam", learningRate);
  checkSetting("adam", "beta1", beta1, 0, 1);
  checkSetting("adam", "beta2", beta2, 0, 1);
  checkSetting("adam", "epsilon", epsilon, 0, Infinity);
  const slots = ["m", "v"];
  return {
    name: "adam",
    settings: { learningRate: stepSize(1), beta1, beta2, epsilon },
    slots,
    init: (params) => initialState(slots, params),
    update(params, gradients, state) {
      const step = state.step + 1;
      const settings = {
        beta1,
        beta2,
        stepSize: stepSize(step) / (1 - beta1 ** step),
        correction: Math.sqrt(1 - beta2 ** step),
        epsilon,
      };
      const names = Object.keys(params);
      const { m, v } = state.slots;
      const updated = ops.adamUpdates(
        names.map((name) => ({
          parameter: params[name],
          gradient: gradients[name],
          m: m[name],
          v: v[name],
        })),
        settings,
        state.scaling,
      );
      const column = (key: "parameter" | "m" | "v") =>
        Object.fromEntries(names.map((name, i) => [name, updated[i][key]]));
      return [column("parameter"), {
        ...state,
        step,
        slots: { m: column("m"), v: column("v") },
      }];
    },
  };
}
