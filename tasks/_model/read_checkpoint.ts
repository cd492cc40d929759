import { errorLine } from "../_cli/error_line.ts";
import { type Checkpoint, CheckpointError, decodeSafetensors } from "../../models/mod.ts";

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
  const decoded = decodeSafetensors(bytes);
  if (decoded._tag === "Right") return decoded.right;
  const { message, missing, extra, misshaped } = decoded.left;
  throw new CheckpointError(message.replace("Cannot read safetensors", `Cannot read ${path}`), {
    missing,
    extra,
    misshaped,
  });
}
