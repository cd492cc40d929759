/**
 * The metrics of training steps.
 *
 * @module
 */

import { readStepMeans, type StepMetrics } from "./_step_metrics.ts";

export type { StepMetrics } from "./_step_metrics.ts";

/**
 * The metrics of a training step as numbers.
 *
 * @typeParam M The names of the metrics beside the loss.
 */
export type Metrics<M extends string = "accuracy"> =
  & {
    /** The step's number, from 1. */
    readonly step: number;
    /** The number of examples that it saw. */
    readonly size: number;
    /** The mean loss of the batch before the update. */
    readonly loss: number;
  }
  & {
    readonly [
      /** The metric's mean over the batch before the update; of the accuracy from 0 to 1. */
      Name in M
    ]: number;
  };

/**
 * Reads the metrics of several steps with one copy from the backend, and releases them. A copy waits for the device, so
 * read every few steps and not every step.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readMetrics } from "@rill/rill/models";
 *
 * assertEquals(await readMetrics([]), []);
 * ```
 *
 * @typeParam M The names of the metrics beside the loss.
 * @param steps The metrics, in order, each read for the first time.
 * @returns The same as numbers.
 * @throws {RangeError} If one was read before, or its backend has been closed.
 */
export async function readMetrics<M extends string>(
  steps: readonly StepMetrics<M>[],
): Promise<Metrics<M>[]> {
  const read = await readStepMeans(steps);
  return read.map(({ step, size, means }) =>
    ({
      step,
      size,
      ...Object.fromEntries(
        Object.entries(means).map(([name, { sum, weight }]) => [name, sum / weight]),
      ),
    }) as Metrics<M>
  );
}

/** How long a step took that several processes made. */
export interface StepTimes {
  /** The time of the whole step in this process, in seconds. */
  readonly whole: number;
  /** How long each process computed in it, in seconds: without exchanging numbers with the others, and waiting for them. */
  readonly busy: readonly number[];
}
