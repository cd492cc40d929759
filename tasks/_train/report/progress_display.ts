import type { Metrics } from "../../../models/mod.ts";
import { formatDuration } from "../../_text/format.ts";
import {
  createProgressLine,
  formatPercent,
  type ProgressLineOptions,
} from "../../_text/progress_line.ts";
import { createSparkline } from "../../_text/sparkline.ts";

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
 * Creates a display that draws a bar and the curve of the loss on a terminal, and elsewhere prints a plain line every ten seconds.
 *
 * @param options The terminal's line; a function that takes a plain line; and one that gives the time in milliseconds.
 */
export function createProgressDisplay(
  work: Work,
  options: ProgressLineOptions = {},
): ProgressDisplay {
  const { now = () => performance.now() } = options;
  const line = createProgressLine(options);
  const losses = createSparkline();
  let { seen } = work;
  // The time spent on steps, without the test passes between them.
  let busy = 0;
  let mark = now();
  return {
    step(metrics, epoch) {
      seen += metrics.size;
      busy += now() - mark;
      mark = now();
      const rate = (seen - work.seen) / Math.max(busy / 1000, 1e-3);
      losses.add(metrics.loss);
      const text = formatStep(metrics, epoch, { ...work, seen }, rate);
      line.show(seen / work.images, text, losses.format());
    },
    test(share) {
      mark = now();
      line.show(share, `evaluating, ${formatPercent(share)}`);
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
