import { type MeterReport, reportTable } from "../../pipelines/mod.ts";

/** What `deno task pipeline` finds. */
export interface PipelineResult extends MeterReport {
  /** Side of the images, in pixels. */
  readonly side: number;
  readonly batchSize: number;
  /** Images in an epoch. */
  readonly images: number;
  readonly epochs: number;
  /** How many workers resized; none where the main thread did. */
  readonly workers: number;
  readonly imagesPerSecond: number;
  /** The most memory that the process had, in bytes: its resident set, looked at after each batch. */
  readonly peakRss: number;
}

/** The result for people. */
export function formatResult(result: PipelineResult): string {
  const { side, batchSize, images, epochs, workers, seconds, imagesPerSecond, peakRss } = result;
  const whole = (n: number) => Math.round(n).toLocaleString("en-US");
  const who = workers === 0 ? "one thread" : workers === 1 ? "1 worker" : `${workers} workers`;
  return [
    reportTable(result),
    `${
      whole(images * epochs)
    } images of ${side} x ${side} in batches of ${batchSize}, resized in ${who}: ` +
    `${whole(imagesPerSecond)} images/s, ${seconds.toFixed(1)} s, peak RSS ${
      whole(peakRss / 1e6)
    } MB`,
  ].join("\n");
}
