import { LOSS_SCALING } from "./_optimizer.ts";
import * as ops from "./_ops.ts";
import { compare, misfitOfShape, restoreAll } from "./_store.ts";
import type { CheckpointError } from "./checkpoint_error.ts";
import type { Either } from "./either.ts";
import type { Network } from "./network.ts";
import type { Optimizer } from "./optimizer.ts";
import type { OptimizerState } from "./optimizer_state.ts";
import type { StoredTensor } from "./stored_tensor.ts";

/**
 * Copies an optimiser's running values, as `exportOptimizerState` gives them, to the backend. In mixed precision the state of
 * loss scaling goes on, or begins where there is none; otherwise it is left.
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
 * @param optimizer The optimiser that goes on.
 * @param stored Each running value by its name.
 * @param step How many updates were made.
 * @returns The state, owned by the caller, or the error that names every tensor that doesn't fit.
 * @throws {RangeError} If `step` is not a whole number of at least 0.
 */
export function importOptimizerState(
  network: Network,
  optimizer: Optimizer,
  stored: Readonly<Record<string, StoredTensor>>,
  step: number,
): Either<CheckpointError, OptimizerState> {
  if (!Number.isSafeInteger(step) || step < 0) {
    throw new RangeError(
      `Cannot load the optimiser's state after ${step} updates: it must be a whole number of at least 0`,
    );
  }
  const { [LOSS_SCALING]: storedScaling, ...running } = stored;
  if (storedScaling) {
    const error = misfitOfShape("optimiser's state", LOSS_SCALING, [4], storedScaling);
    if (error) return { _tag: "Left", left: error };
  }
  const entries = compare(
    "optimiser's state",
    network,
    running,
    optimizer.slots.map((slot) => `${slot}/`),
  );
  if (entries._tag === "Left") return entries;
  const all = restoreAll(entries.right, stored);
  const slots = Object.fromEntries(optimizer.slots.map((slot) => [
    slot,
    Object.fromEntries(
      network.parameters.map(({ name }) => [name, all[`${slot}/${name}`]]),
    ),
  ]));
  const scaling = ops.lossScaling(storedScaling?.data);
  return { _tag: "Right", right: { step, slots, ...scaling && { scaling } } };
}
