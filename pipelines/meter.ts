import type { MeterReport } from "./meter_report.ts";
import type { Stage } from "./stage.ts";

/**
 * Measures the stages that are given to it, as {@linkcode measure} makes it.
 *
 * @example Usage
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { drain, map, measure, type Meter, readIndexed } from "@rill/rill/pipelines";
 *
 * const dataset = { length: 3, get: (index: number) => index };
 * const squares = (meter: Meter) =>
 *   pipe(
 *     meter.source("read", readIndexed(dataset)),
 *     meter.stage("square", map((n) => n * n)),
 *   );
 *
 * const meter = measure();
 * await drain(squares(meter));
 * assertEquals(meter.report().stages.map(({ items }) => items), [3, 3]);
 * ```
 */
export interface Meter {
  /**
   * Measures a source. All of the time that it is asked counts as its own.
   *
   * @param name The name of its line in the report. What is measured under one name is added up.
   * @param source The source.
   * @returns The source, measured.
   */
  source<T>(name: string, source: AsyncIterable<T>): AsyncIterable<T>;
  /**
   * Measures a stage. What it gives, how much it holds and its positions stay as they are.
   *
   * @param name The name of its line in the report. What is measured under one name is added up.
   * @param stage The stage, or several composed.
   * @returns The stage, measured.
   */
  stage<I, O>(name: string, stage: Stage<I, O>): (source: AsyncIterable<I>) => AsyncIterable<O>;
  /**
   * Says what was measured so far. It can be asked at any time.
   *
   * @returns The report.
   */
  report(): MeterReport;
}
