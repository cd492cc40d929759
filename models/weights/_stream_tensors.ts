// Tensors at rest one after the other, so that a copy of one at a time is held where they are only written down.
import type { Network } from "../layers/network.ts";
import type { NamedSpec } from "../layers/variable_spec.ts";
import { checkFloats } from "../ops/_base/operands.ts";
import * as ops from "../ops/_ops.ts";
import { ACCUMULATION, LOSS_SCALING } from "../optimizers/_running.ts";
import type { OptimizerState } from "../optimizers/optimizer.ts";
import { gatherParts, giveParts, selectTrained } from "../parallel/_parts.ts";
import type { Communicator } from "../parallel/communicator.ts";
import { checkUnconsumed } from "../types/_consumption.ts";
import { countElements, formatShape } from "../types/_shape.ts";
import { getTensor, releaseNumbers } from "../types/_tensors.ts";
import type { Params, Variables } from "../types/tensor.ts";
import { toStored } from "./_stored_tensors.ts";
import type { StoredTensor } from "./checkpoint.ts";

/** A tensor at rest and its name. */
export type NamedTensor = readonly [name: string, stored: StoredTensor];

/** A tensor's numbers as the backend has them, until the next is asked for, and its layout at rest and there. */
export interface TensorNumbers {
  readonly name: string;
  readonly spec: Pick<NamedSpec, "shape" | "order">;
  readonly numbers: Float32Array<ArrayBuffer>;
}

/** Streams a network's parameters and buffers, in its order. */
export const streamVariables = (
  network: Network,
  variables: Variables,
): AsyncGenerator<NamedTensor, void, undefined> => toRest(readVariables(network, variables));

/** Streams an optimizer's running values, slot by slot, and the state of loss scaling. All ranks must do so, or {@linkcode giveState}. */
export const streamOptimizerState = (
  network: Network,
  state: OptimizerState,
  communicator: Communicator,
): AsyncGenerator<NamedTensor, void, undefined> =>
  toRest(readOptimizerState(network, state, communicator));

async function* toRest(
  tensors: AsyncIterable<TensorNumbers>,
): AsyncGenerator<NamedTensor, void, undefined> {
  for await (const { name, spec, numbers } of tensors) yield [name, toStored(spec, numbers)];
}

/** Reads a network's parameters and buffers, in its order. */
export async function* readVariables(
  { parameters, buffers }: Network,
  variables: Variables,
): AsyncGenerator<TensorNumbers, void, undefined> {
  checkUnconsumed("export", variables);
  yield* readTensors(parameters, variables.params);
  yield* readTensors(buffers, variables.buffers);
}

async function* readTensors(
  specs: readonly NamedSpec[],
  values: Params,
  prefix = "",
): AsyncGenerator<TensorNumbers, void, undefined> {
  for (const spec of specs) {
    const value = getTensor(values, spec.name);
    checkFloats(`export ${spec.name},`, value);
    if (countElements(value.shape) !== countElements(spec.shape)) {
      throw new RangeError(
        `Cannot export ${spec.name}, a tensor of ${formatShape(value.shape)}: ` +
          `the network has one of ${formatShape(spec.shape)}`,
      );
    }
    yield { name: prefix + spec.name, spec, numbers: await ops.readNumbers(value) };
  }
}

/**
 * Reads an optimizer's running values, slot by slot, and the state of loss scaling. All ranks must do so, or {@linkcode giveState}.
 *
 * @param place Gives where the values of a name are put if they are gathered; by default that is memory which is given back.
 */
export async function* readOptimizerState(
  network: Network,
  state: OptimizerState,
  communicator: Communicator,
  place?: (name: string) => Float32Array<ArrayBuffer>,
): AsyncGenerator<TensorNumbers, void, undefined> {
  checkUnconsumed("export", state);
  const trained = selectTrained(network, state);
  for (const [slot, values] of Object.entries(state.slots)) {
    const prefix = `${slot}/`;
    if (communicator.size === 1) {
      yield* readTensors(trained.parameters, values, prefix);
      continue;
    }
    const wholes = gatherParts(
      trained,
      values,
      communicator,
      place && new Map(trained.parameters.map(({ name }) => [name, place(prefix + name)])),
    );
    for (const spec of trained.parameters) {
      const numbers = wholes.get(spec.name);
      if (!numbers) continue;
      yield { name: prefix + spec.name, spec, numbers };
      if (!place) releaseNumbers(numbers);
    }
  }
  if (state.accumulated) {
    const { batches, weight } = state.accumulated;
    yield flat(ACCUMULATION, Float32Array.of(batches, ...await weight.data()));
  }
  if (state.scaling) {
    yield flat(LOSS_SCALING, await state.scaling.data() as Float32Array<ArrayBuffer>);
  } else if (state.skipped) {
    const numbers = Float32Array.of(...ops.FIRST_LOSS_SCALING.slice(0, -1), state.skipped);
    yield flat(LOSS_SCALING, numbers);
  }
}

const flat = (name: string, numbers: Float32Array<ArrayBuffer>): TensorNumbers => ({
  name,
  spec: { shape: [numbers.length], order: [0] },
  numbers,
});

/** Gives this rank's parts of an optimizer's running values to the ranks that read them. */
export function giveState(
  network: Network,
  state: OptimizerState,
  communicator: Communicator,
): void {
  for (const values of Object.values(state.slots)) {
    giveParts(selectTrained(network, state), values, communicator);
  }
}

/** Lists the names and shapes of what {@linkcode streamOptimizerState} gives. */
export function listOptimizerShapes(
  network: Network,
  state: OptimizerState,
): (readonly [name: string, shape: readonly number[]])[] {
  const { slots, scaling, skipped, accumulated } = state;
  const { parameters } = selectTrained(network, state);
  const running = Object.keys(slots).flatMap((slot) =>
    parameters.map(({ name, shape }) => [`${slot}/${name}`, shape] as const)
  );
  const shape = scaling?.shape ?? (skipped ? [ops.FIRST_LOSS_SCALING.length] : undefined);
  return [
    ...running,
    ...accumulated ? [[ACCUMULATION, [2]] as const] : [],
    ...shape ? [[LOSS_SCALING, shape] as const] : [],
  ];
}

/** Collects tensors at rest. */
export async function collectTensors(
  stream: AsyncIterable<NamedTensor>,
): Promise<Record<string, StoredTensor>> {
  const stored: Record<string, StoredTensor> = {};
  for await (const [name, tensor] of stream) stored[name] = tensor;
  return stored;
}
