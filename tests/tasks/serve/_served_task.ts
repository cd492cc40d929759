import { readTaskArgs, root } from "../_task.ts";

/** A task that serves, as a process. */
export interface ServedTask {
  /** Its address, without the slash at the end. */
  readonly url: string;
  readonly process: Deno.ChildProcess;
  /** What it has printed on standard error so far. */
  readonly notes: () => string;
}

/** How a task that serves is started. */
export interface ServedTaskOptions {
  /** Deno's arguments. */
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Runs a task that serves, with the permissions that `deno.json` gives it, until a body has used it. The body ends it; if it fails,
 * the task is killed.
 *
 * @param env More environment.
 */
export async function withServedTask(
  [task = "", ...args]: readonly string[],
  env: Readonly<Record<string, string>>,
  body: (served: ServedTask) => Promise<void>,
): Promise<void> {
  await withServedProcess({
    args: [...await readTaskArgs(task), ...args].toSpliced(1, 0, "--no-prompt"),
    cwd: root,
    env: { NO_COLOR: "1", DENO_WEBGPU_BACKEND: "none", INIT_CWD: root, ...env },
  }, body);
}

/** Runs a task that serves, however it is started, as `withServedTask` does. */
export async function withServedProcess(
  { args, ...options }: ServedTaskOptions,
  body: (served: ServedTask) => Promise<void>,
): Promise<void> {
  const process = new Deno.Command(Deno.execPath(), {
    ...options,
    args: [...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const found = Promise.withResolvers<string>();
  const texts = { stdout: "", stderr: "" };
  const collect = async (name: "stdout" | "stderr") => {
    for await (const text of process[name].pipeThrough(new TextDecoderStream())) {
      texts[name] += text;
      const match = /http:\/\/127\.0\.0\.1:\d+(?=\/)/.exec(texts[name]);
      if (match) found.resolve(match[0]);
    }
  };
  const reading = Promise.all([collect("stdout"), collect("stderr")]);
  const ended = process.status.then(({ code }) => {
    throw new Error(`the task ended with ${code}: ${texts.stderr}`);
  });
  ended.catch(() => {});
  try {
    const url = await Promise.race([found.promise, ended]);
    await body({ url, process, notes: () => texts.stderr });
  } finally {
    try {
      process.kill("SIGKILL");
    } catch { /* It has ended. */ }
    await reading;
    await process.status;
  }
}
