// Gradients that one kernel computes as a sum over rows: they are computed block by block of a batch without the library's own
// records of each call, which would take longer than a small block's arithmetic.
import type * as tf from "@tensorflow/tfjs-core";
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
  const make = (kernel: string, inputs: Readonly<Record<string, tf.TensorInfo>>, attrs: object) => {
    const result = host.runDirectly(kernel, inputs, attrs);
    made.add(result);
    return result;
  };
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
      return make(kernel, Object.fromEntries(views), attrs);
    } finally {
      for (const [, view] of views) host.releaseDirectly(view);
    }
  };
  const add = (sum: tf.TensorInfo, x: tf.TensorInfo): tf.TensorInfo => {
    const both = make(ADD_TO, { sum, x }, {});
    release(sum);
    release(x);
    return both;
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
