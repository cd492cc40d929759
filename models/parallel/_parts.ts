// The parts of parameters, gradients and running values that a rank of a parallel training owns: of each parameter some rows.
import type { Network } from "../layers/network.ts";
import * as ops from "../ops/_ops.ts";
import type { OptimizerState } from "../optimizers/optimizer.ts";
import { countElements } from "../types/_shape.ts";
import { disposeTensors, getTensor } from "../types/_tensors.ts";
import type { Params, Tensor } from "../types/tensor.ts";
import { computeShare, type Range } from "./_share.ts";
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

/** The rows of a parameter that stay together: as many as a tile of a product has, or a vector lanes. */
const ROWS = 4;

/** The columns of a parameter that stay together: as many as a panel of a product has. */
const COLUMNS = 8;

/** Computes the rows of a parameter that a rank owns, of so many. */
export const shareRows = (rows: number, rank: number, size: number): Range =>
  shareTogether(rows, ROWS, rank, size);

/** Computes the columns of a parameter by which a rank multiplies the whole batch, where ranks share a product. */
export const shareColumns = (columns: number, rank: number, size: number): Range =>
  shareTogether(columns, COLUMNS, rank, size);

function shareTogether(length: number, together: number, rank: number, size: number): Range {
  const [first, end] = computeShare(Math.ceil(length / together), rank, size);
  return [Math.min(first * together, length), Math.min(end * together, length)];
}

/**
 * Counts the numbers of a parameter that stay together, whatever the number of ranks: some rows of what lies in memory, each of
 * its last dimension. A product computes these alike whether it computes others or not, and a sum over a parameter has one
 * order if it goes by them.
 */
export const countTogether = (spec: Network["parameters"][number]): number =>
  ROWS * countWidth(spec);

/** Counts the numbers of a row in memory. */
export const countWidth = ({ shape, order }: Network["parameters"][number]): number =>
  order.length > 1 ? shape[order.at(-1)!] ?? 1 : 1;

/** Lists the parts of a network's parameters that a rank owns, except empty ones. */
export function listParts(
  { parameters }: Parameters,
  { rank, size }: Pick<Communicator, "rank" | "size">,
): Part[] {
  return parameters.flatMap((spec) => {
    const width = countWidth(spec);
    const [first, end] = shareRows(countElements(spec.shape) / width, rank, size);
    return first < end ? [{ name: spec.name, start: first * width, end: end * width }] : [];
  });
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

/** Gives all ranks their parts of a network's tensors, in place: arrays by the parameters' names. */
export function gatherWholes(
  network: Parameters,
  find: (name: string) => Float32Array,
  communicator: Communicator,
): void {
  const { rank, size } = communicator;
  const ofRanks = Array.from(
    { length: size },
    (_, rank) =>
      listParts(network, { rank, size }).map(({ name, start, end }) =>
        find(name).subarray(start, end)
      ),
  );
  communicator.allGather(ofRanks[rank]!, ofRanks);
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
  gatherWholes(network, (name) => wholes.get(name)!, communicator);
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
  const { size } = communicator;
  const piece = new Float32Array(PIECE);
  communicator.allGather(
    listParts(network, communicator).map(({ name }) => ops.viewNumbers(getTensor(values, name))),
    Array.from({ length: size }, (_, rank) => {
      const parts = listParts(network, { rank, size });
      const count = parts.reduce((sum, { start, end }) => sum + end - start, 0);
      return Array.from(
        { length: Math.ceil(count / PIECE) },
        (_, i) => piece.subarray(0, count - i * PIECE),
      );
    }),
  );
}
