// Gradients that one kernel computes as a sum over rows: they are computed block by block of a batch without the library's own
// records of each call, which would take longer than a small block's arithmetic.
import * as tf from "@tensorflow/tfjs-core";
import { ADD_TO } from "../../kernels/definitions/_kernel_names.ts";
import * as host from "../../kernels/wasm/_host_memory.ts";
import { type BatchSums, type ComputeGradient, withBatchPart } from "./batch_sums.ts";
import { hasKernel, run } from "./differentiable.ts";
import { sumNode } from "./sum_tree.ts";

/** A kernel whose result is a sum over the rows of its inputs, of float32. */
interface RowSum {
  readonly kernel: string;
  /** They have the batch's rows in their first dimension. */
  readonly inputs: Readonly<Record<string, tf.Tensor>>;
  readonly attrs: object;
}

const rowSums = new WeakMap<ComputeGradient, RowSum>();

/** Gives a gradient that a kernel computes as a sum over the rows of its inputs. */
export function sumOverRows(
  kernel: string,
  inputs: Readonly<Record<string, tf.Tensor>>,
  attrs: object,
): ComputeGradient {
  const compute = () => run(kernel, inputs, attrs);
  rowSums.set(compute, { kernel, inputs, attrs });
  return compute;
}

/** Tells whether a gradient can be computed by `sumNodesOverRows`. */
export const isSumOverRows = (compute: ComputeGradient): boolean =>
  rowSums.has(compute) && hasKernel(ADD_TO);

/** Computes a gradient's sums over this rank's nodes, block by block, and adds these up in the order of the tree. */
export function sumNodesOverRows(
  compute: ComputeGradient,
  { nodes, examples, findExamples }: BatchSums,
): tf.Tensor[] {
  const { kernel, inputs, attrs } = rowSums.get(compute)!;
  const made = new Set<tf.TensorInfo>();
  const release = (one: tf.TensorInfo) => {
    made.delete(one);
    host.releaseDirectly(one);
  };
  const computeBlock = (block: number): tf.TensorInfo => {
    const [first, end] = findExamples(block);
    const views = Object.entries(inputs).map(([name, x]) => {
      const [rows = 0, ...shape] = x.shape;
      const each = rows / examples;
      return [name, host.lendRows(x, first * each, [(end - first) * each, ...shape])] as const;
    });
    try {
      const result = host.runDirectly(kernel, Object.fromEntries(views), attrs);
      made.add(result);
      return result;
    } finally {
      for (const [, view] of views) host.releaseDirectly(view);
    }
  };
  const add = (sum: tf.TensorInfo, x: tf.TensorInfo): tf.TensorInfo => {
    host.addInPlace([sum, 0], [x, 0], tf.util.sizeFromShape(x.shape));
    release(x);
    return sum;
  };
  try {
    return withBatchPart(
      undefined,
      () =>
        nodes.map((node) =>
          sumNode(node, ([first, end]) => end - first === 1 ? computeBlock(first) : undefined, add)
        ),
    ).map(host.toTensor);
  } catch (error) {
    for (const one of made) host.releaseDirectly(one);
    throw error;
  }
}

/** Adds up gradients that are given for each block, one behind the other, to sums over this rank's nodes. */
export function sumNodesOfBlocks(
  compute: ComputeGradient,
  { nodes, blocks: [begin] }: BatchSums,
): tf.Tensor[] {
  if (nodes.length === 0) return [];
  return tf.tidy(() => {
    const all = host.makeWritable(compute());
    const [, ...shape] = all.shape;
    const each = tf.util.sizeFromShape(shape);
    const add = (sum: number, block: number): number => {
      host.addInPlace([all, sum * each], [all, block * each], each);
      return sum;
    };
    // A node's sum is put together where its first block was.
    return nodes.map((node) => {
      const block = sumNode(
        node,
        ([first, end]) => end - first === 1 ? first - begin : undefined,
        add,
      );
      return tf.reshape(tf.slice(all, [block, ...shape.map(() => 0)], [1, ...shape]), shape);
    });
  });
}
