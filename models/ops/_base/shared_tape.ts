// Which tensors of a record depend on a batch that ranks share, which don't, and how the gradients of those are summed.
import * as tf from "@tensorflow/tfjs-core";
import * as host from "../../kernels/wasm/_host_memory.ts";
import type { Tensor } from "../../types/tensor.ts";
import {
  type BatchSums,
  type Contribution,
  findOwnPart,
  isOfEachBlock,
  isOfWholeBatch,
  isProductOfWhole,
  isSumOverBatch,
  listSaved,
  withBatchPart,
  withBlocks,
} from "./batch_sums.ts";
import { isSumOverRows, sumNodesOfBlocks, sumNodesOverRows } from "./row_sums.ts";
import { type Run, sumNode } from "./sum_tree.ts";
import type { TapeNode } from "./tape.ts";
import { addTo } from "./differentiable.ts";

/**
 * How a tensor stands to the batch: it goes by examples along its first dimension (`"examples"`) or depends on them in another
 * way (`"batch"`); all ranks have the same (`"same"`); or it is made of parameters in a way that doesn't tell (`"unknown"`).
 */
export type Standing = "examples" | "batch" | "same" | "unknown";

/** Kernels that move numbers and compute nothing, so that sums may be moved before or after they are complete. */
const MOVES = new Set(["Identity", "PadV2", "Reshape", "Reverse", "Slice", "Transpose"]);

/** Kernels of one tensor whose result has no dimension that its input doesn't tell. */
const OF_ONE = new Set([
  ...MOVES,
  ...[
    "Abs",
    "ClipByValue",
    "Cos",
    "Erf",
    "Exp",
    "Expm1",
    "LeakyRelu",
    "Log",
    "Log1p",
    "Max",
    "Mean",
  ],
  ...["Min", "Neg", "Reciprocal", "Relu", "Relu6", "Rsqrt", "Sigmoid", "Sin", "Softplus", "SplitV"],
  ...["Sqrt", "Square", "Sum", "Tanh"],
]);

const OF_TWO = new Set(["Add", "Maximum", "Minimum", "Multiply", "Pow", "RealDiv", "Sub"]);

/** Kernels that make one number of several along axes. */
const REDUCTIONS = new Set(["All", "Any", "ArgMax", "Max", "Mean", "Min", "Prod", "Sum"]);

/** How the tensors of a record stand to the batch, by their numbers. */
export interface Standings {
  /** Finds those of a record, which has grown since it was given before. */
  follow(tape: readonly TapeNode[]): ReadonlyMap<number, Standing>;
}

/** Finds how the tensors of a record stand to the batch. */
export function createStandings(
  parameters: readonly tf.Tensor[],
  { input, examples }: BatchSums,
): Standings {
  const standings = new Map<number, Standing>(parameters.map(({ id }) => [id, "same"]));
  standings.set((input as unknown as tf.Tensor).id, "examples");
  let known = 0;
  return {
    follow(tape) {
      for (const node of tape.slice(known)) {
        const standing = findStanding(node, standings, examples);
        for (const output of node.outputs) {
          if (isSumOverBatch(output)) standings.set(output.id, "same");
          else if (standing) standings.set(output.id, standing);
        }
      }
      known = tape.length;
      return standings;
    },
  };
}

function findStanding(
  node: TapeNode,
  standings: ReadonlyMap<number, Standing>,
  examples: number,
): Standing | undefined {
  const inputs = Object.values(node.inputs);
  const given = inputs.map(({ id }) => standings.get(id));
  const has = (standing: Standing) => given.includes(standing);
  if (has("batch")) return "batch";
  if (has("examples")) {
    if (has("unknown")) return "batch";
    const local = inputs.filter((_, i) => given[i] === "examples");
    return keepsExamples(node, local, examples) ? "examples" : "batch";
  }
  if (has("unknown")) return "unknown";
  if (!has("same")) return undefined;
  const others = inputs.filter((_, i) => !given[i]);
  const isTold = OF_ONE.has(node.kernelName) ||
    OF_TWO.has(node.kernelName) && others.every(({ size }) => size === 1);
  return isTold ? "same" : "unknown";
}

/** Tells whether the results of a call go by examples, given those of its inputs that do. */
function keepsExamples(
  { kernelName, inputs, outputs, attrs = {} }: TapeNode,
  local: readonly tf.Tensor[],
  examples: number,
): boolean {
  // Whatever its shape, an example's numbers stay together.
  if (kernelName === "Reshape") return true;
  const rows = local[0]!.shape[0] ?? 1;
  if (rows % examples !== 0) return false;
  const isLine = [...local, ...outputs].every(({ shape }) => shape[0] === rows);
  const rank = local[0]!.shape.length;
  const axes = () => {
    const given = (attrs.reductionIndices ?? attrs.axis ?? attrs.dims) as number | number[];
    return tf.util.parseAxisParam(given, local[0]!.shape);
  };
  if (REDUCTIONS.has(kernelName)) return isLine && !axes().includes(0);
  switch (kernelName) {
    case "Transpose":
      return (attrs.perm as number[])[0] === 0;
    case "Concat":
    case "Reverse":
    case "SplitV":
    case "GatherV2":
      return isLine && !axes().includes(0);
    case "Cumsum":
      return isLine && !axes().includes(0);
    case "BatchMatMul":
      return isLine && (rank > 2 || local.length === 1 && local[0] === inputs.a);
    case "StridedSlice":
      return false;
    default:
      return isLine && outputs.every(({ shape }) => shape.length > 0);
  }
}

/** Tells whether a call's gradients for what all ranks have are sums over rows, which can be computed by blocks. */
function isByBlocks(
  { kernelName, inputs, outputs, attrs = {} }: TapeNode,
  standings: ReadonlyMap<number, Standing>,
): boolean {
  const [output] = outputs;
  if (!output || outputs.length > 1 || standings.get(output.id) !== "examples") return false;
  if (listSaved(output)) return true;
  const [rows] = output.shape;
  const goesByRows = ({ shape }: tf.Tensor) =>
    shape.length === output.shape.length && shape[0] === rows;
  if (kernelName === "BatchMatMul") {
    const { a, b } = inputs as { readonly a: tf.Tensor; readonly b: tf.Tensor };
    return standings.get(a.id) === "examples" && standings.get(b.id) === "same" &&
      a.shape.length === 2 && b.shape.length === 2 && !attrs.transposeA;
  }
  return OF_TWO.has(kernelName) && Object.values(inputs).every((input) => {
    const standing = standings.get(input.id);
    if (standing === "examples") return goesByRows(input);
    return input.size === 1 ||
      standing === "same" && (input.shape.length < output.shape.length || input.shape[0] === 1);
  });
}

/** Finds out whether a weight's gradient is computed of the whole batch at once: several ranks share such products. */
const isProduct = (
  { kernelName, inputs, attrs = {} }: TapeNode,
  input: tf.Tensor,
  sums: BatchSums,
): boolean =>
  kernelName === "BatchMatMul" && !attrs.transposeB && input === inputs.b &&
  isProductOfWhole(inputs.a!, input, sums);

/** What one call passes on to its inputs, by their names: gradients as they are, and contributions to sums over the batch. */
export interface Passed {
  readonly gradients: Readonly<Record<string, tf.Tensor>>;
  readonly contributions: Readonly<Record<string, Contribution>>;
}

/** Passes the gradients of a call's results, which depend on the batch, on to those of its inputs that are wanted. */
export function passFromBatch(
  node: TapeNode,
  dys: readonly (tf.Tensor | null)[],
  { names, leaves, standings, sums }: {
    /** The names of the inputs whose gradients are wanted. */
    readonly names: readonly string[];
    /** The numbers of the parameters. */
    readonly leaves: ReadonlySet<number>;
    readonly standings: ReadonlyMap<number, Standing>;
    readonly sums: BatchSums;
  },
): Passed {
  const byBlocks = isByBlocks(node, standings);
  const isSum = (name: string) => standings.get(node.inputs[name]!.id) === "same";
  const gradient = node.gradient!;
  const computed = byBlocks ? withBlocks(sums, () => gradient(dys)) : gradient(dys);
  const gradients: Record<string, tf.Tensor> = {};
  const contributions: Record<string, Contribution> = {};
  const summed: string[] = [];
  for (const name of names) {
    const compute = computed[name];
    const input = node.inputs[name]!;
    const reads = compute && findOwnPart(compute);
    if (!compute) {
      throw new Error(`Cannot differentiate ${node.kernelName} for ${name}: it has no gradient`);
    }
    if (!isSum(name)) {
      gradients[name] = tf.tidy(() => isOfEachBlock(compute) ? tf.sum(compute(), 0) : compute());
    } else if (isOfWholeBatch(compute)) contributions[name] = toWhole(tf.tidy(compute));
    else if (reads) {
      contributions[name] = { kind: "part", tensor: toOwn(tf.tidy(compute)), reads };
    } else if (!byBlocks) {
      contributions[name] = { kind: "share", tensor: toOwn(tf.tidy(compute)) };
    } else if (leaves.has(input.id) && isProduct(node, input, sums)) {
      if (sums.sharing) throw new Error("unreachable: several ranks share such a product");
      contributions[name] = toWhole(tf.tidy(compute));
    } else if (isOfEachBlock(compute)) {
      contributions[name] = toNodes(sumNodesOfBlocks(compute, sums));
    } else if (isSumOverRows(compute)) {
      contributions[name] = toNodes(sumNodesOverRows(compute, sums));
    } else summed.push(name);
  }
  const nodes = new Map(summed.map((name) => [name, [] as Tensor[]]));
  for (const run of sums.nodes) {
    for (const name of summed) {
      nodes.get(name)!.push(toOwn(sumNode(
        run,
        ([first, end]) =>
          end - first === 1
            ? computeBlock(node, dys, { name, examples: sums.findExamples(first), standings, sums })
            : undefined,
        addTo,
      )));
    }
  }
  for (const name of summed) contributions[name] = { kind: "nodes", tensors: nodes.get(name)! };
  return { gradients, contributions };
}

/** Gives one of the library's tensors as one of ours. */
export const toOwn = (x: tf.Tensor): Tensor => x as unknown as Tensor;

const toNodes = (tensors: readonly tf.Tensor[]): Contribution => ({
  kind: "nodes",
  tensors: tensors.map(toOwn),
});

const toWhole = (tensor: tf.Tensor): Contribution => ({ kind: "whole", tensor: toOwn(tensor) });

/** Computes one block's gradient: by the call's own, given its examples alone of all that goes by them. */
function computeBlock(
  { gradient, saved = [], inputs, outputs }: TapeNode,
  dys: readonly (tf.Tensor | null)[],
  { name, examples, standings, sums }: {
    readonly name: string;
    readonly examples: Run;
    readonly standings: ReadonlyMap<number, Standing>;
    readonly sums: BatchSums;
  },
): tf.Tensor {
  const isAll = examples[0] === 0 && examples[1] === sums.examples;
  const names = listSaved(outputs[0]!) ?? ["a", "b", "result"];
  const goesByExamples = (name: string) => {
    const input = inputs[name];
    return !input || input.size > 1 && standings.get(input.id) !== "same";
  };
  return tf.tidy(() => {
    const take = <T extends tf.Tensor | null | undefined>(x: T): T =>
      !x || isAll ? x : takeExamples(x, examples, sums.examples) as T;
    const whole = [...saved];
    // The call's gradient function holds this list itself.
    const own = saved as (tf.Tensor | undefined)[];
    whole.forEach((x, i) => own[i] = goesByExamples(names[i] ?? "result") ? take(x) : x);
    try {
      // Its own numbers, which may be written to, not the view of others'.
      const dx = withBatchPart(undefined, () => tf.tidy(gradient!(dys.map(take))[name]!));
      return host.makeWritable(dx);
    } finally {
      whole.forEach((x, i) => own[i] = x);
    }
  });
}

/** Views some examples of a tensor. */
function takeExamples(x: tf.Tensor, [first, end]: Run, examples: number): tf.Tensor {
  const each = x.size / examples;
  const [rows = 0, ...shape] = x.shape;
  const count = end - first;
  return host.viewPart(x, first * each, count * each, [rows / examples * count, ...shape]);
}

/** Tells whether a call moves numbers and computes nothing. */
export const isMove = ({ kernelName, outputs }: TapeNode): boolean =>
  MOVES.has(kernelName) && outputs.length === 1;
