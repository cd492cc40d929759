import { fileURLToPath } from "node:url";
import { QUIET_MESA } from "../shared/answering_process.ts";
import { toFlagName } from "../../_cli/parse_flags.ts";

/**
 * Runs `deno` for a checkout, and reads the JSON that it prints.
 *
 * @throws {Error} When it fails, with the last line that it said.
 */
export async function runForJson<T>(checkout: URL, args: readonly string[]): Promise<T> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: checkout,
    env: { NO_COLOR: "1", ...QUIET_MESA },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  if (!success) {
    const line = new TextDecoder().decode(stderr).trim().split("\n").at(-1);
    const why = line?.replace(/^error: /, "") || "it failed without a word";
    throw new Error(`Cannot measure ${fileURLToPath(checkout)}: ${why}`);
  }
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** Runs `deno task bench` of a checkout, with the program and the permissions that are its own. */
export const runBench = <T>(checkout: URL, args: readonly string[]): Promise<T> =>
  runForJson(checkout, ["task", "--quiet", "bench", ...args, "--json"]);

/** Writes values as a command line's flags; what is `undefined` is left out. */
export const toFlags = (
  values: Readonly<Record<string, string | number | boolean | undefined>>,
): string[] =>
  Object.entries(values).flatMap(([key, value]) => {
    const name = toFlagName(key);
    if (value === undefined) return [];
    if (typeof value === "boolean") return [value ? `--${name}` : `--no-${name}`];
    return [`--${name}`, String(value)];
  });
