// The start of a training on its way to other ranks: tensor by tensor, so that no second copy of all of it is ever held.
import type { Network } from "../../layers/network.ts";
import * as ops from "../../ops/_ops.ts";
import type { OptimizerState } from "../../optimizers/optimizer.ts";
import { listParts, selectTrained } from "../../parallel/_parts.ts";
import type { Communicator } from "../../parallel/communicator.ts";
import type { Tensor, Variables } from "../../types/tensor.ts";

/** A tensor of the start, its numbers in the order that they have in memory. */
export interface StartTensor {
  /** The record that it belongs to: `params`, `buffers`, or `slots/` and the name of one of the optimizer's. */
  readonly record: string;
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array<ArrayBuffer>;
}

/** A tensor in memory that threads share. */
export type SharedTensor = Omit<StartTensor, "data"> & { readonly data: Float32Array };

/** Copies variables to memory that threads share, from which each takes its own. */
export const shareVariables = ({ params, buffers }: Variables): SharedTensor[] =>
  Object.entries({ params, buffers }).flatMap(([record, tensors]) =>
    Object.entries(tensors).map(([name, tensor]) => {
      const numbers = ops.viewNumbers(tensor);
      const data = new Float32Array(new SharedArrayBuffer(numbers.byteLength));
      data.set(numbers);
      return { record, name, shape: tensor.shape, data };
    })
  );

/** Makes variables of tensors in shared memory. */
export function takeVariables(shared: readonly SharedTensor[]): Variables {
  const records: Record<string, Record<string, Tensor>> = {};
  for (const { record, name, shape, data } of shared) {
    (records[record] ??= {})[name] = ops.createTensor(data, shape);
  }
  const { params = {}, buffers = {} } = records;
  return { params, buffers };
}

/** What else belongs to the start. It is told last. */
export interface StartFacts {
  readonly step: number;
  /** The optimizer's state without its tensors; it begins anew without it. */
  readonly optimizer?:
    | Pick<OptimizerState, "step" | "skipped" | "trained"> & {
      readonly accumulated?: { readonly batches: number; readonly weight: number };
    }
    | undefined;
}

/** Lists the tensors that a rank needs: all variables, and its parts of the optimizer's state. Each is copied when it is asked for. */
export function* listStart(
  network: Network,
  { params, buffers }: Variables,
  optimizer: OptimizerState | undefined,
  communicator: Pick<Communicator, "rank" | "size">,
): Generator<StartTensor, void, undefined> {
  for (const [record, tensors] of Object.entries({ params, buffers })) {
    for (const [name, tensor] of Object.entries(tensors)) {
      yield { record, name, shape: tensor.shape, data: ops.viewNumbers(tensor).slice() };
    }
  }
  if (!optimizer) return;
  const parts = listParts(selectTrained(network, optimizer), communicator);
  for (const [slot, tensors] of Object.entries(optimizer.slots)) {
    for (const { name, start, end } of parts) {
      const tensor = tensors[name];
      if (!tensor) continue;
      const data = ops.viewNumbers(tensor).slice(start, end);
      yield { record: `slots/${slot}`, name, shape: [end - start], data };
    }
  }
}

/** Describes the rest of the start. */
export function describeStart(step: number, optimizer: OptimizerState | undefined): StartFacts {
  if (!optimizer) return { step };
  const { step: updates, skipped, trained, accumulated } = optimizer;
  return {
    step,
    optimizer: {
      step: updates,
      ...skipped !== undefined && { skipped },
      ...trained && { trained },
      ...accumulated && {
        accumulated: {
          batches: accumulated.batches,
          weight: ops.viewNumbers(accumulated.weight)[0] ?? NaN,
        },
      },
    },
  };
}

/** Collects the tensors of a start that are told one by one, and gives them once all is told. */
export function createStartTaker(): {
  take(tensor: StartTensor): void;
  finish(facts: StartFacts): {
    readonly variables: Variables;
    readonly optimizer: OptimizerState | undefined;
    readonly step: number;
  };
} {
  const records: Record<string, Record<string, Tensor>> = { params: {}, buffers: {} };
  return {
    take({ record, name, shape, data }) {
      (records[record] ??= {})[name] = ops.moveToTensor(data, shape);
    },
    finish({ step, optimizer: running }) {
      const { params = {}, buffers = {}, ...slots } = records;
      const variables = { params, buffers };
      if (!running) return { variables, optimizer: undefined, step };
      const { accumulated, ...rest } = running;
      const optimizer = {
        ...rest,
        slots: Object.fromEntries(
          Object.entries(slots).map(([name, own]) => [name.slice("slots/".length), own]),
        ),
        ...accumulated && {
          accumulated: {
            batches: accumulated.batches,
            weight: ops.createTensor(Float32Array.of(accumulated.weight), []),
          },
        },
      };
      return { variables, optimizer, step };
    },
  };
}
