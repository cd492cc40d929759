import { formatError } from "../_cli/errors.ts";

/** Takes events, each an object, for a file of JSON lines. */
export interface JsonLog {
  write(event: { readonly event: string } & Record<string, unknown>): void;
}

/**
 * Opens a log. Without a path it ignores the events.
 *
 * @param append Whether to append to the file, as a run goes on.
 * @throws {Error} If the file cannot be written.
 */
export async function openJsonLog(path: string | undefined, append: boolean): Promise<JsonLog> {
  if (path === undefined) return { write() {} };
  const refuse = (error: unknown): never => {
    throw new Error(`Cannot write the log ${path} as the system refuses: ${formatError(error)}`, {
      cause: error,
    });
  };
  const file = await Deno.open(path, { write: true, create: true, append, truncate: !append })
    .catch(refuse);
  const encoder = new TextEncoder();
  return {
    write(event) {
      const line = encoder.encode(JSON.stringify(event) + "\n");
      try {
        for (let at = 0; at < line.length;) at += file.writeSync(line.subarray(at));
      } catch (error) {
        refuse(error);
      }
    },
  };
}
