import { store } from "./_store.ts";
import type { Network } from "./network.ts";
import type { Params } from "./params.ts";
import type { StoredTensor } from "./stored_tensor.ts";

/**
 * Copies parameters out of the backend, in PyTorch's names and layouts.
 *
 * @example Usage
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import { build, exportParams, linear, openBackend, randomKey } from "@rill/rill/models";
 *
 * const backend = await openBackend("wasm");
 * const network = build(linear(2), [3]);
 * assert(network._tag === "Right");
 * const stored = await exportParams(network.right, network.right.init(randomKey(0)));
 * assertEquals(stored["weight"].shape, [2, 3]);
 * await backend.close();
 * ```
 *
 * @param network The network whose parameters they are.
 * @param params The parameters; they stay as they are.
 * @returns Each parameter by its name.
 */
export async function exportParams(
  network: Network,
  params: Params,
): Promise<Record<string, StoredTensor>> {
  const stored: Record<string, StoredTensor> = {};
  for (const spec of network.parameters) stored[spec.name] = await store(spec, params[spec.name]);
  return stored;
}
