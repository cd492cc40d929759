import { linesOf } from "./lines_of.ts";

/** A process that answers each line that it gets with one line. */
export interface AnsweringProcess {
  /** What it said of itself when it began; nothing if it ended before. */
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
 * Starts a process that says a line of itself and then answers questions.
 *
 * @returns Nothing where there is no such program.
 */
export async function startAnswering(
  program: string,
  { args, env, clearEnv = false, stderr = "inherit" }: {
    readonly args: string[];
    readonly env?: Record<string, string>;
    readonly clearEnv?: boolean;
    readonly stderr?: "inherit" | "null";
  },
): Promise<AnsweringProcess | undefined> {
  let process: Deno.ChildProcess;
  try {
    process = new Deno.Command(program, {
      args,
      env,
      clearEnv,
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
  const lines = linesOf(process.stdout);
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
