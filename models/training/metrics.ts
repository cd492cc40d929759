/**
 * The metrics of training steps.
 *
 * @module
 */

import * as ops from "../ops/_ops.ts";
import type { Tensor } from "../types/tensor.ts";

/** The metrics of a training step as numbers. */
export interface Metrics {
  /** The step's number, from 1. */
  readonly step: number;
  /** The number of examples that it saw. */
  readonly size: number;
  /** The mean cross-entropy of the batch before the update. */
  readonly loss: number;
  /** The part of the batch that was classified correctly before the update, from 0 to 1. */
  readonly accuracy: number;
}

/** The metrics of a training step, still on the backend: read them with `readMetrics`. */
export interface StepMetrics {
  /** The step's number, from 1. */
  readonly step: number;
  /** The number of examples that it saw. */
  readonly size: number;
  /**
   * `[2]`: the mean cross-entropy of the batch before the update, and how many examples were classified correctly before
   * it.
   */
  readonly values: Tensor;
}

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
 * @param steps The metrics, in order. They must not be used afterwards.
 * @returns The same as numbers.
 */
export async function readMetrics(steps: readonly StepMetrics[]): Promise<Metrics[]> {
  if (steps.length === 0) return [];
  const vectors = steps.map(({ values }) => values);
  const all = ops.tidy(() => ops.concat(vectors));
  for (const vector of vectors) vector.dispose();
  const values = await all.data();
  all.dispose();
  return steps.map(({ step, size }, i) => {
    const [loss = NaN, correct = NaN] = values.subarray(2 * i, 2 * i + 2);
    return { step, size, loss, accuracy: correct / size };
  });
}
