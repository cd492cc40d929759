// The parts of parameters, gradients and running values that a rank of a parallel training owns: a part of all of them one
// behind the other, in the network's order.
import type { Network } from "../layers/network.ts";
import * as ops from "../ops/_ops.ts";
import type { OptimizerState } from "../optimizers/optimizer.ts";
import { countElements } from "../types/_shape.ts";
import { disposeTensors, getTensor } from "../types/_tensors.ts";
import type { Params, Tensor } from "../types/tensor.ts";
import { computeShare, visitRanges } from "./_share.ts";
import type { Communicator } from "./communicator.ts";

/** The part of one parameter. */
export interface Part {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** The parameters of a network, or some of them. */
type Parameters = Pick<Network, "parameters">;

/** Selects a network's parameters that are trained: ranks share those alone. */
export function selectTrained(
  { parameters }: Parameters,
  { trained }: Pick<OptimizerState, "trained">,
): Parameters {
  if (!trained) return { parameters };
  const names = new Set(trained);
  return { parameters: parameters.filter(({ name }) => names.has(name)) };
}

/** Lists the parts of a network's parameters that a rank owns, except empty ones. */
export function listParts({ parameters }: Parameters, { rank, size }: Communicator): Part[] {
  const lengths = parameters.map(({ shape }) => countElements(shape));
  const total = lengths.reduce((a, b) => a + b, 0);
  const parts: Part[] = [];
  visitRanges(lengths, computeShare(total, rank, size), (index, start, end) => {
    const spec = parameters[index];
    if (spec) parts.push({ name: spec.name, start, end });
  });
  return parts;
}

/** Views the parts as tensors without memory of their own; to be released before the wholes. */
export function viewParts(parts: readonly Part[], wholes: Params): Record<string, Tensor> {
  return Object.fromEntries(
    parts.map(({ name, start, end }) => [
      name,
      ops.viewPart(getTensor(wholes, name), start, end - start),
    ]),
  );
}

/** Views all of a network's tensors as arrays, in its order, as a communicator takes them. */
export function viewAll({ parameters }: Parameters, tensors: Params): Float32Array[] {
  return parameters.map(({ name }) => ops.viewNumbers(getTensor(tensors, name)));
}

/** Copies the parts of running values. Consumes the whole ones. */
export function takeParts(parts: readonly Part[], state: OptimizerState): OptimizerState {
  const slots = Object.fromEntries(
    Object.entries(state.slots).map(([slot, wholes]) => {
      const taken = Object.fromEntries(parts.map(({ name, start, end }) => {
        const numbers = ops.viewNumbers(getTensor(wholes, name)).slice(start, end);
        return [name, ops.createTensor(numbers, [end - start])];
      }));
      disposeTensors(wholes);
      return [slot, taken];
    }),
  );
  return { ...state, slots };
}

/**
 * Gathers the whole running values of a slot from all ranks' parts, by the parameters' names.
 *
 * @param wholes Where they are put; arrays of their own by default.
 */
export function gatherParts(
  network: Parameters,
  values: Params,
  communicator: Communicator,
  wholes: ReadonlyMap<string, Float32Array<ArrayBuffer>> = new Map(
    network.parameters.map(({ name, shape }) => [name, new Float32Array(countElements(shape))]),
  ),
): ReadonlyMap<string, Float32Array<ArrayBuffer>> {
  for (const { name, start } of listParts(network, communicator)) {
    wholes.get(name)?.set(ops.viewNumbers(getTensor(values, name)), start);
  }
  communicator.allGather([...wholes.values()]);
  return wholes;
}

/** How many numbers of others a rank takes to the same place. */
const PIECE = 2 ** 16;

/** Gives this rank's parts of the running values of a slot to the ranks that gather them, and keeps nothing of theirs. */
export function giveParts(
  network: Parameters,
  values: Params,
  communicator: Communicator,
): void {
  const { rank, size } = communicator;
  const total = network.parameters.reduce((sum, { shape }) => sum + countElements(shape), 0);
  const [start, end] = computeShare(total, rank, size);
  const piece = new Float32Array(PIECE);
  const fill = (count: number) =>
    Array.from(
      { length: Math.ceil(count / PIECE) },
      (_, i) => piece.subarray(0, count - i * PIECE),
    );
  // Several arrays count as one.
  communicator.allGather([
    ...fill(start),
    ...listParts(network, communicator).map(({ name }) => ops.viewNumbers(getTensor(values, name))),
    ...fill(total - end),
  ]);
}
