// What an optimizer keeps beside its rule's running values.
import * as ops from "../ops/_ops.ts";
import { getTensor, nameTensors } from "../types/_tensors.ts";
import type { Params, Tensor } from "../types/tensor.ts";

/** The name of the slot of averages. */
export const AVERAGE = "average";
/** The name of the slot of sums of gradients. */
export const ACCUMULATED = "accumulated";
/** The name under which the state of loss scaling is stored. */
export const LOSS_SCALING = "loss_scaling";
/** The name under which it is stored how many batches were accumulated, and their weight. */
export const ACCUMULATION = "accumulation";

/**
 * Computes `kept · sum + added · x` for each tensor of a record. Consumes the sums. With the state of loss scaling `x` is divided by
 * the scale.
 */
export function mix(
  sums: Params,
  x: Params,
  settings: { readonly kept: number; readonly added: number },
  scaling?: Tensor,
): Params {
  const names = Object.keys(sums);
  const updated = ops.updateByKernel(
    { rule: "mix", own: ["sum"], settings: { ...settings }, numbered: [{}] },
    names.map((name) => ({ sum: getTensor(sums, name), gradient: getTensor(x, name) })),
    scaling,
  );
  return nameTensors(names, updated.map((tensors) => getTensor(tensors, "sum")));
}
