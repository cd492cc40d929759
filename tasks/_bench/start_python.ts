import { type AnsweringProcess, startAnswering } from "./answering_process.ts";

/** The system's, and the one that the path names. */
const PYTHONS = ["/usr/bin/python3", "python3"];

/**
 * Starts a Python script of this folder that answers questions, with the first Python that has what it imports.
 *
 * @param needs The module that the script needs, for the message.
 */
export async function startPython(
  script: string,
  args: readonly string[],
  needs: string,
): Promise<AnsweringProcess | { readonly missing: string }> {
  let found: string | undefined;
  for (const python of PYTHONS) {
    const process = await startAnswering(python, {
      args: [new URL(script, import.meta.url).pathname, ...args],
      env: { LC_ALL: "C" },
      stderr: "null",
    });
    if (process?.about) return process;
    if (process) found ??= python;
    await process?.close();
  }
  return { missing: found ? `${found} has no ${needs}` : "there is no python3" };
}
