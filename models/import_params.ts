import { compare, restoreAll } from "./_store.ts";
import type { CheckpointError } from "./checkpoint_error.ts";
import type { Either } from "./either.ts";
import type { Network } from "./network.ts";
import type { Params } from "./params.ts";
import type { StoredTensor } from "./stored_tensor.ts";

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
  const entries = compare("parameters", network, stored, [""]);
  if (entries._tag === "Left") return entries;
  return { _tag: "Right", right: restoreAll(entries.right, stored) };
}
