import { gatherParts } from "./_parts.ts";
import { LOSS_SCALING } from "./_optimizer.ts";
import { store, storeNumbers } from "./_store.ts";
import type { Communicator } from "./communicator.ts";
import type { Network } from "./network.ts";
import type { OptimizerState } from "./optimizer_state.ts";
import { singleProcess } from "./single_process.ts";
import type { StoredTensor } from "./stored_tensor.ts";

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
