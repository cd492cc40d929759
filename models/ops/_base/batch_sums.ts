// What a backward pass sums over the examples of a batch that ranks share: the gradients of all that the batch doesn't change,
// parameters above all. It sums block by block and adds up the blocks in the order of a tree, so that the bits don't depend on the
// number of ranks.
import type * as tf from "@tensorflow/tfjs-core";
import type { Tensor } from "../../types/tensor.ts";
import type { Run } from "./sum_tree.ts";

export { withBatchPart } from "../../kernels/definitions/_whole_batch.ts";

/** What a place of a backward pass adds to the gradient of a tensor that the batch doesn't change. */
export type Contribution =
  /** Sums for this rank's nodes of the tree. */
  | { readonly kind: "nodes"; readonly tensors: readonly Tensor[] }
  /** A sum over this rank's share as a whole: of what isn't known to go by examples. */
  | { readonly kind: "share"; readonly tensor: Tensor }
  /** The sum over the whole batch, which every rank has. */
  | { readonly kind: "whole"; readonly tensor: Tensor }
  /** The part that this rank owns of the sum over the whole batch, a vector. */
  | { readonly kind: "part"; readonly tensor: Tensor; readonly reads: Reads };

/** Whether a rank reads all of a parameter in a pass, or no more than the part by which it multiplies and the one that it owns. */
export type Reads = "whole" | "part";

/** How ranks share the product of a batch's rows and a parameter. */
export interface ProductSharing {
  readonly rank: number;
  /** Gathers the rows of the whole batch, of which this rank has those of its examples. */
  gather(x: Tensor): Tensor;
  /**
   * Gives each rank all columns of its examples' rows, of which each has computed some for the whole batch.
   *
   * @param part This rank's, if it has any.
   * @param rows The number of this rank's rows.
   * @param columns Those of each rank.
   */
  regroup(part: Tensor | undefined, rows: number, columns: readonly Run[]): Tensor;
  /** Shares so many rows of a parameter: each rank has those that it owns. */
  shareRows(rows: number): readonly Run[];
  /** Shares so many columns of it. */
  shareColumns(columns: number): readonly Run[];
}

/** How a batch is shared, and how sums over it are made. */
export interface BatchSums {
  /** The network's input, the examples of this rank, in its first dimension. */
  readonly input: Tensor;
  /** The number of those: one that doesn't count where the rank has none. */
  readonly examples: number;
  /** The number of the whole batch's examples. */
  readonly whole: number;
  /** The number of ranks. */
  readonly ranks: number;
  /** How they share products, where there are several. */
  readonly sharing?: ProductSharing | undefined;
  /** This rank's blocks, by their number in the batch. */
  readonly blocks: Run;
  /** This rank's nodes of the tree over all blocks. */
  readonly nodes: readonly Run[];
  /** Finds the examples of one of this rank's blocks, by their number here. */
  findExamples(block: number): Run;
  /** Adds up what all ranks have of a gradient, in all of them. Parts can't be among it. */
  complete(contributions: readonly Contribution[], shape: readonly number[]): Tensor;
  /**
   * Adds up what all ranks have of gradients by name. With several ranks each has of each gradient the part that it owns, a
   * vector, and no entry where it owns nothing.
   */
  finish(
    contributions: Readonly<Record<string, readonly Contribution[]>>,
  ): Readonly<Record<string, Tensor>>;
}

/** Results whose gradients for what the batch doesn't change are sums over rows that may be computed block by block. */
const summable = new WeakMap<object, readonly string[]>();

/**
 * Notes of a result that its gradients for parameters are sums over its rows.
 *
 * @param saved What is saved for them: the names of inputs, or `"result"`.
 */
export function markSummable<T extends tf.Tensor>(result: T, saved: readonly string[]): T {
  summable.set(result, saved);
  return result;
}

/** Lists what is saved for the gradients of such a result. */
export const listSaved = (result: tf.Tensor): readonly string[] | undefined => summable.get(result);

/** Results that are the same for every rank, though they are made of the batch. */
const sums = new WeakSet<object>();

/** Notes of a tensor that it is a sum over the whole batch, the same for every rank. */
export function markSumOverBatch<T extends object>(result: T): T {
  sums.add(result);
  return result;
}

/** Tells whether a tensor is such a sum. */
export const isSumOverBatch = (result: tf.Tensor): boolean => sums.has(result);

/** Computes the gradient of one input. */
export type ComputeGradient = () => tf.Tensor;

const whole = new WeakSet<ComputeGradient>();

/** Notes of a gradient that it is one of the whole batch already. */
export function ofWholeBatch(compute: ComputeGradient): ComputeGradient {
  whole.add(compute);
  return compute;
}

/** Tells whether a gradient is one of the whole batch already. */
export const isOfWholeBatch = (compute: ComputeGradient): boolean => whole.has(compute);

const parts = new WeakMap<ComputeGradient, Reads>();

/** Notes of a parameter's gradient that it is the part that this rank owns of the whole batch's, and what is read of the parameter. */
export function ofOwnPart(compute: ComputeGradient, reads: Reads): ComputeGradient {
  parts.set(compute, reads);
  return compute;
}

/** Finds what is read of the parameter, if a gradient is the part that this rank owns. */
export const findOwnPart = (compute: ComputeGradient): Reads | undefined => parts.get(compute);

/**
 * Tells whether the product of a batch's rows and a parameter is one of the whole batch, by which its gradient isn't summed block by
 * block: if the operands of that gradient have fewer numbers than the parameter.
 */
export function isProductOfWhole(
  x: tf.Tensor,
  weight: tf.Tensor,
  { examples, whole }: Pick<BatchSums, "examples" | "whole">,
): boolean {
  if (x.shape.length !== 2 || weight.shape.length !== 2) return false;
  const [inner, columns] = weight.shape as [number, number];
  const rows = x.shape[0]! / examples * whole;
  return rows * (inner + columns) < inner * columns;
}

/**
 * Tells whether the gradient of a convolution's filter is computed of the whole batch at once, likewise: if its operands have fewer
 * numbers than the filter.
 */
export const isFilterOfWhole = (
  x: tf.Tensor,
  dy: tf.Tensor,
  filter: tf.Tensor,
  { examples, whole }: Pick<BatchSums, "examples" | "whole">,
): boolean => (x.size + dy.size) / examples * whole < filter.size;

const stacked = new WeakSet<ComputeGradient>();

/** Notes of a gradient that it is given for each block, one behind the other in a first dimension. */
export function ofEachBlock(compute: ComputeGradient): ComputeGradient {
  stacked.add(compute);
  return compute;
}

/** Tells whether a gradient is given for each block. */
export const isOfEachBlock = (compute: ComputeGradient): boolean => stacked.has(compute);

/** The blocks' ends among the examples, while gradients are computed that may be given for each. */
let current: { readonly ends: readonly number[]; readonly examples: number } | undefined;

/** Runs what computes gradients that may be given for each block. */
export function withBlocks<T>(
  { blocks: [first, end], examples, findExamples }: BatchSums,
  fn: () => T,
): T {
  const before = current;
  const ends = Array.from({ length: end - first }, (_, i) => findExamples(first + i)[1]);
  current = ends.length > 0 ? { ends, examples } : undefined;
  try {
    return fn();
  } finally {
    current = before;
  }
}

/** Lists where blocks end among so many rows, if gradients may be given for each; see `ofEachBlock`. */
export function listBlockEnds(rows: number): readonly number[] | undefined {
  if (!current || rows % current.examples !== 0) return undefined;
  const { ends, examples } = current;
  return ends.map((end) => end * (rows / examples));
}
