import { formatBar, formatDuration } from "../_text/format.ts";
import { createTerminalLine, type TerminalLine } from "../_text/terminal_line.ts";

const MEGABYTE = 1e6;

/**
 * Creates a progress bar for one download on the terminal's standard error; nothing is drawn if that is not a terminal.
 *
 * @returns A function that takes the bytes received and in all, and one that clears the line.
 */
export function createDownloadBar(
  name: string,
  { line = createTerminalLine(), now = () => performance.now() }: {
    readonly line?: TerminalLine;
    readonly now?: () => number;
  } = {},
): { update: (received: number, total: number | undefined) => void; clear: () => void } {
  const start = now();
  let first: number | undefined;
  let drawn = -Infinity;
  return {
    update(received, total) {
      first ??= received;
      const time = now();
      if (time - drawn < 100 && received !== total) return;
      drawn = time;
      const rate = (received - first) / Math.max((time - start) / 1000, 1e-3);
      line.draw(formatDownload(name, received, total, rate));
    },
    clear: () => line.clear(),
  };
}

/** Formats the bar; `rate` is in bytes per second. */
export function formatDownload(
  name: string,
  received: number,
  total: number | undefined,
  rate: number,
): string {
  const toMegabytes = (bytes: number) => (bytes / MEGABYTE).toFixed(1);
  const speed = `${toMegabytes(rate)} MB/s`;
  if (total === undefined) return `${name} ${toMegabytes(received)} MB ${speed}`;
  const share = total > 0 ? Math.min(received / total, 1) : 1;
  const left = rate > 0 ? ` ${formatDuration(Math.ceil((total - received) / rate))} left` : "";
  const sizes = `${toMegabytes(received)}/${toMegabytes(total)} MB`;
  return `${name} ${formatBar(share)} ${Math.floor(share * 100)}% ${sizes} ${speed}${left}`;
}
