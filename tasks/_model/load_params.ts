import { importParams, type Network, type Params, type StoredTensor } from "../../models/mod.ts";

/**
 * Copies a checkpoint's tensors to the backend.
 *
 * @param path The file they were read from, for the message.
 * @throws {CheckpointError} When they don't fit the network; it names every one that doesn't.
 */
export function loadParams(
  network: Network,
  tensors: Readonly<Record<string, StoredTensor>>,
  path: string,
): Params {
  const imported = importParams(network, tensors);
  if (imported._tag === "Right") return imported.right;
  throw imported.left.withSource(path);
}
