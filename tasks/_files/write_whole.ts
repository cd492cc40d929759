import { errorLine } from "../_cli/error_line.ts";

/**
 * Writes a file whole or not at all: into a temporary file beside it, flushed to the disk, then renamed.
 *
 * @param parts The bytes, one part behind the other.
 * @throws {Error} When it cannot be written, in one line that names the path; nothing is left behind then.
 */
export async function writeWhole(
  path: string,
  parts: readonly Uint8Array[],
): Promise<void> {
  const temporary = `${path}.${crypto.randomUUID().slice(0, 8)}.tmp`;
  try {
    {
      using file = await Deno.open(temporary, { write: true, createNew: true });
      for (const part of parts) {
        for (let at = 0; at < part.length;) at += await file.write(part.subarray(at));
      }
      await file.sync();
    }
    await Deno.rename(temporary, path);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw new Error(`Cannot write ${path} as the system refuses: ${errorLine(error)}`, {
      cause: error,
    });
  }
}

/** Writes a text whole or not at all, as `writeWhole` does. */
export const writeWholeText = (path: string, text: string): Promise<void> =>
  writeWhole(path, [new TextEncoder().encode(text)]);
