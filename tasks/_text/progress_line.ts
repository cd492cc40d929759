import { formatBar } from "./format.ts";
import { printNote } from "./print.ts";
import { createTerminalLine, type TerminalLine } from "./terminal_line.ts";

/** The progress of some work: on a terminal one line that is drawn over and over, elsewhere a plain line now and then. */
export interface ProgressLine {
  /**
   * Shows how far the work is, if it is time to.
   *
   * @param share How much of it is done, from 0 to 1; `undefined` if nobody knows, which leaves out the bar.
   * @param text What else there is to say.
   * @param curve A curve that is drawn beside the bar of a terminal, where there is room.
   */
  show(share: number | undefined, text: string, curve?: string): void;
  /** Clears the line, so that another can be printed. */
  clear(): void;
}

/** Seconds from one plain line to the next. */
const PLAIN_INTERVAL = 10;

/** Options for {@linkcode createProgressLine}. */
export interface ProgressLineOptions {
  readonly line?: TerminalLine;
  /** Takes a plain line. */
  readonly print?: (line: string) => void;
  /** Gets the time in milliseconds. */
  readonly now?: () => number;
}

/** Creates a progress line, with a bar where the terminal is wide enough for it. */
export function createProgressLine(
  { line = createTerminalLine(), print = printNote, now = () => performance.now() }:
    ProgressLineOptions = {},
): ProgressLine {
  const interval = line.active ? 100 : PLAIN_INTERVAL * 1000;
  let last = line.active ? -Infinity : now();
  return {
    show(share, text, curve = "") {
      if (now() - last < interval) return;
      last = now();
      if (!line.active) print(text);
      else if (share === undefined) line.draw(text);
      else line.draw(...arrange(formatBar(share), curve, text));
    },
    clear: () => line.clear(),
  };
}

/** Arranges the parts of a line, from the widest to that which says the most in the least room. */
const arrange = (bar: string, curve: string, text: string): string[] =>
  curve === ""
    ? [`${bar} ${text}`, text]
    : [`${bar} ${curve} ${text}`, `${bar} ${text}`, `${curve} ${text}`, text];

/** A progress line that shows nothing. */
export const silentLine: ProgressLine = { show() {}, clear() {} };

/** Formats a share for a progress line, rounded down: `37%`. */
export const formatPercent = (share: number): string => `${Math.floor(share * 100 + 1e-9)}%`;
