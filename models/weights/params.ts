/**
 * Parameters at rest.
 *
 * @module
 */

import type { Network } from "../layers/network.ts";
import { type Either, right } from "../types/either.ts";
import type { Params } from "../types/tensor.ts";
import { importTensors, matchTensors } from "./_stored_tensors.ts";
import { collectTensors, streamTensors } from "./_stream_tensors.ts";
import type { StoredTensor } from "./checkpoint.ts";
import type { CheckpointError } from "./checkpoint_error.ts";

export type { Network } from "../layers/network.ts";
export type { Either } from "../types/either.ts";
export type { Params } from "../types/tensor.ts";
export type { StoredTensor } from "./checkpoint.ts";
export { CheckpointError, type CheckpointErrorFacts } from "./checkpoint_error.ts";

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
 * assertEquals(stored["weight"]?.shape, [2, 3]);
 * await backend.close();
 * ```
 *
 * @param network The network that the parameters belong to.
 * @param params The parameters; they stay as they are.
 * @returns Each parameter by its name.
 */
export async function exportParams(
  network: Network,
  params: Params,
): Promise<Record<string, StoredTensor>> {
  return await collectTensors(streamTensors(network, params));
}

/**
 * Copies parameters in PyTorch's names and layouts to the backend.
 *
 * @example Usage
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import { build, importParams, linear } from "@rill/rill/models";
 *
 * const network = build(linear(2), [3]);
 * assert(network._tag === "Right");
 * const stored = { weight: { shape: [2, 3], data: new Float32Array(6) } };
 * const params = importParams(network.right, stored);
 * assert(params._tag === "Left");
 * assertEquals(params.left.missing, ["bias"]);
 * ```
 *
 * @param network The network that they are for.
 * @param stored Each parameter by its name.
 * @returns New tensors, owned by the caller, or the error that names every tensor that is missing, extra or misshaped.
 */
export function importParams(
  network: Network,
  stored: Readonly<Record<string, StoredTensor>>,
): Either<CheckpointError, Params> {
  const matches = matchTensors("parameters", network, stored, [""]);
  return matches._tag === "Left" ? matches : right(importTensors(matches.right));
}
