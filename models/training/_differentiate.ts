import type { Network } from "../layers/network.ts";
import { type Contribution, withBatchPart } from "../ops/_base/batch_sums.ts";
import * as ops from "../ops/_ops.ts";
import { createBatchSums } from "../parallel/_batch_sums.ts";
import { gatherNumbers } from "../parallel/_gather_numbers.ts";
import { listBlocks } from "../parallel/_share.ts";
import type { Communicator } from "../parallel/communicator.ts";
import type { Key } from "../random/key.ts";
import { getTensor, mapTensors } from "../types/_tensors.ts";
import type { Params, Tensor, Variables } from "../types/tensor.ts";
import { watchFields } from "./_batch_fields.ts";
import type { Measure, Measured } from "./_measure.ts";
import { createSumOverBatch } from "./_sum_over_batch.ts";
import { takeShare } from "./_take_share.ts";
import { toInputTensor } from "./_to_input_tensor.ts";
import type { BatchInput, SizedBatch } from "./training_batch.ts";

/** What a forward and a backward pass give. */
export interface Gradients {
  /** The gradient of the loss for each parameter that is trained; of several ranks each has the parts that it owns. */
  readonly gradients: Params;
  /** The numbers to report, of the whole batch. */
  readonly values: Tensor;
  /** The weight of the whole batch's loss, where the gradients are of its sum; a tensor is the caller's to release. */
  readonly weight?: number | Tensor | undefined;
  /** The names of the parameters that were used alone where ranks share a product by its outputs. */
  readonly multipliers: readonly string[];
  /** The next buffers. Those that the pass hasn't renewed are the state's own. */
  readonly buffers: Params;
  /** The names of the metrics beside the loss. */
  readonly names: Measured["names"];
  /** Reads the numbers. */
  readonly readMeans: Measured["readMeans"];
}

/** How a pass is made. */
export interface PassOptions<B extends SizedBatch> {
  readonly batch: B;
  readonly input: BatchInput<B> | undefined;
  readonly measure: Measure<B>;
  readonly communicator: Communicator;
  readonly key: Key;
  /** The names of the parameters that are trained: no gradients of others are computed, nor what only those need. */
  readonly trained: readonly string[];
  /** Whether the loss is a mean, and not a sum that is divided later. */
  readonly divides: boolean;
  /** The state of loss scaling, where the gradients are to be scaled. */
  readonly scaling?: Tensor | undefined;
}

/** Computes a batch's loss, its gradients and what is reported; with several ranks each does it for its share, and they exchange. */
export function differentiate<B extends SizedBatch>(
  network: Network,
  { params, buffers }: Variables,
  { batch, input, measure, communicator, key, scaling, trained, divides }: PassOptions<B>,
): Gradients {
  const { whole, blocks, examples: [first, end], own, empty } = takeShare(batch, communicator);
  // Elsewhere than in main memory there is one rank, and sums have the order that suits a device.
  const byBlocks = communicator.size > 1 || ops.isInHostMemory();
  const { watched: part, cut, checkRead } = watchFields(own);
  const ends = byBlocks
    ? empty ? [1] : listBlocks(whole, blocks).map(([, end]) => end - first)
    : undefined;
  const kept: Tensor[] = [];
  const keep = (tensor: Tensor) => {
    const own = ops.keep(tensor);
    kept.push(own);
    return own;
  };
  let measured: Measured | undefined;
  let multipliers: readonly string[] = [];
  let next: Params = buffers;
  try {
    const batchPart = { examples: Math.max(end - first, 1), whole };
    const { gradients, value } = withBatchPart(batchPart, () =>
      ops.tidy(() => {
        const x = toInputTensor(network, part, input);
        const sums = byBlocks ? createBatchSums(network, communicator, whole, x) : undefined;
        return ops.valueAndGradients(pickTensors(params, trained), (own) => {
          const applied = network.apply({ params: { ...params, ...own }, buffers }, x, {
            training: true,
            key,
            first,
            size: whole,
            sumOverBatch: createSumOverBatch(communicator, {
              first,
              count: end - first,
              size: whole,
            }),
          });
          next = mapTensors(
            applied.buffers,
            (tensor, name) => tensor === buffers[name] ? tensor : keep(tensor),
          );
          measured = measure.measure(applied.output, {
            batch: part,
            whole,
            empty,
            scaling,
            divides,
            ends,
            cut,
            communicator,
          });
          checkRead();
          const { values, objective, weight } = measured;
          if (values !== objective) measured = { ...measured, values: keep(values) };
          if (typeof weight === "object") measured = { ...measured, weight: keep(weight) };
          return objective;
        }, {
          length: measure.lengthOf(part, divides, ends?.length ?? 1),
          sums: sums && {
            ...sums,
            finish(contributions) {
              multipliers = listMultipliers(contributions);
              return sums.finish(contributions);
            },
          },
        });
      }));
    if (!measured) throw new Error("unreachable: a pass measures");
    kept.push(...Object.values<Tensor>(gradients));
    const { objective, weight, names, readMeans } = measured;
    let { values } = measured;
    if (values === objective) values = value;
    else value.dispose();
    return {
      gradients,
      values: byBlocks ? addUpValues(values, measured, { empty, communicator }) : values,
      weight,
      multipliers,
      buffers: next,
      names,
      readMeans,
    };
  } catch (error) {
    for (const tensor of kept) tensor.dispose();
    throw error;
  }
}

/** Lists the parameters whose gradients come of nothing but products that ranks share. */
const listMultipliers = (
  contributions: Readonly<Record<string, readonly Contribution[]>>,
): string[] =>
  Object.keys(contributions).filter((name) =>
    contributions[name]!.every((one) => one.kind === "part" && one.reads === "part")
  );

/** Adds up the numbers to report of all blocks, or shares, in their order. Consumes them. */
function addUpValues(
  values: Tensor,
  { numbers }: Pick<Measured, "numbers">,
  { empty, communicator }: { readonly empty: boolean; readonly communicator: Communicator },
): Tensor {
  const own = Float64Array.from(empty ? [] : ops.viewNumbers(values));
  values.dispose();
  const sums = new Float64Array(numbers);
  gatherNumbers(own, communicator).forEach((value, i) => sums[i % numbers]! += value);
  return ops.createTensor(Float32Array.from(sums), [numbers]);
}

function pickTensors(tensors: Params, names: readonly string[]): Params {
  return Object.fromEntries(names.map((name) => [name, getTensor(tensors, name)]));
}
