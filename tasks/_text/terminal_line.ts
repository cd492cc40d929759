/** One line of a terminal's standard error that is drawn over and over; nothing is drawn if that is not a terminal. */
export interface TerminalLine {
  /** Whether anything is drawn. */
  readonly active: boolean;
  draw(text: string): void;
  clear(): void;
}

/** Creates the line at the bottom of the terminal. */
export function createTerminalLine(
  { active = Deno.stderr.isTerminal(), write = writeToStderr }: {
    readonly active?: boolean;
    readonly write?: (text: string) => void;
  } = {},
): TerminalLine {
  const erase = "\r\x1b[K";
  return {
    active,
    draw: (text) => active && write(erase + text),
    clear: () => active && write(erase),
  };
}

const writeToStderr = (text: string): void => {
  Deno.stderr.writeSync(new TextEncoder().encode(text));
};
