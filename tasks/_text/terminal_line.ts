/** One line of a terminal's standard error that is drawn over and over; nothing is drawn if that is not a terminal. */
export interface TerminalLine {
  /** Whether anything is drawn. */
  readonly active: boolean;
  /** Draws the first of the texts that fits the terminal's width, else as much of the last one as does. */
  draw(...texts: readonly string[]): void;
  clear(): void;
}

/** Options for {@linkcode createTerminalLine}. */
export interface TerminalLineOptions {
  readonly active?: boolean;
  readonly write?: (text: string) => void;
  /** Measures the terminal's width, in columns. */
  readonly measureColumns?: () => number;
}

/**
 * Creates the line at the bottom of the terminal. A line longer than the terminal would leave a part of it behind at each
 * draw, so it is measured anew each time: the window may have become narrower. A character of the texts takes a column.
 */
export function createTerminalLine(
  {
    active = Deno.stderr.isTerminal(),
    write = writeToStderr,
    measureColumns = measureTerminal,
  }: TerminalLineOptions = {},
): TerminalLine {
  const erase = "\r\x1b[K";
  return {
    active,
    draw(...texts) {
      if (!active) return;
      // Some terminals begin a new line behind the last column.
      const width = Math.max(0, measureColumns() - 1);
      const text = texts.find(({ length }) => length <= width) ?? texts.at(-1) ?? "";
      write(erase + text.slice(0, width));
    },
    clear: () => active && write(erase),
  };
}

/** Measures the terminal's width, in columns: 80 if there is none that says it. */
export function measureTerminal(): number {
  try {
    // A terminal that doesn't say has 0.
    return Deno.consoleSize().columns || 80;
  } catch {
    return 80;
  }
}

function writeToStderr(text: string): void {
  try {
    Deno.stderr.writeSync(new TextEncoder().encode(text));
  } catch {
    // The terminal is gone. Nobody looks any more, and the work goes on.
  }
}
