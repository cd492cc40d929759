import type { Network } from "../layers/network.ts";
import * as ops from "../ops/_ops.ts";
import { zerosLike } from "../ops/creation.ts";
import { computeShare } from "../parallel/_share.ts";
import type { Communicator } from "../parallel/communicator.ts";
import type { Key } from "../random/key.ts";
import { disposeTensors, getTensor, mapTensors } from "../types/_tensors.ts";
import type { Params, Tensor, Variables } from "../types/tensor.ts";
import { sliceBatch, watchFields } from "./_batch_fields.ts";
import type { Measure, Measured } from "./_measure.ts";
import { createSumOverBatch } from "./_sum_over_batch.ts";
import { toInputTensor } from "./_to_input_tensor.ts";
import type { BatchInput, SizedBatch } from "./training_batch.ts";

/** What a forward and a backward pass give: this rank's share, but for the buffers. */
export interface Gradients {
  /** The gradient of the loss for each parameter that is trained. */
  readonly gradients: Params;
  /** The numbers to report. */
  readonly values: Tensor;
  /** The weight of the whole batch's loss, where the gradients are of its sum; a tensor is the caller's to release. */
  readonly weight?: number | Tensor | undefined;
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

/** Computes a batch's loss, its gradients and what is reported; of this rank's share of it, if there are several. */
export function differentiate<B extends SizedBatch>(
  network: Network,
  { params, buffers }: Variables,
  { batch, input, measure, communicator, key, scaling, trained, divides }: PassOptions<B>,
): Gradients {
  const { size: whole } = batch;
  const [first, end] = computeShare(whole, communicator.rank, communicator.size);
  // A rank without an example makes the same calls as the others, with one that doesn't count.
  const empty = first === end;
  const { watched: part, checkRead } = watchFields(
    end - first === whole ? batch : sliceBatch(batch, first, empty ? first + 1 : end),
  );
  const kept: Tensor[] = [];
  const keep = (tensor: Tensor) => {
    const own = ops.keep(tensor);
    kept.push(own);
    return own;
  };
  let measured: Measured | undefined;
  let next: Params = buffers;
  try {
    const { gradients, value } = ops.tidy(() => {
      const x = toInputTensor(network, part, input);
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
          communicator,
        });
        checkRead();
        const { values, objective, weight } = measured;
        if (values !== objective) measured = { ...measured, values: keep(values) };
        if (typeof weight === "object") measured = { ...measured, weight: keep(weight) };
        return objective;
      }, measure.lengthOf(part, divides));
    });
    if (!measured) throw new Error("unreachable: a pass measures");
    const { objective, weight, names, readMeans } = measured;
    let { values } = measured;
    if (values === objective) values = value;
    else value.dispose();
    return {
      gradients: empty ? replaceByZeros(gradients) : gradients,
      values: empty ? replaceByZeros({ values }).values! : values,
      weight,
      buffers: next,
      names,
      readMeans,
    };
  } catch (error) {
    for (const tensor of kept) tensor.dispose();
    throw error;
  }
}

/** What a rank without an example computes is 0 times something, which may be infinite. */
function replaceByZeros(gradients: Params): Params {
  const zeros = mapTensors(gradients, zerosLike);
  disposeTensors(gradients);
  return zeros;
}

function pickTensors(tensors: Params, names: readonly string[]): Params {
  return Object.fromEntries(names.map((name) => [name, getTensor(tensors, name)]));
}
