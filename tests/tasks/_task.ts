import { fileURLToPath } from "node:url";

/** The result of a task that ran as a process. */
export interface TaskResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The lines of standard error that are errors. */
  readonly errors: readonly string[];
}

export const root: string = fileURLToPath(new URL("../../", import.meta.url));

/**
 * Runs `deno task NAME` as a user would, with the permissions that `deno.json` gives it.
 *
 * @param options More environment; and the folder to stand in, the checkout by default.
 */
export async function runTask(
  args: readonly string[],
  { env = {}, cwd = root }: { env?: Record<string, string>; cwd?: string } = {},
): Promise<TaskResult> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "--config", `${root}deno.json`, ...args],
    cwd,
    // The tests themselves may run in a task.
    env: { NO_COLOR: "1", INIT_CWD: cwd, ...env },
    stdin: "null",
    signal: AbortSignal.timeout(180_000),
    stdout: "piped",
    stderr: "piped",
  });
  const { code, stdout, stderr } = await command.output();
  const text = new TextDecoder().decode(stderr);
  const errors = text.split("\n").filter((line) => line.startsWith("error:"));
  return { code, stdout: new TextDecoder().decode(stdout), stderr: text, errors };
}

/** Reads the arguments with which `deno.json` has Deno run a task. */
export async function readTaskArgs(task: string): Promise<string[]> {
  const { tasks } = JSON.parse(await Deno.readTextFile(`${root}deno.json`));
  const permissions = await Deno.readTextFile(`${root}tasks/permissions.txt`);
  const command: string = tasks[task].command;
  const [, ...args] = command.replace("$(cat tasks/permissions.txt)", permissions.trim()).split(
    /\s/,
  );
  return args;
}

/** Runs a body with a new folder, which is removed afterwards. */
export async function withFolder<T>(body: (dir: string) => Promise<T>): Promise<T> {
  const dir = await Deno.makeTempDir({ prefix: "rill-" });
  try {
    return await body(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}
