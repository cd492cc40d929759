/** A process that answers each line that it gets with one line. */
export interface AnsweringProcess {
  /** The line that it began with; nothing if it ended before. */
  readonly about: string | undefined;
  /**
   * Asks and waits for the answer.
   *
   * @throws {Error} When the process has ended.
   */
  ask(question: string): Promise<string>;
  close(): Promise<void>;
}

/**
 * Starts a module as a process of Deno that says a line of itself and then answers questions.
 *
 * @param module The module's address.
 * @param args What it is told.
 * @param flags Flags of `deno run` besides.
 */
export async function startModule(
  module: URL,
  args: readonly string[],
  flags: readonly string[] = [],
): Promise<AnsweringProcess> {
  const process = await startAnswering(Deno.execPath(), {
    args: ["run", "--quiet", "--no-lock", "--allow-read", ...flags, module.href, ...args],
    env: QUIET_MESA,
  });
  if (process) return process;
  throw new Error(`Cannot measure with ${Deno.execPath()}: there is no such program`);
}

/** Variables for a process that may open a device: Mesa complains where this folder is unset. */
export const QUIET_MESA: Readonly<Record<string, string>> = Deno.build.os === "linux"
  ? { XDG_RUNTIME_DIR: "/tmp" }
  : {};

/**
 * Starts a program that says a line of itself and then answers questions.
 *
 * @returns Nothing where there is no such program.
 */
export async function startAnswering(
  program: string,
  { args, env, stderr = "inherit" }: {
    readonly args: string[];
    readonly env: Readonly<Record<string, string>>;
    readonly stderr?: "inherit" | "null";
  },
): Promise<AnsweringProcess | undefined> {
  let process: Deno.ChildProcess;
  try {
    process = new Deno.Command(program, {
      args,
      env,
      stdin: "piped",
      stdout: "piped",
      stderr,
    }).spawn();
  } catch (error) {
    // Without a program of a name there is nothing that could have been granted for it.
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotCapable) {
      return undefined;
    }
    throw error;
  }
  const lines = readLines(process.stdout);
  const writer = process.stdin.getWriter();
  const { value: about } = await lines.next();
  return {
    about: about || undefined,
    async ask(question) {
      const ended = () => {
        throw new Error(`Cannot measure with ${program}: its process ended`);
      };
      await writer.write(new TextEncoder().encode(`${question}\n`)).catch(ended);
      const { value } = await lines.next();
      return value || ended();
    },
    async close() {
      await writer.close().catch(() => {}); // It may have ended by itself.
      await lines.return();
      await process.status;
    },
  };
}

/** Reads the lines of a text, without what follows the last end of a line. */
export async function* readLines(
  bytes: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<string, void> {
  let line = "";
  for await (const text of bytes.pipeThrough(new TextDecoderStream())) {
    const [first = "", ...rest] = (line + text).split("\n");
    line = first;
    for (const next of rest) {
      yield line;
      line = next;
    }
  }
}
