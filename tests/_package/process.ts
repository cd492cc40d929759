/** The exit code of a process, and what it printed. */
export interface ProcessResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, which comes by force when it takes longer than two minutes, or than it is given. */
export async function runProcess(
  program: string,
  args: readonly string[],
  cwd: string,
  patience = 120_000,
  env: Readonly<Record<string, string>> = {},
): Promise<ProcessResult> {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    cwd,
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(patience),
  }).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: decode(stdout), stderr: decode(stderr) };
}

/** Runs a program that must succeed, and gives what it printed. */
export async function runForOutput(
  program: string,
  args: readonly string[],
  cwd: string,
  patience?: number,
  env?: Readonly<Record<string, string>>,
): Promise<string> {
  const { code, stdout, stderr } = await runProcess(program, args, cwd, patience, env);
  if (code !== 0) {
    throw new Error(
      `Cannot continue as ${program} ${args.join(" ")} ended with ${code}:\n${stderr}`,
    );
  }
  return stdout;
}
