import type { Network } from "../layers/network.ts";
import * as ops from "../ops/_ops.ts";
import type { Optimizer, OptimizerState } from "../optimizers/optimizer.ts";
import { listParts, viewAll, viewParts } from "../parallel/_parts.ts";
import type { Communicator } from "../parallel/communicator.ts";
import { disposeTensors, getTensor, mapTensors } from "../types/_tensors.ts";
import type { Params, Tensor } from "../types/tensor.ts";

/** The results of a step before its update, this rank's share of them. They are consumed. */
export interface Gradients {
  readonly gradients: Params;
  /** The numbers to report, a vector. */
  readonly values: Tensor;
}

/**
 * Adds up the ranks' results, and updates: each rank updates the parameters that it owns and gets the others' from theirs.
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
  const sums = ops.viewNumbers(values).slice();
  values.dispose();
  const own = mapTensors(gradients, ops.makeWritable);
  communicator.allReduce([sums]);
  communicator.reduceScatter(viewAll(network, own));

  const parts = listParts(network, communicator);
  const next = mapTensors(params, ops.makeWritable);
  const ownGradients = viewParts(parts, own);
  const [updated, optimizerState] = optimizer.update(viewParts(parts, next), ownGradients, state);
  disposeTensors(ownGradients);
  disposeTensors(own);
  for (const { name, start, end } of parts) {
    const to = ops.viewNumbers(getTensor(next, name)).subarray(start, end);
    const from = ops.viewNumbers(getTensor(updated, name));
    // An optimizer that updates in place has done so already.
    if (from.byteOffset !== to.byteOffset) to.set(from);
  }
  disposeTensors(updated);
  communicator.allGather(viewAll(network, next));
  for (const tensor of Object.values(next)) ops.markWritten(tensor);
  return {
    params: next,
    optimizer: optimizerState,
    values: ops.createTensor(sums, [sums.length]),
  };
}
