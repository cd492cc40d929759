import * as ops from "../ops/_ops.ts";
import { arraysOf, partsOf, release, viewParts } from "../parallel/_parts.ts";
import type { Communicator } from "../parallel/communicator.ts";
import type { Network } from "../layers/network.ts";
import type { Optimizer, OptimizerState } from "../optimizers/optimizer.ts";
import type { Params, Tensor } from "../types/tensor.ts";

/** What a step has before its update, this rank's share of it. It is consumed. */
export interface Gradients {
  readonly gradients: Params;
  /** The loss and how many were right, `[2]`. */
  readonly values: Tensor;
}

/**
 * Adds up what the ranks have, and updates: each rank updates the parameters that it owns and gets the others' from theirs.
 * Consumes everything as an update does.
 */
export function updateInParallel(
  network: Network,
  optimizer: Optimizer,
  communicator: Communicator,
  { params, optimizer: state }: { readonly params: Params; readonly optimizer: OptimizerState },
  { gradients, values }: Gradients,
): {
  readonly params: Params;
  readonly optimizer: OptimizerState;
  readonly values: Tensor;
} {
  const sums = ops.numbersOf(values).slice();
  values.dispose();
  const own = unshareAll(gradients);
  communicator.allReduce([sums]);
  communicator.reduceScatter(arraysOf(network, own));

  const parts = partsOf(network, communicator);
  const next = unshareAll(params);
  const ownGradients = viewParts(parts, own);
  const [updated, optimizerState] = optimizer.update(viewParts(parts, next), ownGradients, state);
  release(ownGradients);
  release(own);
  for (const { name, start, end } of parts) {
    const to = ops.numbersOf(next[name]).subarray(start, end);
    const from = ops.numbersOf(updated[name]);
    // An optimiser that updates in place has done so already.
    if (from.byteOffset !== to.byteOffset) to.set(from);
  }
  release(updated);
  communicator.allGather(arraysOf(network, next));
  for (const tensor of Object.values(next)) ops.changed(tensor);
  return {
    params: next,
    optimizer: optimizerState,
    values: ops.tensor(sums, [2]),
  };
}

const unshareAll = (tensors: Params): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, ops.unshared(tensor)]));
