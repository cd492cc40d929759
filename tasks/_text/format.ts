/**
 * A table as lines: the first row is the head, numbers stand right, and a rule follows the head.
 *
 * @param options The columns of text that stand right too.
 */
export function formatTable(
  rows: readonly (readonly (string | number)[])[],
  { right = [] }: { readonly right?: readonly number[] } = {},
): string[] {
  const [head] = rows;
  const widths = head.map((_, c) => Math.max(...rows.map((row) => cellText(row[c]).length)));
  const rightAligned = head.map((_, c) =>
    right.includes(c) || rows.slice(1).some((row) => typeof row[c] === "number")
  );
  const line = (cells: readonly (string | number)[], fill = " ") =>
    cells
      .map((cell, c) => {
        const text = cellText(cell);
        return rightAligned[c] ? text.padStart(widths[c], fill) : text.padEnd(widths[c], fill);
      })
      .join("  ").trimEnd();
  return [line(head), line(head.map(() => ""), "-"), ...rows.slice(1).map((row) => line(row))];
}

const cellText = (cell: string | number): string =>
  typeof cell === "number" ? cell.toLocaleString("en-US") : cell;

const WIDTH = 24;

/** A share from 0 to 1 as a bar: `[######..................]`. */
export function formatBar(share: number): string {
  const full = Math.round(Math.min(Math.max(share, 0), 1) * WIDTH);
  return `[${"#".repeat(full)}${".".repeat(WIDTH - full)}]`;
}

/** Seconds for people: `8 s`, `3:05 min`, `1:02:03 h`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const two = (n: number) => String(n).padStart(2, "0");
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}:${two(whole % 60)} min`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)} h`;
}
