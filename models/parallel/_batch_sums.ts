// Sums over the examples of a batch that ranks share.
import type { Network } from "../layers/network.ts";
import type { BatchSums, Contribution } from "../ops/_base/batch_sums.ts";
import { listNodes, type Run, sumNode } from "../ops/_base/sum_tree.ts";
import * as ops from "../ops/_ops.ts";
import { matMul } from "../ops/mat_mul.ts";
import { slice } from "../ops/parts.ts";
import { reshape } from "../ops/shapes.ts";
import { countElements } from "../types/_shape.ts";
import type { Tensor } from "../types/tensor.ts";
import { listParts, type Part } from "./_parts.ts";
import { computeBatchShare, countBlocks, listBlocks, type Range } from "./_share.ts";
import type { Communicator } from "./communicator.ts";

/** What a rank has of a batch. */
interface Share {
  readonly examples: Range;
  readonly blocks: Range;
  /** Its nodes of the tree over all blocks. */
  readonly nodes: readonly Run[];
}

/** Makes the sums over a batch of so many examples, of which the rank's are the network's input. */
export function createBatchSums(
  network: Pick<Network, "parameters">,
  communicator: Communicator,
  whole: number,
  input: Tensor,
): BatchSums {
  const { rank, size } = communicator;
  const count = countBlocks(whole);
  const shares = Array.from({ length: size }, (_, rank): Share => {
    const share = computeBatchShare(whole, rank, size);
    return { ...share, nodes: listNodes(count, share.blocks) };
  });
  const { blocks, examples: [first, end], nodes } = shares[rank]!;
  const ranges = listBlocks(whole, blocks);
  const batch = { whole, count, shares };
  return {
    input,
    examples: Math.max(end - first, 1),
    whole,
    ranks: size,
    blocks,
    nodes,
    findExamples(block) {
      const [start, stop] = ranges[block - blocks[0]]!;
      return [start - first, stop - first];
    },
    complete: (contributions, shape) =>
      ops.tidy(() => reshape(completeSum(contributions, shape, batch, communicator), shape)),
    finish: (contributions) =>
      size === 1
        ? Object.fromEntries(
          Object.entries(contributions).map(([name, [one]]) => [name, getWhole(one)]),
        )
        : finishSums(contributions, network, batch, communicator),
  };
}

/** Gets the only contribution of a single rank. */
function getWhole(contribution: Contribution | undefined): Tensor {
  if (contribution?.kind === "whole") return contribution.tensor;
  throw new Error("unreachable: a single rank has whole sums");
}

interface SharedBatch {
  readonly whole: number;
  readonly count: number;
  readonly shares: readonly Share[];
}

/** Where the numbers of a rank lie that are exchanged for one contribution: one tensor for each of its nodes, or one for its share. */
const countTensors = ({ kind }: Contribution, { nodes }: Share): number =>
  kind === "nodes" ? nodes.length : kind === "share" && nodes.length > 0 ? 1 : 0;

const listOwn = (one: Contribution, share: Share): readonly Tensor[] =>
  one.kind === "nodes"
    ? one.tensors
    : one.kind === "share" && share.nodes.length > 0
    ? [one.tensor]
    : [];

/** Makes room for the tensors of one contribution that other ranks have. */
function createRoom(
  one: Contribution,
  length: number,
  { shares }: SharedBatch,
  rank: number,
): Tensor[][] {
  return shares.map((share, r) =>
    r === rank
      ? []
      : Array.from({ length: countTensors(one, share) }, () => ops.createRoom([length]))
  );
}

/** Adds up what all ranks have of one contribution: vectors, the ranks one after the other. */
function addUp(
  one: Contribution,
  ofRanks: readonly (readonly Tensor[])[],
  { count, shares }: SharedBatch,
): Tensor {
  if (one.kind === "share") return ofRanks.flat().reduce((sum, x) => ops.addTo(sum, x));
  const nodes = new Map(
    shares.flatMap(({ nodes }, rank) =>
      nodes.map((node, i) => [String(node), ofRanks[rank]![i]!] as const)
    ),
  );
  return sumNode([0, count], (node) => nodes.get(String(node)), ops.addTo);
}

/** Completes a gradient in all ranks. */
function completeSum(
  contributions: readonly Contribution[],
  shape: readonly number[],
  batch: SharedBatch,
  communicator: Communicator,
): Tensor {
  const { rank, size } = communicator;
  const length = countElements(shape);
  const share = batch.shares[rank]!;
  const own = contributions.map((one) => listOwn(one, share).map((x) => copy(x, 0, length)));
  const room = contributions.map((one) => createRoom(one, length, batch, rank));
  if (size > 1) {
    communicator.allGather(
      own.flat().map(ops.viewNumbers),
      batch.shares.map((_, r) => room.flatMap((ofRanks) => ofRanks[r]!.map(ops.viewNumbers))),
    );
  }
  const sums = contributions.map((one, i) =>
    one.kind === "whole"
      ? copy(one.tensor, 0, length)
      : addUp(one, room[i]!.map((theirs, r) => r === rank ? own[i]! : theirs), batch)
  );
  return sums.reduce((sum, x) => ops.addTo(sum, x));
}

/** Copies some of a tensor's numbers to a vector. */
function copy(x: Tensor, start: number, end: number): Tensor {
  return ops.tidy(() => slice(reshape(x, [countElements(x.shape)]), [start], [end]));
}

/** What is exchanged for one contribution to a parameter's gradient. */
interface Exchanged {
  /** The numbers for a rank. */
  give(rank: number): Float32Array[];
  /** Where a rank's numbers are put. */
  take(rank: number): Float32Array[];
  /** Gives this rank's part of the sum, once all is there. */
  sum(): Tensor;
}

/** Gives each rank its parts of gradients. */
function finishSums(
  contributions: Readonly<Record<string, readonly Contribution[]>>,
  network: Pick<Network, "parameters">,
  batch: SharedBatch,
  communicator: Communicator,
): Record<string, Tensor> {
  const { rank, size } = communicator;
  const ranks = Array.from({ length: size }, (_, rank) => rank);
  const parts = ranks.map((rank) =>
    new Map(listParts(network, { rank, size }).map((part) => [part.name, part]))
  );
  return ops.tidy(() => {
    const all = Object.entries(contributions).map(([name, list]) => ({
      name,
      exchanged: list.map((one) => {
        const own = parts.map((parts) => parts.get(name));
        return one.kind === "product"
          ? exchangeProduct(one, own, batch, rank)
          : exchangeSums(one, own, batch, rank);
      }),
    }));
    const list = all.flatMap(({ exchanged }) => exchanged);
    communicator.exchange(
      ranks.map((to) => to === rank ? [] : list.flatMap((one) => one.give(to))),
      ranks.map((from) => from === rank ? [] : list.flatMap((one) => one.take(from))),
    );
    const owned = all.filter(({ name }) => parts[rank]!.has(name));
    return Object.fromEntries(
      owned.map(({ name, exchanged }) => [
        name,
        ops.tidy(() => exchanged.map((one) => one.sum()).reduce((sum, x) => ops.addTo(sum, x))),
      ]),
    );
  });
}

/** Exchanges what has been summed. */
function exchangeSums(
  one: Exclude<Contribution, { readonly kind: "product" }>,
  parts: readonly (Part | undefined)[],
  batch: SharedBatch,
  rank: number,
): Exchanged {
  const part = parts[rank];
  const own = listOwn(one, batch.shares[rank]!);
  const room = part ? createRoom(one, part.end - part.start, batch, rank) : undefined;
  return {
    give: (to) => {
      const { start = 0, end = 0 } = parts[to] ?? {};
      return own.map((x) => ops.viewNumbers(x).subarray(start, end));
    },
    take: (from) => (room?.[from] ?? []).map(ops.viewNumbers),
    sum() {
      const { start = 0, end = 0 } = part ?? {};
      if (one.kind === "whole") return copy(one.tensor, start, end);
      const mine = own.map((x) => copy(x, start, end));
      return addUp(one, room!.map((theirs, r) => r === rank ? mine : theirs), batch);
    },
  };
}

/** Exchanges operands of a product, of which each rank computes the rows that it owns, for the whole batch. */
function exchangeProduct(
  { x, dy }: Contribution & { readonly kind: "product" },
  parts: readonly (Part | undefined)[],
  { whole, shares }: SharedBatch,
  rank: number,
): Exchanged {
  const columns = dy.shape[1]!;
  const [first, end] = shares[rank]!.examples;
  // A rank without an example has one that doesn't count.
  const each = dy.shape[0]! / Math.max(end - first, 1);
  const own = end > first;
  const slices = parts.map((part) =>
    part && slice(x, [0, part.start / columns], [x.shape[0]!, part.end / columns])
  );
  const part = parts[rank];
  const inner = part ? (part.end - part.start) / columns : 0;
  const all = part && {
    x: ops.createRoom([whole * each, inner]),
    dy: ops.createRoom([whole * each, columns]),
  };
  const viewRows = (x: Tensor, from: number): Float32Array => {
    const [first, end] = shares[from]!.examples;
    const numbers = each * x.shape[1]!;
    return ops.viewNumbers(x).subarray(first * numbers, end * numbers);
  };
  return {
    give: (to) => own && slices[to] ? [slices[to], dy].map(ops.viewNumbers) : [],
    take: (from) => all ? [viewRows(all.x, from), viewRows(all.dy, from)] : [],
    sum() {
      if (own) {
        viewRows(all!.x, rank).set(ops.viewNumbers(slices[rank]!));
        viewRows(all!.dy, rank).set(ops.viewNumbers(dy));
      }
      return reshape(matMul(all!.x, all!.dy, { transposeA: true }), [inner * columns]);
    },
  };
}
