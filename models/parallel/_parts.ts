// What of parameters, gradients and running values a rank of a parallel training owns: a part of all of them one behind
// the other, in the network's order.
import * as ops from "../ops/_ops.ts";
import { eachRange, share } from "./_share.ts";
import type { Communicator } from "./communicator.ts";
import type { Network } from "../layers/network.ts";
import type { OptimizerState } from "../optimizers/optimizer.ts";
import type { Params, Tensor } from "../types/tensor.ts";

/** The part of one parameter. */
interface Part {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

const sizesOf = ({ parameters }: Network): number[] =>
  parameters.map(({ shape }) => shape.reduce((a, b) => a * b, 1));

/** The parts of a network's parameters that a rank owns, those that are not empty. */
export function partsOf(network: Network, { rank, size }: Communicator): Part[] {
  const sizes = sizesOf(network);
  const total = sizes.reduce((a, b) => a + b, 0);
  const parts: Part[] = [];
  eachRange(sizes, share(total, rank, size), (index, start, end) => {
    parts.push({ name: network.parameters[index].name, start, end });
  });
  return parts;
}

/** The parts as tensors without memory of their own; to be released before the wholes. */
export function viewParts(parts: readonly Part[], wholes: Params): Record<string, Tensor> {
  return Object.fromEntries(
    parts.map(({ name, start, end }) => [name, ops.partOf(wholes[name], start, end - start)]),
  );
}

/** Arrays of all of a network's parameters, in its order, as a communicator takes them. */
export const arraysOf = ({ parameters }: Network, tensors: Params): Float32Array[] =>
  parameters.map(({ name }) => ops.numbersOf(tensors[name]));

/** Releases tensors. */
export function release(tensors: Params): void {
  for (const tensor of Object.values(tensors)) tensor.dispose();
}

/** The parts of running values, copied. Consumes the whole ones. */
export function takeParts(parts: readonly Part[], state: OptimizerState): OptimizerState {
  const slots = Object.fromEntries(
    Object.entries(state.slots).map(([slot, wholes]) => {
      const taken = Object.fromEntries(parts.map(({ name, start, end }) => {
        const numbers = ops.numbersOf(wholes[name]).slice(start, end);
        return [name, ops.tensor(numbers, [end - start])];
      }));
      release(wholes);
      return [slot, taken];
    }),
  );
  return { ...state, slots };
}

/** The whole running values of a slot, from all ranks' parts. */
export function gatherParts(
  network: Network,
  values: Params,
  communicator: Communicator,
): Float32Array<ArrayBuffer>[] {
  const arrays = sizesOf(network).map((size) => new Float32Array(size));
  const places = new Map(network.parameters.map(({ name }, index) => [name, index]));
  for (const { name, start } of partsOf(network, communicator)) {
    arrays[places.get(name)!].set(ops.numbersOf(values[name]), start);
  }
  communicator.allGather(arrays);
  return arrays;
}
