import { fileURLToPath } from "node:url";
import { type AnsweringProcess, startAnswering } from "./answering_process.ts";

/** The system's Python, and the one that the path names. */
export const PYTHONS = ["/usr/bin/python3", "python3"];

/**
 * Starts a Python script that answers questions, with the first Python that has what it imports.
 *
 * @param script The script's address.
 * @param args What it is told.
 * @param needs The module that the script needs, for the message.
 */
export async function startPython(
  script: URL,
  args: readonly string[],
  needs: string,
): Promise<AnsweringProcess | { readonly missing: string }> {
  let found: string | undefined;
  for (const python of PYTHONS) {
    const process = await startAnswering(python, {
      args: [fileURLToPath(script), ...args],
      env: { LC_ALL: "C" },
      stderr: "null",
    });
    if (process?.about) return process;
    if (process) found ??= python;
    await process?.close();
  }
  return { missing: found ? `${found} has no ${needs}` : "there is no python3" };
}
