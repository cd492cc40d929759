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
  // The images of steps behind the first, and the time spent on them, without the test passes between. The first step also starts
  // workers and compiles programs, so that it would promise hours where minutes are left.
  let timed = 0;
  let busy = 0;
  let mark: number | undefined;
  return {
    step(metrics, epoch) {
      seen += metrics.size;
      if (mark !== undefined) {
        timed += metrics.size;
        busy += now() - mark;
      }
      mark = now();
      const rate = busy < LEAST_BUSY ? undefined : timed / (busy / 1000);
      losses.add(metrics.loss);
      const text = formatStep(metrics, epoch, { ...work, seen }, rate);
      line.show(seen / work.images, text, losses.format());
    },
    test(share) {
      if (mark !== undefined) mark = now();
      line.show(share, `evaluating, ${formatPercent(share)}`);
    },
    clear: () => line.clear(),
  };
}

/** The milliseconds of steps from which on a rate is told. */
const LEAST_BUSY = 1000;

/** Formats a step; `rate` is in images per second, and `undefined` where it isn't known yet. */
export function formatStep(
  { step, loss }: Metrics,
  epoch: number,
  { epochs, steps, images, seen }: Work,
  rate: number | undefined,
): string {
  return [
    `epoch ${epoch}/${epochs}`,
    `step ${step}/${steps}`,
    `loss ${loss.toFixed(4)}`,
    ...rate === undefined ? [] : [
      `${rate.toFixed(rate < 100 ? 1 : 0)} images/s`,
      `${formatDuration((images - seen) / rate)} left`,
    ],
  ].join(", ");
}
