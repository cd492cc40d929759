// Tensors at rest one after the other, so that a copy of one at a time is held where they are only written down.
import type { Network } from "../layers/network.ts";
import type { NamedSpec } from "../layers/variable_spec.ts";
import { checkFloats } from "../ops/_base/operands.ts";
import * as ops from "../ops/_ops.ts";
import { ACCUMULATION, LOSS_SCALING } from "../optimizers/_running.ts";
import type { OptimizerState } from "../optimizers/optimizer.ts";
import { gatherParts, selectTrained } from "../parallel/_parts.ts";
import type { Communicator } from "../parallel/communicator.ts";
import { checkUnconsumed } from "../types/_consumption.ts";
import { countElements, formatShape } from "../types/_shape.ts";
import { getTensor } from "../types/_tensors.ts";
import type { Params, Variables } from "../types/tensor.ts";
import { toStored } from "./_stored_tensors.ts";
import type { StoredTensor } from "./checkpoint.ts";

/** A tensor at rest and its name. */
export type NamedTensor = readonly [name: string, stored: StoredTensor];

/** Streams a network's parameters and buffers, in its order. */
export async function* streamVariables(
  { parameters, buffers }: Network,
  variables: Variables,
): AsyncGenerator<NamedTensor, void, undefined> {
  checkUnconsumed("export", variables);
  yield* streamTensors(parameters, variables.params);
  yield* streamTensors(buffers, variables.buffers);
}

async function* streamTensors(
  specs: readonly NamedSpec[],
  values: Params,
  prefix = "",
): AsyncGenerator<NamedTensor, void, undefined> {
  for (const spec of specs) {
    const value = getTensor(values, spec.name);
    checkFloats(`export ${spec.name},`, value);
    if (countElements(value.shape) !== countElements(spec.shape)) {
      throw new RangeError(
        `Cannot export ${spec.name}, a tensor of ${formatShape(value.shape)}: ` +
          `the network has one of ${formatShape(spec.shape)}`,
      );
    }
    const numbers = await ops.readNumbers(value);
    yield [prefix + spec.name, toStored(spec, numbers)];
  }
}

/** Streams an optimizer's running values, slot by slot, and the state of loss scaling. All ranks must do so, or {@linkcode giveParts}. */
export async function* streamOptimizerState(
  network: Network,
  state: OptimizerState,
  communicator: Communicator,
): AsyncGenerator<NamedTensor, void, undefined> {
  checkUnconsumed("export", state);
  const trained = selectTrained(network, state);
  for (const [slot, values] of Object.entries(state.slots)) {
    if (communicator.size === 1) {
      yield* streamTensors(trained.parameters, values, `${slot}/`);
      continue;
    }
    const wholes = gatherParts(trained, values, communicator);
    for (const spec of trained.parameters) {
      const whole = wholes.get(spec.name);
      if (!whole) continue;
      yield [`${slot}/${spec.name}`, toStored(spec, whole)];
      ops.releaseNumbers(whole);
    }
  }
  if (state.accumulated) {
    const { batches, weight } = state.accumulated;
    yield [ACCUMULATION, { shape: [2], data: Float32Array.of(batches, ...await weight.data()) }];
  }
  if (state.scaling) {
    const data = await state.scaling.data() as Float32Array<ArrayBuffer>;
    yield [LOSS_SCALING, { shape: [data.length], data }];
  } else if (state.skipped) {
    const data = Float32Array.of(...ops.FIRST_LOSS_SCALING.slice(0, -1), state.skipped);
    yield [LOSS_SCALING, { shape: [data.length], data }];
  }
}

/** Gives this rank's parts of an optimizer's running values to the ranks that stream them. */
export function giveParts(
  network: Network,
  state: OptimizerState,
  communicator: Communicator,
): void {
  for (const values of Object.values(state.slots)) {
    gatherParts(selectTrained(network, state), values, communicator).forEach(ops.releaseNumbers);
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
