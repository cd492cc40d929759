// A batch that ranks share, and the sums that they have of its blocks.
import type { Contribution } from "../ops/_base/batch_sums.ts";
import { listNodes, type Run, sumNode } from "../ops/_base/sum_tree.ts";
import * as ops from "../ops/_ops.ts";
import { slice } from "../ops/parts.ts";
import { reshape } from "../ops/shapes.ts";
import { countElements } from "../types/_shape.ts";
import type { Tensor } from "../types/tensor.ts";
import { computeBatchShare, countBlocks, type Range } from "./_share.ts";
import type { Communicator } from "./communicator.ts";

/** What a rank has of a batch. */
export interface Share {
  readonly examples: Range;
  readonly blocks: Range;
  /** Its nodes of the tree over all blocks. */
  readonly nodes: readonly Run[];
}

/** A batch, and what each rank has of it. */
export interface SharedBatch {
  /** The number of its examples. */
  readonly whole: number;
  /** The number of its blocks. */
  readonly count: number;
  readonly shares: readonly Share[];
  /** The groups' nodes of the tree, of each group together. Without groups each rank is one. */
  readonly groups: readonly (readonly Run[])[];
}

/** Shares a batch of so many examples. */
export function shareWholeBatch(
  whole: number,
  { size, group }: Pick<Communicator, "size" | "group">,
): SharedBatch {
  const count = countBlocks(whole);
  const shares = Array.from({ length: size }, (_, rank): Share => {
    const share = computeBatchShare(whole, rank, size);
    return { ...share, nodes: listNodes(count, share.blocks) };
  });
  const members = group?.size ?? 1;
  const groups = Array.from({ length: size / members }, (_, g) => {
    const [first] = shares[g * members]!.blocks;
    const [, end] = shares[(g + 1) * members - 1]!.blocks;
    return listNodes(count, [first, end]);
  });
  return { whole, count, shares, groups };
}

/** What goes from rank to rank, of one kind or another. */
export type Summed = Exclude<Contribution, { readonly kind: "part" }>;

/** Counts the tensors that whoever has such nodes exchanges for a contribution: one for each of them, or one for all. */
const countTensors = ({ kind }: Contribution, nodes: readonly Run[]): number =>
  kind === "nodes" ? nodes.length : kind === "share" && nodes.length > 0 ? 1 : 0;

/** Lists what this rank exchanges for a contribution. */
export const listOwn = (one: Contribution, { nodes }: Share): readonly Tensor[] =>
  one.kind === "nodes" ? one.tensors : one.kind === "share" && nodes.length > 0 ? [one.tensor] : [];

/** Makes room for the vectors of a contribution that others than this one have, by the nodes of each. */
export function createRooms(
  one: Contribution,
  length: number,
  ofAll: readonly (readonly Run[])[],
  own: number,
): Tensor[][] {
  return ofAll.map((nodes, i) =>
    i === own
      ? []
      : Array.from({ length: countTensors(one, nodes) }, () => ops.createRoom([length]))
  );
}

/**
 * Adds up the vectors that several have of a contribution.
 *
 * @param ofAll The nodes that each of them has, by which their vectors are given.
 * @param nodes The nodes of which the sums are made. What isn't known to go by examples has one sum, of all.
 */
export function addUp(
  { kind }: Summed,
  vectors: readonly (readonly Tensor[])[],
  ofAll: readonly (readonly Run[])[],
  nodes: readonly Run[],
): Tensor[] {
  if (kind === "share") {
    const [first, ...rest] = vectors.flat();
    return first ? [rest.reduce((sum, x) => ops.addTo(sum, x), first)] : [];
  }
  const known = new Map(
    ofAll.flatMap((of, i) => of.map((node, j) => [String(node), vectors[i]![j]!] as const)),
  );
  return nodes.map((node) => sumNode(node, (node) => known.get(String(node)), ops.addTo));
}

/** Copies some of a tensor's numbers to a vector. */
export function copyPart(x: Tensor, start: number, end: number): Tensor {
  return ops.tidy(() => slice(reshape(x, [countElements(x.shape)]), [start], [end]));
}
