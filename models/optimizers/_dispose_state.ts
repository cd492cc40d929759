import { disposeTensors } from "../types/_tensors.ts";
import type { Params } from "../types/tensor.ts";
import type { OptimizerState } from "./optimizer.ts";

/** Releases the tensors of an optimizer's state. What an update has taken of it is gone already. */
export function disposeOptimizerState({ slots, scaling, accumulated }: OptimizerState): void {
  disposeSlots(slots);
  scaling?.dispose();
  accumulated?.weight.dispose();
}

/** Releases running values. */
export function disposeSlots(slots: OptimizerState["slots"]): void {
  for (const tensors of Object.values<Params>(slots)) disposeTensors(tensors);
}
