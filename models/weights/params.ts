/**
 * Parameters at rest.
 *
 * @module
 */

import type { Network } from "../layers/network.ts";
import type { NamedSpec } from "../layers/variable_spec.ts";
import { getTensor } from "../types/_tensors.ts";
import { type Either, right } from "../types/either.ts";
import type { Variables } from "../types/variables.ts";
import { importTensors, matchTensors } from "./_stored_tensors.ts";
import { collectTensors, streamVariables } from "./_stream_tensors.ts";
import type { StoredTensor } from "./checkpoint.ts";
import type { CheckpointError } from "./checkpoint_error.ts";

export type { Network } from "../layers/network.ts";
export type { Either } from "../types/either.ts";
export type { Variables } from "../types/variables.ts";
export type { StoredTensor } from "./checkpoint.ts";
export { CheckpointError, type CheckpointErrorFacts } from "./checkpoint_error.ts";

/**
 * Copies parameters and buffers out of the backend, in PyTorch's names and layouts.
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
 * @param network The network that they belong to.
 * @param variables The parameters and buffers, or the state of a training; they stay as they are.
 * @returns Each tensor by its name. Rejects with a `RangeError` if a step has consumed the state.
 */
export async function exportParams(
  network: Network,
  variables: Variables,
): Promise<Record<string, StoredTensor>> {
  return await collectTensors(streamVariables(network, variables));
}

/**
 * Copies parameters and buffers in PyTorch's names and layouts to the backend.
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
 * @param stored Each tensor by its name.
 * @returns New tensors, owned by the caller, or the error that names every tensor that is missing, extra or misshaped.
 */
export function importParams(
  network: Network,
  stored: Readonly<Record<string, StoredTensor>>,
): Either<CheckpointError, Variables> {
  const { parameters, buffers } = network;
  const matches = matchTensors("parameters", [...parameters, ...buffers], stored, [""]);
  if (matches._tag === "Left") return matches;
  const tensors = importTensors(matches.right);
  const take = (specs: readonly NamedSpec[]) =>
    Object.fromEntries(specs.map(({ name }) => [name, getTensor(tensors, name)]));
  return right({ params: take(parameters), buffers: take(buffers) });
}
