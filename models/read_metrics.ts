import * as ops from "./_ops.ts";
import type { Metrics } from "./metrics.ts";
import type { StepMetrics } from "./step_metrics.ts";

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
  return steps.map(({ step, size }, i) => ({
    step,
    size,
    loss: values[2 * i],
    accuracy: values[2 * i + 1] / size,
  }));
}
