import type { Network } from "../layers/network.ts";
import * as ops from "../ops/_ops.ts";
import { disposeOptimizerState } from "../optimizers/_dispose_state.ts";
import type { Optimizer, OptimizerState } from "../optimizers/optimizer.ts";
import { updateByOptimizer } from "../optimizers/update_by_optimizer.ts";
import {
  countTogether,
  gatherWholes,
  listParts,
  selectTrained,
  viewParts,
} from "../parallel/_parts.ts";
import {
  completeParams,
  exchangeColumns,
  markPartial,
  markWhole,
} from "../parallel/_partial_params.ts";
import type { Communicator } from "../parallel/communicator.ts";
import { countElements } from "../types/_shape.ts";
import { disposeTensors, getTensor, mapTensors } from "../types/_tensors.ts";
import type { Params, Tensor } from "../types/tensor.ts";

/** The results of a step before its update. */
export interface Gradients {
  /** This rank's parts. They are consumed. */
  readonly gradients: Params;
  /** The weight of the whole batch's loss, where the gradients are of its sum. It stays the caller's. */
  readonly weight?: number | Tensor | undefined;
  /** The names of parameters of which each rank is to have what it computes with alone; none by default. */
  readonly multipliers?: readonly string[] | undefined;
}

/**
 * Updates: each rank the parts of parameters that it owns, and gets the others' from theirs. Consumes everything as an update
 * does; where it fails nothing of what it has made is left.
 */
export function updateInParallel(
  network: Network,
  optimizer: Optimizer,
  communicator: Communicator,
  { params, optimizer: state }: { readonly params: Params; readonly optimizer: OptimizerState },
  { gradients, weight, multipliers = [] }: Gradients,
): { readonly params: Params; readonly optimizer: OptimizerState } {
  const trained = selectTrained(network, state);
  const parts = listParts(trained, communicator);
  const multiplying = select(trained, (name) => multipliers.includes(name));
  const others = select(trained, (name) => !multipliers.includes(name));
  completeParams(others, params, communicator);
  // Their own rows are there, and the columns are exchanged again.
  markWhole(multiplying, params);
  const next = mapTensors(params, ops.makeWritable);
  let own: Params = viewParts(parts, next);
  let optimizerState: OptimizerState | undefined;
  try {
    ({ params: own, state: optimizerState } = updateByOptimizer(optimizer, {
      params: own,
      gradients,
      state,
      weight,
      sumSquares: (gradients) => sumSquares(trained, gradients, communicator),
    }));
    disposeTensors(gradients);
    for (const { name, start, end } of parts) {
      const to = ops.viewNumbers(getTensor(next, name)).subarray(start, end);
      const from = ops.viewNumbers(getTensor(own, name));
      // An optimizer that updates in place has done so already.
      if (from.byteOffset !== to.byteOffset) to.set(from);
    }
    disposeTensors(own);
    gatherWholes(others, (name) => ops.viewNumbers(getTensor(next, name)), communicator);
    exchangeColumns(multiplying, next, communicator);
  } catch (error) {
    // Views before the wholes.
    disposeTensors(own);
    disposeTensors(next);
    if (optimizerState) disposeOptimizerState(optimizerState);
    throw error;
  }
  for (const tensor of Object.values(next)) ops.markWritten(tensor);
  markPartial(multiplying, next, communicator);
  return { params: next, optimizer: optimizerState };
}

const select = (
  { parameters }: Pick<Network, "parameters">,
  isWanted: (name: string) => boolean,
): Pick<Network, "parameters"> => ({
  parameters: parameters.filter(({ name }) => isWanted(name)),
});

/**
 * Sums the squares of all gradients, of which this rank has its parts: some rows after the others, in one order, whoever has
 * them.
 */
export function sumSquares(
  trained: Pick<Network, "parameters">,
  gradients: Params,
  communicator: Communicator,
): number {
  const { rank, size } = communicator;
  const sums = new Map(trained.parameters.map((spec) => {
    const together = countTogether(spec);
    const places = new Float64Array(Math.ceil(countElements(spec.shape) / together));
    return [spec.name, { together, places }];
  }));
  const ofRanks = Array.from(
    { length: size },
    (_, rank) =>
      listParts(trained, { rank, size }).map(({ name, start, end }) => {
        const { together, places } = sums.get(name)!;
        return { name, own: places.subarray(start / together, Math.ceil(end / together)) };
      }),
  );
  for (const { name, own } of ofRanks[rank]!) {
    own.set(ops.sumSquaresInTurn(getTensor(gradients, name), sums.get(name)!.together));
  }
  // Their bits, in the words that are exchanged.
  const words = ofRanks.map((parts) =>
    parts.map(({ own }) => new Float32Array(own.buffer, own.byteOffset, 2 * own.length))
  );
  communicator.allGather(words[rank]!, words);
  let sum = 0;
  for (const { places } of sums.values()) for (const square of places) sum += square;
  return sum;
}
