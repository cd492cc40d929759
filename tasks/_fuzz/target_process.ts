import type { Outcome } from "./decoder.ts";
import { encodeFrame, ROUND, type RoundRequest } from "./frames.ts";

/** A decoder that did something that it must not do. */
export class FuzzProblem extends Error {}

/** Options for {@linkcode TargetProcess}: the decoders, and their limits. */
export interface TargetOptions {
  /** The address of the module that exports them as `decoders`. */
  readonly module?: string;
  /** The time after which a run counts as hanging, in milliseconds. */
  readonly timeLimit?: number;
  /** The most that the heap may hold, in MiB. */
  readonly heapLimit?: number;
}

/** Runs decoders in a process of their own, and starts another if that is lost. */
export class TargetProcess implements AsyncDisposable {
  readonly #module: string;
  readonly #timeLimit: number;
  readonly #heapLimit: number;
  #folder: string | undefined;
  #running: Running | undefined;

  constructor(
    { module = import.meta.resolve("./decoders.ts"), timeLimit = 5000, heapLimit = 256 }:
      TargetOptions = {},
  ) {
    this.#module = module;
    this.#timeLimit = timeLimit;
    this.#heapLimit = heapLimit;
  }

  /**
   * Runs a decoder on an input.
   *
   * @throws {FuzzProblem} If the decoder does something that it must not do.
   */
  async run(name: string, input: Uint8Array): Promise<Outcome> {
    const { outcome, problem } = await this.#ask(encodeFrame(name, input));
    if (problem !== undefined) throw new FuzzProblem(problem);
    return outcome!;
  }

  /**
   * Runs a decoder on as many inputs as the request says, one after the other.
   *
   * @returns How many it read and refused; undefined if it did something that it must not do, with whichever of them.
   */
  async runRound(request: RoundRequest): Promise<RoundTally | undefined> {
    const bytes = new TextEncoder().encode(JSON.stringify(request));
    try {
      let answer = await this.#ask(encodeFrame(ROUND, bytes));
      while (!answer.tally && answer.problem === undefined) answer = await this.#ask();
      return answer.tally;
    } catch (error) {
      if (error instanceof FuzzProblem) return undefined;
      throw error;
    }
  }

  /** Sends a frame, if there is one, and takes the next answer. */
  async #ask(frame?: Uint8Array<ArrayBuffer>): Promise<Answer> {
    if (!this.#running) {
      this.#folder ??= await Deno.makeTempDir({ prefix: "rill-fuzz-" });
      this.#running = startProcess(this.#module, this.#folder, this.#heapLimit);
      // The time to load it counts for no input.
      await this.#running.lines.next();
    }
    const { process, writer, lines } = this.#running;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<"late">((resolve) => {
      timer = setTimeout(() => resolve("late"), this.#timeLimit);
    });
    const ask = async () => {
      if (frame) await writer.write(frame);
      return await lines.next();
    };
    // A broken pipe is a crash, as is the end of the answers.
    const asked = ask().catch(() => ({ done: true, value: undefined }) as const);
    const answer = await Promise.race([asked, late]);
    clearTimeout(timer);
    if (answer === "late") {
      await this.#end();
      throw new FuzzProblem(`a hang, ${this.#timeLimit / 1000} s without an answer`);
    }
    if (answer.done) {
      const { code, signal } = await process.status;
      await this.#end();
      throw new FuzzProblem(`a crash, the process ended with ${signal ?? `code ${code}`}`);
    }
    return JSON.parse(answer.value);
  }

  /** Ends the process, and removes its folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end();
    if (this.#folder !== undefined) await Deno.remove(this.#folder, { recursive: true });
    this.#folder = undefined;
  }

  async #end(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    if (!running) return;
    try {
      running.process.kill("SIGKILL");
    } catch { /* It ended by itself. */ }
    await running.process.status;
    await running.writer.abort().catch(() => {});
    await running.lines.return?.();
  }
}

/** How many inputs were read and refused. */
export interface RoundTally {
  readonly read: number;
  readonly refused: number;
}

/** What the process says of an input, of a round, or, if it is empty, that a round goes on. */
interface Answer {
  readonly outcome?: Outcome;
  readonly problem?: string;
  readonly tally?: RoundTally;
}

interface Running {
  readonly process: Deno.ChildProcess;
  readonly writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  /** The lines that it prints: that it is ready, then an answer to each input. */
  readonly lines: AsyncIterator<string>;
}

function startProcess(module: string, folder: string, heapLimit: number): Running {
  const process = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      "--allow-read",
      `--allow-write=${folder}`,
      `--v8-flags=--max-old-space-size=${heapLimit}`,
      import.meta.resolve("./target.ts"),
      module,
      folder,
    ],
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  return { process, writer: process.stdin.getWriter(), lines: readLines(process.stdout) };
}

async function* readLines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string, void> {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const bytes of stream) {
    const parts = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = parts.pop() ?? "";
    yield* parts;
  }
}
