// Parameters of which a rank has what it computes with alone: the rows that it updates and the columns by which it multiplies. The
// others' numbers are gathered where the whole is wanted.
import type { Network } from "../layers/network.ts";
import * as ops from "../ops/_ops.ts";
import { countElements } from "../types/_shape.ts";
import { getTensor } from "../types/_tensors.ts";
import type { Params } from "../types/tensor.ts";
import { countWidth, gatherWholes, shareColumns, shareRows } from "./_parts.ts";
import type { Range } from "./_share.ts";
import type { Communicator } from "./communicator.ts";

type Parameters = Pick<Network, "parameters">;

/** Whether all ranks make the same calls now. */
let isTogether = false;

/** Runs what all ranks do alike, in which a parameter that some code wants whole is gathered. */
export function together<T>(fn: () => T): T {
  const before = isTogether;
  isTogether = true;
  try {
    return fn();
  } finally {
    isTogether = before;
  }
}

/** Gives each rank those columns of parameters by which it multiplies, of the rows that this one has updated, and takes its own. */
export function exchangeColumns(
  { parameters }: Parameters,
  params: Params,
  communicator: Communicator,
): void {
  if (parameters.length === 0) return;
  const { rank, size } = communicator;
  const matrices = parameters.map((spec) => {
    const width = countWidth(spec);
    const numbers = ops.viewNumbers(getTensor(params, spec.name));
    const height = countElements(spec.shape) / width;
    return {
      /** Views the columns by which one multiplies, of the rows that another one owns. */
      view: (owner: number, multiplier: number) =>
        viewColumns(
          numbers,
          width,
          shareRows(height, owner, size),
          shareColumns(width, multiplier, size),
        ),
    };
  });
  const others = Array.from({ length: size }, (_, other) => other);
  communicator.exchange(
    others.map((to) => to === rank ? [] : matrices.flatMap(({ view }) => view(rank, to))),
    others.map((from) => from === rank ? [] : matrices.flatMap(({ view }) => view(from, rank))),
  );
}

/** Notes of parameters that this rank has parts of them alone. */
export function markPartial(
  { parameters }: Parameters,
  params: Params,
  communicator: Communicator,
): void {
  for (const spec of parameters) {
    ops.guardPartial(getTensor(params, spec.name), () => {
      if (!isTogether) {
        throw new Error(
          `unreachable: other ranks have parts of ${spec.name}, to be gathered before`,
        );
      }
      completeParams({ parameters: [spec] }, params, communicator);
    });
  }
}

/** Gathers parameters of which ranks have parts: all ranks must call it. */
export function completeParams(
  network: Parameters,
  params: Params,
  communicator: Communicator,
): void {
  const partial = selectPartial(network, params);
  if (partial.parameters.length === 0) return;
  markWhole(partial, params);
  gatherWholes(partial, (name) => ops.viewNumbers(getTensor(params, name)), communicator);
  for (const { name } of partial.parameters) ops.markWritten(getTensor(params, name));
}

/** Selects the parameters of which this rank has parts. */
export const selectPartial = ({ parameters }: Parameters, params: Params): Parameters => ({
  parameters: parameters.filter(({ name }) => ops.isPartial(getTensor(params, name))),
});

/** Notes of parameters that they are whole, or about to be. */
export function markWhole({ parameters }: Parameters, params: Params): void {
  for (const { name } of parameters) ops.markWhole(getTensor(params, name));
}

/** Views some columns of some rows of a matrix, row by row. */
export function viewColumns(
  numbers: Float32Array,
  width: number,
  [first, last]: Range,
  [start, end]: Range,
): Float32Array[] {
  if (start === end) return [];
  return Array.from(
    { length: last - first },
    (_, i) => numbers.subarray((first + i) * width + start, (first + i) * width + end),
  );
}
