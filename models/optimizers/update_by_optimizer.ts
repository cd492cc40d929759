/**
 * Updates of parameters by an optimizer.
 *
 * @module
 */

import * as ops from "../ops/_ops.ts";
import { add, divide, multiply } from "../ops/arithmetic.ts";
import { clip } from "../ops/elementwise.ts";
import { disposeTensors, getTensor, mapTensors } from "../types/_tensors.ts";
import type { Params, Tensor } from "../types/tensor.ts";
import { applyRule } from "./_apply_rule.ts";
import { disposeSlots } from "./_dispose_state.ts";
import { findFused } from "./_fused_rules.ts";
import { getTreatment } from "./_names.ts";
import { ACCUMULATED, AVERAGE, mix } from "./_running.ts";
import type { Clip, Optimizer, OptimizerState } from "./optimizer.ts";

export type { Params, Tensor } from "../types/tensor.ts";
export type { Optimizer, OptimizerState } from "./optimizer.ts";

/** What an update is made of. */
export interface UpdateOptions {
  /** The parameters; frozen ones may be among them. They are consumed. */
  readonly params: Params;
  /**
   * The gradient for each parameter that is trained; in mixed precision that of the loss times its scale. If the optimizer
   * accumulates they are those of the loss's sum over the batch, otherwise of its mean. They stay the caller's.
   */
  readonly gradients: Params;
  /** The state after the update before. It is consumed. */
  readonly state: OptimizerState;
  /** The weight of the batch, by which the loss's sum would be divided: a number or a scalar. Needed if the optimizer accumulates. */
  readonly weight?: number | Tensor | undefined;
  /**
   * Sums the squares of the gradients' numbers, where an optimizer clips by their norm: with ranks that share a training, of which
   * each updates parts of the parameters, those of all. All ranks call it, as often as one another.
   *
   * @default {the sum over the gradients}
   */
  readonly sumSquares?: ((gradients: Params) => number) | undefined;
  /**
   * In mixed precision, whether this update looks for an overflow and changes the loss's scale; true by default. Of several
   * optimizers that share a step's scale all but the last leave it alone.
   */
  readonly advancesScale?: boolean | undefined;
}

/**
 * Makes one update as an optimizer says: unscale, accumulate, clip, decay, rule, average. While gradients are accumulated parameters
 * stay as they are. `trainStep` does this; steps of one's own can.
 *
 * @example Usage
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import * as rill from "@rill/rill/models";
 *
 * const backend = await rill.openBackend("wasm");
 * const optimizer = pipe(rill.sgd({ learningRate: 1 }), rill.clipByValue(0.5));
 * const params = { weight: rill.toTensor(Float32Array.of(1, 2), [2]) };
 * const gradients = { weight: rill.toTensor(Float32Array.of(0.25, 8), [2]) };
 * const state = rill.initOptimizerState(optimizer, params);
 * const next = rill.updateByOptimizer(optimizer, { params, gradients, state });
 * assertEquals([...await next.params["weight"]!.data()], [0.75, 1.5]);
 * await backend.close();
 * ```
 *
 * @param optimizer The optimizer.
 * @param options What the update is made of.
 * @returns The next parameters and the next state.
 * @throws {RangeError} If a gradient, a running value or the weight is missing, or a rule gives other tensors than it must.
 */
export function updateByOptimizer(
  optimizer: Optimizer,
  options: UpdateOptions,
): { readonly params: Params; readonly state: OptimizerState } {
  const { params, advancesScale = true } = options;
  const { scaling } = options.state;
  const names = Object.keys(params).filter((name) => getTreatment(optimizer, name).trained);
  const given = Object.fromEntries(
    names.map((name) => [name, getTensor(options.gradients, name)]),
  );
  if (scaling && advancesScale) ops.findOverflow(Object.values(given), scaling);

  const gathered = accumulate(optimizer, given, options);
  // Another record, since whoever consumed the one before refuses it.
  if (!gathered.gradients) return { params: { ...params }, state: gathered.state };
  // Kernels divide by the scale themselves.
  let unscaled = gathered.gradients !== given;
  let { gradients } = gathered;
  const replace = (next: Params) => {
    if (gradients !== given) disposeTensors(gradients);
    gradients = next;
  };
  const { state } = gathered;
  let updated: ReturnType<typeof applyRule> | undefined;
  try {
    if (scaling && !unscaled && (optimizer.clip || !findFused(optimizer.rule))) {
      replace(mapTensors(gradients, (gradient) => ops.unscale(gradient, scaling)));
      unscaled = true;
    }
    const limit = optimizer.clip && chooseLimit(optimizer.clip, gradients, options);
    if (limit) {
      replace(mapTensors(gradients, limit.apply));
      limit.release?.();
    }
    updated = applyRule(optimizer, names, { params, gradients, state, unscaled });
    if (scaling && advancesScale) ops.advanceLossScaling(scaling);
    const slots = { ...state.slots, ...updated.slots };
    return {
      params: updated.params,
      state: {
        ...state,
        step: state.step + 1,
        slots: { ...slots, ...average(optimizer, updated.params, state) },
      },
    };
  } catch (error) {
    if (updated) {
      disposeTensors(updated.params);
      disposeSlots(updated.slots);
    }
    throw error;
  } finally {
    replace({});
  }
}

/** Adds gradients to those before. Gives the mean of all if they make an update, and otherwise none. */
function accumulate(
  { accumulate: most }: Optimizer,
  gradients: Params,
  { state, weight }: UpdateOptions,
): { readonly state: OptimizerState; readonly gradients?: Params } {
  if (most === undefined) return { state, gradients };
  if (weight === undefined) {
    throw new RangeError("Cannot accumulate gradients without the weight of their batch");
  }
  const { accumulated, ...rest } = state;
  const { [ACCUMULATED]: before, ...slots } = state.slots;
  const sums = mix(
    before ?? mapTensors(gradients, (gradient) => ops.fillLike(gradient, 0)),
    gradients,
    { kept: 1, added: 1 },
    state.scaling,
  );
  const sum = accumulated
    ? add(accumulated.weight, weight)
    : typeof weight === "number"
    ? ops.createTensor(Float32Array.of(weight), [])
    : ops.share(weight);
  accumulated?.weight.dispose();
  const batches = (accumulated?.batches ?? 0) + 1;
  if (batches < most) {
    return {
      state: {
        ...rest,
        slots: { ...slots, [ACCUMULATED]: sums },
        accumulated: { batches, weight: sum },
      },
    };
  }
  const means = mapTensors(sums, (tensor) => divide(tensor, sum));
  disposeTensors(sums);
  sum.dispose();
  return { state: { ...rest, slots }, gradients: means };
}

/** Chooses what is done to each gradient, if anything is. */
function chooseLimit(
  most: Clip,
  gradients: Params,
  { sumSquares }: UpdateOptions,
): { apply(gradient: Tensor): Tensor; release?(): void } | undefined {
  if ("value" in most) {
    return { apply: (gradient) => clip(gradient, -most.value, most.value) };
  }
  if (sumSquares) return limitNorm(most.norm, sumSquares(gradients));
  const square = ops.sumSquares(Object.values(gradients));
  const number = ops.readScalar(square);
  if (number === undefined) {
    const factor = ops.computeClipFactor(square, most.norm);
    square.dispose();
    return {
      apply: (gradient) => multiply(gradient, factor),
      release: () => factor.dispose(),
    };
  }
  square.dispose();
  return limitNorm(most.norm, number);
}

/** Shortens gradients whose norm, given its square, is above the most. */
function limitNorm(
  most: number,
  square: number,
): { apply(gradient: Tensor): Tensor } | undefined {
  // NaN makes all gradients NaN, as PyTorch's does.
  const factor = Math.min(1, most / (Math.sqrt(square) + 1e-6));
  return factor === 1 ? undefined : { apply: (gradient) => multiply(gradient, factor) };
}

/** Lets the averages of parameters follow. */
function average(
  { average }: Optimizer,
  params: Params,
  { step, slots }: OptimizerState,
): Readonly<Record<string, Params>> {
  if (!average) return {};
  const before = slots[AVERAGE];
  if (!before) {
    throw new RangeError("Cannot update with a state that lacks the average of parameters");
  }
  const settings = step === 0
    ? { kept: 0, added: 1 }
    : { kept: average.decay, added: 1 - average.decay };
  return { [AVERAGE]: mix(before, params, settings) };
}
