/**
 * Prints a line on standard error. One that the system refuses is left out, as where the terminal is gone or the disk of a
 * log is full: what tells of the work must not end it.
 */
export function printNote(line: string): void {
  try {
    console.error(line);
  } catch {
    // Nobody reads it.
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
  print: (line: string) => void = console.log,
  warn: (line: string) => void = printNote,
): (line: string) => void {
  let warned = false;
  return (line) => {
    try {
      print(line);
    } catch (error) {
      if (!warned) warn(`warning: Cannot print results, and goes on without: ${toText(error)}`);
      warned = true;
    }
  };
}

const toText = (error: unknown): string => error instanceof Error ? error.message : String(error);
