import type { Network } from "../layers/network.ts";
import * as ops from "../ops/_ops.ts";
import { LOSS_SCALING } from "../optimizers/_optimizer.ts";
import type { Optimizer, OptimizerState } from "../optimizers/optimizer.ts";
import { gatherParts } from "../parallel/_parts.ts";
import type { Communicator } from "../parallel/communicator.ts";
import { singleProcess } from "../parallel/single_process.ts";
import type { Either } from "../types/either.ts";
import { compare, misfitOfShape, restoreAll, store, storeNumbers } from "./_store.ts";
import type { StoredTensor } from "./checkpoint.ts";
import type { CheckpointError } from "./checkpoint_error.ts";

/**
 * Copies an optimiser's running values out of the backend, in PyTorch's layouts, named `<slot>/<parameter>`, such as
 * `m/conv.0.weight`, and in mixed precision the state of loss scaling as `loss_scaling`. The number of updates is the caller's to keep.
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
 * const state = optimizer.init(network.right.init(rill.randomKey(0)));
 * const stored = await rill.exportOptimizerState(network.right, state);
 * assertEquals(Object.keys(stored), ["m/weight", "m/bias", "v/weight", "v/bias"]);
 * await backend.close();
 * ```
 *
 * @param network The network whose parameters are optimised.
 * @param state The state; it stays as it is.
 * @param communicator Whom the training is shared with; nobody by default. All ranks must export then, and each gets the
 * whole of what they have.
 * @returns Each running value by its name. Rejects with a `CommunicatorError` if another rank failed.
 */
export async function exportOptimizerState(
  network: Network,
  state: OptimizerState,
  communicator: Communicator = singleProcess(),
): Promise<Record<string, StoredTensor>> {
  const stored: Record<string, StoredTensor> = {};
  for (const [slot, values] of Object.entries(state.slots)) {
    if (communicator.size > 1) {
      const arrays = gatherParts(network, values, communicator);
      for (const [i, spec] of network.parameters.entries()) {
        stored[`${slot}/${spec.name}`] = storeNumbers(spec, arrays[i]);
      }
      continue;
    }
    for (const spec of network.parameters) {
      stored[`${slot}/${spec.name}`] = await store(spec, values[spec.name]);
    }
  }
  if (state.scaling) {
    const data = await state.scaling.data() as Float32Array<ArrayBuffer>;
    stored[LOSS_SCALING] = { shape: [data.length], data };
  }
  return stored;
}

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
      `Cannot load the optimiser's state after ${step} updates: it must be an integer of at least 0`,
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
