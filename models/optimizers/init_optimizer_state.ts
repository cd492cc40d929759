/**
 * The beginning of an optimizer's state.
 *
 * @module
 */

import * as ops from "../ops/_ops.ts";
import { mapTensors } from "../types/_tensors.ts";
import type { Params } from "../types/tensor.ts";
import { getTreatment } from "./_names.ts";
import { AVERAGE, mix } from "./_running.ts";
import type { Optimizer, OptimizerState } from "./optimizer.ts";

export type { Params } from "../types/tensor.ts";
export type { Optimizer, OptimizerState } from "./optimizer.ts";

/**
 * Lists the names of what an optimizer keeps for each trained parameter: the rule's running values, and `average` where it keeps one.
 * Where gradients are accumulated, the state has `accumulated` besides, as long as an update is due.
 *
 * @example Usage
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { adam, averaged, listSlots } from "@rill/rill/models";
 *
 * assertEquals(listSlots(pipe(adam(), averaged(0.99))), ["m", "v", "average"]);
 * ```
 *
 * @param optimizer The optimizer.
 * @returns The names.
 */
export function listSlots({ rule, average }: Optimizer): string[] {
  return [...Object.keys(rule.slots), ...average ? [AVERAGE] : []];
}

/**
 * Makes the state before the first update: running values as they begin, and as the average the parameters.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { initOptimizerState, openBackend, sgd, toTensor } from "@rill/rill/models";
 *
 * const backend = await openBackend("wasm");
 * const params = { weight: toTensor(Float32Array.of(1, 2), [2]) };
 * const { step, slots } = initOptimizerState(sgd({ momentum: 0.9 }), params);
 * assertEquals([step, ...await slots["momentum"]!["weight"]!.data()], [0, 0, 0]);
 * await backend.close();
 * ```
 *
 * @param optimizer The optimizer.
 * @param params The parameters, or with several ranks the parts of them that this one updates. They stay the caller's.
 * @param names The names of all parameters, also of those that other ranks update; those of `params` by default.
 * @returns The state.
 */
export function initOptimizerState(
  optimizer: Optimizer,
  params: Params,
  names: readonly string[] = Object.keys(params),
): OptimizerState {
  const isTrained = (name: string) => getTreatment(optimizer, name).trained;
  const trained = names.filter(isTrained);
  const own = Object.fromEntries(Object.entries(params).filter(([name]) => isTrained(name)));
  const scaling = ops.createLossScaling();
  const slots = Object.entries(optimizer.rule.slots).map(([slot, value]) =>
    [slot, mapTensors(own, (tensor) => ops.fillLike(tensor, value))] as const
  );
  if (optimizer.average) {
    const zeros = mapTensors(own, (tensor) => ops.fillLike(tensor, 0));
    slots.push([AVERAGE, mix(zeros, own, { kept: 0, added: 1 })]);
  }
  return {
    step: 0,
    slots: Object.fromEntries(slots),
    ...trained.length < names.length && { trained },
    ...scaling && { scaling },
  };
}
