import type { Metrics } from "../../models/mod.ts";
import { formatBar, formatDuration } from "../_text/format.ts";
import { createTerminalLine, type TerminalLine } from "../_text/terminal_line.ts";

/** The display of a run's progress. */
export interface ProgressDisplay {
  /** Shows a step. */
  step(metrics: Metrics, epoch: number): void;
  /** Shows a test pass, from 0 to 1. */
  test(share: number): void;
  /** Clears the line, so that another can be printed. */
  clear(): void;
}

/** A display that shows nothing. */
export const silentDisplay: ProgressDisplay = { step() {}, test() {}, clear() {} };

/** Seconds from one plain line to the next. */
const PLAIN_INTERVAL = 10;

/** The work of a run. */
export interface Work {
  readonly epochs: number;
  /** The steps of the whole run. */
  readonly steps: number;
  /** The images that all its steps see. */
  readonly images: number;
  /** The images seen before this process began. */
  readonly seen: number;
}

/**
 * Creates a display that draws a bar on a terminal, and elsewhere prints a plain line every ten seconds.
 *
 * @param options The terminal's line; a function that takes a plain line; and one that gives the time in milliseconds.
 */
export function createProgressDisplay(
  work: Work,
  { line = createTerminalLine(), print = console.error, now = () => performance.now() }: {
    readonly line?: TerminalLine;
    readonly print?: (line: string) => void;
    readonly now?: () => number;
  } = {},
): ProgressDisplay {
  const begin = now();
  let { seen } = work;
  let last = line.active ? -Infinity : begin;
  // The time spent on steps, without the test passes between them.
  let busy = 0;
  let mark = begin;
  const isDue = (seconds: number) => {
    if (now() - last < seconds * 1000) return false;
    last = now();
    return true;
  };
  return {
    step(metrics, epoch) {
      seen += metrics.size;
      busy += now() - mark;
      mark = now();
      const rate = (seen - work.seen) / Math.max(busy / 1000, 1e-3);
      const text = formatStep(metrics, epoch, { ...work, seen }, rate);
      if (line.active && isDue(0.1)) line.draw(`${formatBar(seen / work.images)} ${text}`);
      else if (!line.active && isDue(PLAIN_INTERVAL)) print(text);
    },
    test(share) {
      mark = now();
      if (line.active && isDue(0.1)) line.draw(`${formatBar(share)} testing`);
      else if (!line.active && isDue(PLAIN_INTERVAL)) print(`testing, ${Math.round(share * 100)}%`);
    },
    clear: () => line.clear(),
  };
}

/** Formats a step; `rate` is in images per second. */
export function formatStep(
  { step, loss }: Metrics,
  epoch: number,
  { epochs, steps, images, seen }: Work,
  rate: number,
): string {
  return [
    `epoch ${epoch}/${epochs}`,
    `step ${step}/${steps}`,
    `loss ${loss.toFixed(4)}`,
    `${rate.toFixed(rate < 100 ? 1 : 0)} images/s`,
    `${formatDuration((images - seen) / rate)} left`,
  ].join(", ");
}
