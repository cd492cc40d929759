import { fileURLToPath } from "node:url";
import { type AnsweringProcess, startAnswering } from "./answering_process.ts";

/** The system's Python, and the one that the path names. */
export const PYTHONS = ["/usr/bin/python3", "python3"];

/** Variables of the environment that a process is started with. */
export type Variables = Readonly<Record<string, string>>;

/**
 * Has glibc keep the memory that a step or a batch has freed for the next one, where by itself it gives large blocks back to the
 * system and takes new pages each time, which can cost more than what is measured.
 */
export const KEEP_MEMORY: Variables = {
  MALLOC_MMAP_MAX_: "0",
  MALLOC_TRIM_THRESHOLD_: "100000000000",
  MALLOC_TOP_PAD_: "1000000000",
};

/** Writes variables as a shell has them before a command. */
export const formatVariables = (variables: Variables): string =>
  Object.entries(variables).map(([name, value]) => `${name}=${value}`).join(" ");

/**
 * Starts a Python script that answers questions, with the first Python that has what it imports.
 *
 * @param script The script's address.
 * @param args What it is told.
 * @param needs The module that the script needs, for the message.
 * @param variables Variables of its environment, where others suit it better than those with which it keeps its memory.
 */
export async function startPython(
  script: URL,
  args: readonly string[],
  needs: string,
  variables: Variables = KEEP_MEMORY,
): Promise<AnsweringProcess | { readonly missing: string }> {
  let found: string | undefined;
  for (const python of PYTHONS) {
    const process = await startAnswering(python, {
      args: [fileURLToPath(script), ...args],
      env: { LC_ALL: "C", ...variables },
      stderr: "null",
    });
    if (process?.about) return process;
    if (process) found ??= python;
    await process?.close();
  }
  return { missing: found ? `${found} has no ${needs}` : "there is no python3" };
}
