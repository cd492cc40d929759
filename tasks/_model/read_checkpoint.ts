import { errorLine } from "../_cli/error_line.ts";
import {
  type Checkpoint,
  CheckpointError,
  decodeSafetensors,
  getOrThrow,
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
        : `Cannot read ${path} as the system refuses: ${errorLine(error)}`,
    );
  }
  return getOrThrow(decodeSafetensors(bytes, { source: path }));
}
