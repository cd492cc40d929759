// Products of a batch's rows and a parameter that ranks share by the parameter: the rows go from rank to rank, and what is computed
// of them goes back.
import type { ProductSharing } from "../ops/_base/batch_sums.ts";
import * as ops from "../ops/_ops.ts";
import { countElements } from "../types/_shape.ts";
import type { Tensor } from "../types/tensor.ts";
import { shareColumns, shareRows } from "./_parts.ts";
import { viewColumns } from "./_partial_params.ts";
import type { Range } from "./_share.ts";
import type { SharedBatch } from "./_shared_batch.ts";
import type { Communicator } from "./communicator.ts";

/** Makes what shares products of a batch among ranks. */
export function shareProducts(
  { whole, shares }: SharedBatch,
  communicator: Communicator,
): ProductSharing {
  const { rank, size } = communicator;
  const examples = shares.map(({ examples }) => examples);
  const [first, end] = examples[rank]!;
  /** Counts the rows of an example. A rank without one has one that doesn't count. */
  const countEach = (rows: number) => rows / Math.max(end - first, 1);
  return {
    rank,
    shareRows: (rows) => shares.map((_, rank) => shareRows(rows, rank, size)),
    shareColumns: (columns) => shares.map((_, rank) => shareColumns(columns, rank, size)),
    gather(x) {
      const [rows = 0, ...rest] = x.shape;
      const each = countEach(rows);
      const all = ops.createRoom([whole * each, ...rest]);
      const ofRanks = examples.map((range) => viewExamples(all, range, each));
      const own = ops.viewNumbers(x).subarray(0, ofRanks[rank]!.length);
      ofRanks[rank]!.set(own);
      communicator.allGather([own], ofRanks.map((numbers) => [numbers]));
      return all;
    },
    regroup(part, rows, columns) {
      const each = countEach(rows);
      const width = columns.at(-1)![1];
      const room = ops.createRoom([rows, width]);
      const numbers = ops.viewNumbers(room);
      // What doesn't count is any number, but a finite one.
      if (first === end) numbers.fill(0);
      const counted = (end - first) * each;
      const given = examples.map((range) => part ? [viewExamples(part, range, each)] : []);
      const taken = columns.map((range) => viewColumns(numbers, width, [0, counted], range));
      const [own = new Float32Array()] = given[rank]!;
      let at = 0;
      for (const row of taken[rank]!) {
        row.set(own.subarray(at, at + row.length));
        at += row.length;
      }
      communicator.exchange(given, taken);
      return room;
    },
  };
}

/** Views the rows of some examples. */
function viewExamples(x: Tensor, [first, end]: Range, each: number): Float32Array {
  const [, ...shape] = x.shape;
  const numbers = each * countElements(shape);
  return ops.viewNumbers(x).subarray(first * numbers, end * numbers);
}
