import { type MeterReport, reportTable } from "../../pipelines/mod.ts";

/** The result of `deno task pipeline`. */
export interface PipelineResult extends MeterReport {
  /** What was read, as `--data` names it. */
  readonly data: string;
  /** Side of the images, in pixels. */
  readonly side: number;
  readonly batchSize: number;
  /** Images in an epoch. */
  readonly images: number;
  readonly epochs: number;
  /** The number of workers that decoded and resized; 0 if the main thread did. */
  readonly workers: number;
  readonly imagesPerSecond: number;
  /** The most memory that the process had, in bytes: its resident set, read after each batch. */
  readonly peakRss: number;
}

/** Formats the result for people. */
export function formatResult(result: PipelineResult): string {
  const { side, batchSize, images, epochs, workers, seconds, imagesPerSecond, peakRss } = result;
  const formatCount = (n: number) => Math.round(n).toLocaleString("en-US");
  const who = workers === 0 ? "one thread" : workers === 1 ? "1 worker" : `${workers} workers`;
  return [
    reportTable(result),
    `${
      formatCount(images * epochs)
    } images of ${side} x ${side} in batches of ${batchSize}, prepared by ${who}: ` +
    `${formatCount(imagesPerSecond)} images/s, ${seconds.toFixed(1)} s, peak RSS ${
      formatCount(peakRss / 1e6)
    } MB`,
  ].join("\n");
}
