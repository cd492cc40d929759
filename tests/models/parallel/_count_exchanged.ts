// What is exchanged in a step, counted by the functions that share a batch and its parameters.
import type { Network } from "@rill/rill/models";
import { listParts, shareColumns, shareRows } from "../../../models/parallel/_parts.ts";
import { shareWholeBatch } from "../../../models/parallel/_shared_batch.ts";

/** Numbers that a rank takes of others. */
export interface Exchanged {
  readonly gradients: number;
  readonly operands: number;
  readonly parameters: number;
  /** What it takes of the parameters besides where they are wanted whole. */
  readonly rest: number;
}

/**
 * Counts the numbers that each rank takes of others in a step, where each of the network's matrices multiplies one row of an example,
 * and none of them the input, and where convolutions have no dilation.
 */
export function countExchanged(
  network: Pick<Network, "parameters" | "layers">,
  whole: number,
  ranks: number,
): Exchanged[] {
  const { groups, shares } = shareWholeBatch(whole, { size: ranks });
  const multiply = (lengths: readonly number[]) => lengths.reduce((product, n) => product * n, 1);
  /** What goes into a convolution and comes out of it, of one example, by the name of its filter. */
  const convolved = new Map<string, number>(
    network.layers.flatMap(({ name, kind, inputShape, outputShape }) => {
      const isOne = kind?.type === "conv2d" && kind.attributes.groups === 1;
      return isOne
        ? [[`${name}.weight`, multiply(inputShape) + multiply(outputShape)] as const]
        : [];
    }),
  );
  return shares.map(({ examples: [first, end] }, rank) => {
    const owned = new Map(
      listParts(network, { rank, size: ranks }).map((part) => [part.name, part]),
    );
    const nodes = groups.reduce((sum, of, r) => sum + (r === rank ? 0 : of.length), 0);
    const count = ([first, end]: readonly [number, number]) => end - first;
    const own = end - first;
    let [gradients, operands, parameters, rest] = [0, 0, 0, 0];
    for (const { name, shape, order } of network.parameters) {
      const part = owned.get(name) ?? { start: 0, end: 0 };
      const numbers = multiply(shape);
      const images = convolved.get(name) ?? Infinity;
      const columns = order.length === 2 ? shape[order[1]!]! : 0;
      const inner = columns > 0 ? numbers / columns : 0;
      const others = numbers - (part.end - part.start);
      if (order.length === 2 && whole * (inner + columns) < numbers) {
        // The others' rows, going forward and back, and what they have computed of this rank's.
        operands += (whole - own) * (inner + columns);
        const multiplied = count(shareColumns(columns, rank, ranks));
        operands += own * (columns - multiplied);
        operands += own * (inner - count(shareRows(inner, rank, ranks)));
        parameters += others / columns * multiplied;
        rest += others;
      } else if (whole * images < numbers) {
        operands += (whole - own) * images;
        parameters += others;
      } else {
        gradients += (part.end - part.start) * nodes;
        parameters += others;
      }
    }
    return { gradients, operands, parameters, rest };
  });
}

/** Adds up what is exchanged in each step. */
export const addUpExchanged = ({ gradients, operands, parameters }: Exchanged): number =>
  gradients + operands + parameters;
