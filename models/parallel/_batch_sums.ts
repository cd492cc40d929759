// Sums over the examples of a batch that ranks share.
import type { Network } from "../layers/network.ts";
import type { BatchSums, Contribution } from "../ops/_base/batch_sums.ts";
import * as ops from "../ops/_ops.ts";
import { reshape } from "../ops/shapes.ts";
import { countElements } from "../types/_shape.ts";
import type { Tensor } from "../types/tensor.ts";
import { finishSums } from "./_finish_sums.ts";
import { listBlocks } from "./_share.ts";
import { shareProducts } from "./_share_products.ts";
import {
  addUp,
  copyPart,
  createRooms,
  listOwn,
  type SharedBatch,
  shareWholeBatch,
} from "./_shared_batch.ts";
import type { Communicator } from "./communicator.ts";

/** Makes the sums over a batch of so many examples, of which the rank's are the network's input. */
export function createBatchSums(
  network: Pick<Network, "parameters">,
  communicator: Communicator,
  whole: number,
  input: Tensor,
): BatchSums {
  const { rank, size } = communicator;
  const batch = shareWholeBatch(whole, communicator);
  const { blocks, examples: [first, end], nodes } = batch.shares[rank]!;
  const ranges = listBlocks(whole, blocks);
  return {
    input,
    examples: Math.max(end - first, 1),
    whole,
    ranks: size,
    sharing: size > 1 ? shareProducts(batch, communicator) : undefined,
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

/** Completes a gradient in all ranks. */
function completeSum(
  contributions: readonly Contribution[],
  shape: readonly number[],
  { count, shares }: SharedBatch,
  communicator: Communicator,
): Tensor {
  const { rank, size } = communicator;
  const length = countElements(shape);
  const ofRanks = shares.map(({ nodes }) => nodes);
  const own = contributions.map((one) =>
    listOwn(one, shares[rank]!).map((x) => copyPart(x, 0, length))
  );
  const rooms = contributions.map((one) => createRooms(one, length, ofRanks, rank));
  if (size > 1) {
    communicator.allGather(
      own.flat().map(ops.viewNumbers),
      shares.map((_, r) => rooms.flatMap((room) => room[r]!.map(ops.viewNumbers))),
    );
  }
  const sums = contributions.map((one, i) => {
    if (one.kind === "part") throw new Error("unreachable: parts aren't completed");
    if (one.kind === "whole") return copyPart(one.tensor, 0, length);
    const vectors = rooms[i]!.map((theirs, r) => r === rank ? own[i]! : theirs);
    return addUp(one, vectors, ofRanks, [[0, count]])[0]!;
  });
  return sums.reduce((sum, x) => ops.addTo(sum, x));
}
