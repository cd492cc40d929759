import { readEnv } from "../../_cli/env.ts";

/** The result of a program. */
export interface ProgramResult {
  /** Whether it ended with exit code 0. */
  readonly success: boolean;
  /** The text that it wrote to standard error. */
  readonly stderr: string;
}

/** Runs a program in a folder to its end. */
export type RunProgram = (
  program: string,
  args: readonly string[],
  cwd: string,
) => Promise<ProgramResult>;

/**
 * Runs a program with only the environment that it needs. A named `--allow-run` refuses to pass on `LD_LIBRARY_PATH`, which
 * is set on many machines with a GPU; and the messages are parsed in English.
 */
export const runProgram: RunProgram = async (program, args, cwd) => {
  const env: Record<string, string> = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C" };
  for (const variable of ["APT_CONFIG", "http_proxy", "https_proxy", "no_proxy"]) {
    const value = readEnv(variable);
    if (value) env[variable] = value;
  }
  const { success, stderr } = await new Deno.Command(program, {
    args: [...args],
    cwd,
    env,
    clearEnv: true,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
    signal: AbortSignal.timeout(10 * 60_000),
  }).output();
  return { success, stderr: new TextDecoder().decode(stderr) };
};
