import { fileURLToPath } from "node:url";

/** What a task that ran as a process left behind. */
export interface TaskResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The lines of standard error that are errors. */
  readonly errors: readonly string[];
}

export const root: string = fileURLToPath(new URL("../../", import.meta.url));

/** Runs `deno task NAME` as a user would, with the permissions that `deno.json` gives it. */
export async function runTask(
  args: readonly string[],
  { env = {} }: { env?: Record<string, string> } = {},
): Promise<TaskResult> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", ...args],
    cwd: root,
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
    signal: AbortSignal.timeout(180_000),
    stdout: "piped",
    stderr: "piped",
  });
  const { code, stdout, stderr } = await command.output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  const errors = err.split("\n").filter((line) => line.startsWith("error:"));
  return { code, stdout: out, stderr: err, errors };
}

/** Runs a body with a new folder, which is removed afterwards. */
export async function withFolder(body: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "rill-" });
  try {
    await body(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}
