/**
 * The metrics of training steps.
 *
 * @module
 */

import * as ops from "../ops/_ops.ts";
import { concat } from "../ops/parts.ts";
import type { Tensor } from "../types/tensor.ts";
import { closeMetrics, type OpenMetrics, openMetrics, type StepMetrics } from "./_step_metrics.ts";

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
  const opened = steps.map((step): OpenMetrics => openMetrics(step));
  const onDevice = opened.flatMap(({ values }) => values instanceof Float32Array ? [] : [values]);
  const all = onDevice.length > 0 ? await readAll(onDevice) : new Float32Array();
  steps.forEach(closeMetrics);
  let at = 0;
  return steps.map(({ step, size }, i) => {
    const { values, readMeans } = opened[i]!;
    let numbers = values;
    if (!(numbers instanceof Float32Array)) {
      const [length = 0] = numbers.shape;
      numbers = all.subarray(at, at + length);
      at += length;
    }
    const means = Object.entries(readMeans(numbers, size));
    return {
      step,
      size,
      ...Object.fromEntries(means.map(([name, { sum, weight }]) => [name, sum / weight])),
    } as Metrics<M>;
  });
}

async function readAll(vectors: readonly Tensor[]) {
  using all = ops.tidy(() => concat(vectors));
  return await all.data();
}
