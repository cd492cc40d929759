import { formatBar, formatDuration } from "../_text/format.ts";
import { createTerminalLine, type TerminalLine } from "../_text/terminal_line.ts";

const MEGABYTE = 1e6;

/**
 * A progress bar for one download, on the terminal's standard error; nothing at all where that is no terminal.
 *
 * @returns A function to call with the bytes there are and will be, and one that clears the line.
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

/** The bar as text; `rate` in bytes per second. */
export function formatDownload(
  name: string,
  received: number,
  total: number | undefined,
  rate: number,
): string {
  const megabytes = (bytes: number) => (bytes / MEGABYTE).toFixed(1);
  const speed = `${megabytes(rate)} MB/s`;
  if (total === undefined) return `${name} ${megabytes(received)} MB ${speed}`;
  const share = total > 0 ? Math.min(received / total, 1) : 1;
  const left = rate > 0 ? ` ${formatDuration(Math.ceil((total - received) / rate))} left` : "";
  const sizes = `${megabytes(received)}/${megabytes(total)} MB`;
  return `${name} ${formatBar(share)} ${Math.floor(share * 100)}% ${sizes} ${speed}${left}`;
}
