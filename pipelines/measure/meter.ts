import type { Stage } from "../stage/stage.ts";

/**
 * A meter of sources and stages, which {@linkcode measure} makes.
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
 *     meter.source("read", readIndexed()(dataset)),
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

/**
 * The measurements of a {@linkcode Meter}.
 *
 * @example Usage
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { drain, map, measure, type MeterReport } from "@rill/rill/pipelines";
 *
 * const meter = measure();
 * await pipe(ReadableStream.from([1, 2]), meter.stage("double", map((n) => n * 2)), drain);
 * const { stages }: MeterReport = meter.report();
 * assertEquals(stages.map(({ name, items }) => `${name}: ${items}`), ["double: 2"]);
 * ```
 */
export interface MeterReport {
  /** The time from the first pull to the last event, in seconds. */
  readonly seconds: number;
  /** The stages, in the order in which they were named. */
  readonly stages: readonly StageReport[];
  /** The part on which the pipeline spends most of its time; undefined before any time has passed. */
  readonly bottleneck: Bottleneck | undefined;
}

/** The measurements of a stage. */
export interface StageReport {
  /** Its name. */
  readonly name: string;
  /** How many items it gave. */
  readonly items: number;
  /** How many that is a second, of the whole time. */
  readonly itemsPerSecond: number;
  /** How many it would give a second if it never had to wait; undefined where it took no time. */
  readonly itemsPerSecondAlone: number | undefined;
  /** The time in which it was asked for an item and not waiting for one itself. */
  readonly ownSeconds: number;
  /** The time in which it was asked for an item and waiting for one from upstream. */
  readonly upstreamSeconds: number;
  /** The time in which it was not asked, as what is downstream was busy. */
  readonly downstreamSeconds: number;
  /** How many items it had ready or at work when it was asked, on average; undefined where it doesn't work ahead. */
  readonly queued: number | undefined;
}

/** The part of a pipeline on which it spends most of its time. */
export interface Bottleneck {
  /**
   * - `"stage"`: the stage with the most time of its own.
   * - `"source"`: what comes before the first stage, which waits for it longer than any stage takes.
   * - `"consumer"`: what comes after the last stage, which waits for it longer than any stage takes.
   */
  readonly kind: "stage" | "source" | "consumer";
  /** The name of the stage, or of that first or last one. */
  readonly name: string;
  /** Its part of the whole time, from 0 to 1. */
  readonly share: number;
}
