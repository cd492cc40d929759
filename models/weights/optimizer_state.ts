/**
 * Optimizers' states at rest.
 *
 * @module
 */

import type { Network } from "../layers/network.ts";
import * as ops from "../ops/_ops.ts";
import { ACCUMULATED, ACCUMULATION, LOSS_SCALING } from "../optimizers/_running.ts";
import { listSlots } from "../optimizers/init_optimizer_state.ts";
import { listTrained } from "../optimizers/list_trained.ts";
import type { Optimizer, OptimizerState } from "../optimizers/optimizer.ts";
import type { Communicator } from "../parallel/communicator.ts";
import { singleProcess } from "../parallel/single_process.ts";
import { type Either, left, right } from "../types/either.ts";
import { isSameShape } from "../types/_shape.ts";
import { getTensor } from "../types/_tensors.ts";
import { findShapeError, importTensors, listNames, matchTensors } from "./_stored_tensors.ts";
import { collectTensors, streamOptimizerState } from "./_stream_tensors.ts";
import type { StoredTensor } from "./checkpoint.ts";
import { CheckpointError } from "./checkpoint_error.ts";

export type { Network } from "../layers/network.ts";
export type { Optimizer, OptimizerState } from "../optimizers/optimizer.ts";
export { type Communicator, CommunicatorError } from "../parallel/communicator.ts";
export type { Either } from "../types/either.ts";
export type { StoredTensor } from "./checkpoint.ts";
export { CheckpointError, type CheckpointErrorFacts } from "./checkpoint_error.ts";

/**
 * Copies an optimizer's running values out of the backend, in PyTorch's layouts, named `<slot>/<parameter>`, such as
 * `m/conv.0.weight`, and in mixed precision the state of loss scaling as `loss_scaling`, which has the number of skipped
 * updates in it. The number of all updates is the caller's to keep.
 *
 * @example Usage
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import * as rill from "@rill/rill/models";
 *
 * const backend = await rill.openBackend("wasm");
 * const network = rill.build(rill.linear(2), [3]);
 * assert(network._tag === "Right");
 * const optimizer = rill.adam();
 * const variables = network.right.init(rill.randomKey(0));
 * const state = rill.initOptimizerState(optimizer, variables.params);
 * const stored = await rill.exportOptimizerState(network.right, state);
 * assertEquals(Object.keys(stored), ["m/weight", "m/bias", "v/weight", "v/bias"]);
 * await backend.close();
 * ```
 *
 * @param network The network whose parameters are optimised.
 * @param state The state; it stays as it is.
 * @param communicator The ranks that the training is shared with; one by default. All ranks must export then, and each gets
 * the whole state.
 * @returns Each running value by its name. Rejects with a `CommunicatorError` if another rank failed.
 */
export async function exportOptimizerState(
  network: Network,
  state: OptimizerState,
  communicator: Communicator = singleProcess(),
): Promise<Record<string, StoredTensor>> {
  return await collectTensors(streamOptimizerState(network, state, communicator));
}

/**
 * Copies an optimizer's running values, as `exportOptimizerState` gives them, to the backend. In mixed precision the stored
 * state of loss scaling goes on, or a new one begins; otherwise only how many updates were skipped is taken from it.
 *
 * @example Usage
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import { build, importOptimizerState, linear, sgd } from "@rill/rill/models";
 *
 * const network = build(linear(2), [3]);
 * assert(network._tag === "Right");
 * const state = importOptimizerState(network.right, sgd(), {}, 7);
 * assert(state._tag === "Right");
 * assertEquals(state.right, { step: 7, slots: {} });
 * ```
 *
 * @param network The network whose parameters are optimised.
 * @param optimizer The optimizer that goes on.
 * @param stored Each running value by its name.
 * @param step The number of updates that were made or skipped.
 * @returns The state, owned by the caller, or the error that names every tensor that doesn't fit.
 * @throws {RangeError} If `step` is not an integer of at least 0.
 */
export function importOptimizerState(
  network: Network,
  optimizer: Optimizer,
  stored: Readonly<Record<string, StoredTensor>>,
  step: number,
): Either<CheckpointError, OptimizerState> {
  if (!Number.isSafeInteger(step) || step < 0) {
    throw new RangeError(
      `Cannot load the optimizer's state after ${step} updates: it must be an integer of at least 0`,
    );
  }
  const { [LOSS_SCALING]: storedScaling, [ACCUMULATION]: storedSums, ...running } = stored;
  const scalingState = storedScaling && readLossScaling(storedScaling, step);
  if (scalingState?._tag === "Left") return scalingState;
  const accumulation = storedSums && readAccumulation(storedSums);
  if (accumulation?._tag === "Left") return accumulation;
  const names = network.parameters.map(({ name }) => name);
  const trained = listTrained(optimizer, names);
  const slotNames = [...listSlots(optimizer), ...accumulation ? [ACCUMULATED] : []];
  const matches = matchTensors(
    "optimizer's state",
    network.parameters.filter(({ name }) => trained.includes(name)),
    running,
    slotNames.map((slot) => `${slot}/`),
  );
  if (matches._tag === "Left") {
    return left(explainSlots(matches.left, optimizer.rule.name, slotNames, running));
  }
  const all = importTensors(matches.right);
  const slots = Object.fromEntries(slotNames.map((slot) => [
    slot,
    Object.fromEntries(trained.map((name) => [name, getTensor(all, `${slot}/${name}`)])),
  ]));
  const scaling = ops.createLossScaling(scalingState?.right);
  const skipped = scalingState?.right.at(-1);
  return right({
    step,
    slots,
    ...trained.length < names.length && { trained },
    ...accumulation && {
      accumulated: {
        batches: accumulation.right.batches,
        weight: ops.createTensor(Float32Array.of(accumulation.right.weight), []),
      },
    },
    ...scaling ? { scaling } : skipped ? { skipped } : {},
  });
}

/** Says of a state that doesn't fit as it is another optimizer's what that one keeps for each parameter. */
function explainSlots(
  error: CheckpointError,
  name: string,
  slots: readonly string[],
  stored: Readonly<Record<string, StoredTensor>>,
): CheckpointError {
  const found = new Set(Object.keys(stored).map((name) => /^(\w+)\/./.exec(name)?.[1]));
  const isOther = found.size !== slots.length || !slots.every((slot) => found.has(slot));
  if (found.has(undefined) || !isOther) return error;
  const list = (names: readonly string[]) => listNames(names) || "nothing";
  return new CheckpointError(
    "Cannot load the optimizer's state as it is another optimizer's: that keeps " +
      `${list([...found].map(String))} for each parameter, and ${name} keeps ${list(slots)}`,
    error,
  );
}

/** Reads what was stored of an update that is due: how many batches were accumulated for it, and their weight. */
function readAccumulation(
  stored: StoredTensor,
): Either<CheckpointError, { readonly batches: number; readonly weight: number }> {
  const error = findShapeError("optimizer's state", ACCUMULATION, [2], stored);
  if (error) return left(error);
  const [batches = NaN, weight = NaN] = stored.data;
  return Number.isSafeInteger(batches) && batches >= 1 ? right({ batches, weight }) : left(
    new CheckpointError(
      `Cannot load the optimizer's state as its ${ACCUMULATION} can't be that of batches: ${
        [batches, weight].join(", ")
      }`,
    ),
  );
}

/** Reads a stored state of loss scaling. Those of four numbers are from before skipped updates were counted. */
function readLossScaling(
  stored: StoredTensor,
  updates: number,
): Either<CheckpointError, readonly number[]> {
  const { length } = ops.FIRST_LOSS_SCALING;
  const isOlder = isSameShape(stored.shape, [length - 1]);
  const error = findShapeError(
    "optimizer's state",
    LOSS_SCALING,
    [isOlder ? length - 1 : length],
    stored,
  );
  if (error) return left(error);
  const numbers = isOlder ? [...stored.data, 0] : [...stored.data];
  const [scale = NaN, interval = NaN, steps = NaN, overflow = NaN, skipped = NaN] = numbers;
  const fits = scale > 0 && scale < Infinity && interval >= 1 && steps >= 0 && overflow >= 0 &&
    Number.isInteger(skipped) && skipped >= 0 && skipped <= updates;
  return fits ? right(numbers) : left(
    new CheckpointError(
      `Cannot load the optimizer's state as its ${LOSS_SCALING} can't be that after ${updates} updates: ${
        numbers.join(", ")
      }`,
    ),
  );
}
