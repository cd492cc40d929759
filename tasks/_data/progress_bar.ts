const WIDTH = 24;
const MEGABYTE = 1e6;

/**
 * A progress bar for one download, on the terminal's standard error; nothing at all where that is no terminal.
 *
 * @returns A function to call with the bytes there are and will be, and one that clears the line.
 */
export function progressBar(
  name: string,
  { write = writeToTerminal, now = () => performance.now() }: {
    write?: (text: string) => void;
    now?: () => number;
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
      write(`\r\x1b[K${barText(name, received, total, rate)}`);
    },
    clear: () => write("\r\x1b[K"),
  };
}

/** The bar as text; `rate` in bytes per second. */
export function barText(
  name: string,
  received: number,
  total: number | undefined,
  rate: number,
): string {
  const megabytes = (bytes: number) => (bytes / MEGABYTE).toFixed(1);
  const speed = `${megabytes(rate)} MB/s`;
  if (total === undefined) return `${name} ${megabytes(received)} MB ${speed}`;
  const share = total > 0 ? Math.min(received / total, 1) : 1;
  const full = Math.round(share * WIDTH);
  const bar = "#".repeat(full) + ".".repeat(WIDTH - full);
  const left = rate > 0 ? ` ${Math.ceil((total - received) / rate)} s left` : "";
  const sizes = `${megabytes(received)}/${megabytes(total)} MB`;
  return `${name} [${bar}] ${Math.floor(share * 100)}% ${sizes} ${speed}${left}`;
}

function writeToTerminal(text: string): void {
  if (Deno.stderr.isTerminal()) Deno.stderr.writeSync(new TextEncoder().encode(text));
}
