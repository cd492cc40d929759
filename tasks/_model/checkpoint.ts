import { formatError } from "../_cli/errors.ts";
import {
  type Checkpoint,
  CheckpointError,
  decodeSafetensors,
  importParams,
  type Network,
  type Params,
  type StoredTensor,
} from "../../models/mod.ts";

/**
 * Reads a safetensors file.
 *
 * @throws {CheckpointError} When it cannot be read or is no such file.
 */
export async function readCheckpoint(path: string): Promise<Checkpoint> {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = await Deno.readFile(path);
  } catch (error) {
    throw new CheckpointError(
      error instanceof Deno.errors.NotFound
        ? `Cannot read ${path} as there is no such file`
        : `Cannot read ${path} as the system refuses: ${formatError(error)}`,
    );
  }
  const decoded = decodeSafetensors(bytes);
  if (decoded._tag === "Right") return decoded.right;
  const { message, missing, extra, misshaped } = decoded.left;
  throw new CheckpointError(message.replace("Cannot read safetensors", `Cannot read ${path}`), {
    missing,
    extra,
    misshaped,
  });
}

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
  const { message, missing, extra, misshaped } = imported.left;
  throw new CheckpointError(`${path}: ${message}`, { missing, extra, misshaped });
}
