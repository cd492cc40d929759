import type { Network } from "../layers/network.ts";
import * as ops from "../ops/_ops.ts";
import type { Optimizer, OptimizerState } from "../optimizers/optimizer.ts";
import { updateByOptimizer } from "../optimizers/update_by_optimizer.ts";
import { listParts, selectTrained, viewAll, viewParts } from "../parallel/_parts.ts";
import type { Communicator } from "../parallel/communicator.ts";
import { disposeTensors, getTensor, mapTensors } from "../types/_tensors.ts";
import type { Params, Tensor } from "../types/tensor.ts";

/** The results of a step before its update, this rank's share of them. They are consumed. */
export interface Gradients {
  readonly gradients: Params;
  /** The numbers to report, a vector. */
  readonly values: Tensor;
  /** The weight of the whole batch's loss, where the gradients are of its sum. It stays the caller's. */
  readonly weight?: number | Tensor | undefined;
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
  { gradients, values, weight }: Gradients,
): {
  readonly params: Params;
  readonly optimizer: OptimizerState;
  readonly values: Tensor;
} {
  const sums = ops.viewNumbers(values).slice();
  values.dispose();
  const own = mapTensors(gradients, ops.makeWritable);
  communicator.allReduce([sums]);
  const trained = selectTrained(network, state);
  communicator.reduceScatter(viewAll(trained, own));

  const parts = listParts(trained, communicator);
  const next = mapTensors(params, ops.makeWritable);
  const ownGradients = viewParts(parts, own);
  const { params: updated, state: optimizerState } = updateByOptimizer(optimizer, {
    params: viewParts(parts, next),
    gradients: ownGradients,
    state,
    weight,
    reduce(number) {
      const numbers = Float32Array.of(number);
      communicator.allReduce([numbers]);
      return numbers[0]!;
    },
  });
  disposeTensors(ownGradients);
  disposeTensors(own);
  for (const { name, start, end } of parts) {
    const to = ops.viewNumbers(getTensor(next, name)).subarray(start, end);
    const from = ops.viewNumbers(getTensor(updated, name));
    // An optimizer that updates in place has done so already.
    if (from.byteOffset !== to.byteOffset) to.set(from);
  }
  disposeTensors(updated);
  communicator.allGather(viewAll(trained, next));
  for (const tensor of Object.values(next)) ops.markWritten(tensor);
  return {
    params: next,
    optimizer: optimizerState,
    values: ops.createTensor(sums, [sums.length]),
  };
}
