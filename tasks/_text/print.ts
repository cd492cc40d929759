/** Nobody reads what a task prints any more: the program behind the pipe has ended, such as `head -3`. */
export class ClosedOutputError extends Error {
  constructor() {
    super("nobody reads the results any more");
    this.name = "ClosedOutputError";
  }
}

/** The exit code of a program that writes to a pipe which nobody reads from: that of the signal SIGPIPE. */
export const CLOSED_OUTPUT_CODE = 128 + 13;

let listener: (() => void) | undefined;

/**
 * Has a function called at each line that is printed where nobody reads any more, on standard output or on standard error. As long
 * as there is one, no such line is an error.
 */
export function listenForClosedOutput(onClosed: () => void): Disposable {
  listener = onClosed;
  return {
    [Symbol.dispose]() {
      if (listener === onClosed) listener = undefined;
    },
  };
}

/**
 * Prints a line on standard error. One that the system refuses is left out, as where the terminal is gone or the disk of a
 * log is full: what tells of the work must not end it.
 */
export function printNote(line: string): void {
  try {
    writeLine(Deno.stderr, line);
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) listener?.();
  }
}

/**
 * Prints lines of results on standard output.
 *
 * @throws {ClosedOutputError} If nobody reads them any more, and no other part of the program takes care of that.
 * @throws {Error} If the system refuses.
 */
export function printResult(line: string): void {
  try {
    writeLine(Deno.stdout, line);
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
    if (!listener) throw new ClosedOutputError();
    listener();
  }
}

/** Writes a line. Deno's console says nothing of a pipe that nobody reads from. */
function writeLine(stream: Pick<typeof Deno.stdout, "writeSync">, line: string): void {
  const bytes = new TextEncoder().encode(line + "\n");
  for (let at = 0; at < bytes.length;) {
    try {
      at += stream.writeSync(bytes.subarray(at));
    } catch (error) {
      if (!(error instanceof Deno.errors.WouldBlock)) throw error;
      // A pipe that another program has set not to block is full for the moment.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

/**
 * Creates a function that prints lines of results on standard output while the work goes on. A line that the system refuses
 * is left out, and the first time a warning says so.
 *
 * @param print Prints a line, and throws if the system refuses.
 * @param warn Takes the warning.
 */
export function createResultPrinter(
  print: (line: string) => void = printResult,
  warn: (line: string) => void = printNote,
): (line: string) => void {
  let warned = false;
  return (line) => {
    try {
      print(line);
    } catch (error) {
      if (error instanceof ClosedOutputError) throw error;
      if (!warned) warn(`warning: Cannot print results, and goes on without: ${toText(error)}`);
      warned = true;
    }
  };
}

const toText = (error: unknown): string => error instanceof Error ? error.message : String(error);
