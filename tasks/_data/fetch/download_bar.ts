import { formatDuration } from "../../_text/format.ts";
import {
  createProgressLine,
  formatPercent,
  type ProgressLineOptions,
} from "../../_text/progress_line.ts";

const MEGABYTE = 1e6;

/**
 * Creates a progress line for one download.
 *
 * @returns A function that takes the bytes received and in all, and one that clears the line.
 */
export function createDownloadBar(
  name: string,
  options: ProgressLineOptions = {},
): { update: (received: number, total: number | undefined) => void; clear: () => void } {
  const { now = () => performance.now() } = options;
  const line = createProgressLine(options);
  const start = now();
  let first: number | undefined;
  return {
    update(received, total) {
      first ??= received;
      const rate = (received - first) / Math.max((now() - start) / 1000, 1e-3);
      line.show(getShare(received, total), formatDownload(name, received, total, rate));
    },
    clear: () => line.clear(),
  };
}

const getShare = (received: number, total: number | undefined): number | undefined =>
  total === undefined ? undefined : total > 0 ? Math.min(received / total, 1) : 1;

/** Formats a download; `rate` is in bytes per second. */
export function formatDownload(
  name: string,
  received: number,
  total: number | undefined,
  rate: number,
): string {
  const toMegabytes = (bytes: number) => (bytes / MEGABYTE).toFixed(1);
  const speed = `${toMegabytes(rate)} MB/s`;
  const share = getShare(received, total);
  if (total === undefined || share === undefined) {
    return `${name} ${toMegabytes(received)} MB ${speed}`;
  }
  const left = rate > 0 ? ` ${formatDuration(Math.ceil((total - received) / rate))} left` : "";
  const sizes = `${toMegabytes(received)}/${toMegabytes(total)} MB`;
  return `${name} ${formatPercent(share)} ${sizes} ${speed}${left}`;
}
