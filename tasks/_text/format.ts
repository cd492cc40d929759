/**
 * Formats rows as the lines of a table: the first row is the head with a rule below it, and numbers stand right.
 *
 * @param options The columns of text that stand right too.
 */
export function formatTable(
  rows: readonly (readonly (string | number)[])[],
  { right = [] }: { readonly right?: readonly number[] } = {},
): string[] {
  const [head = [], ...body] = rows;
  const columns = head.map((_, c) => ({
    width: Math.max(...rows.map((row) => formatCell(row[c]).length)),
    right: right.includes(c) || body.some((row) => typeof row[c] === "number"),
  }));
  const formatRow = (cells: readonly (string | number)[], fill = " ") =>
    columns
      .map(({ width, right }, c) => {
        const text = formatCell(cells[c]);
        return right ? text.padStart(width, fill) : text.padEnd(width, fill);
      })
      .join("  ").trimEnd();
  return [formatRow(head), formatRow([], "-"), ...body.map((row) => formatRow(row))];
}

const formatCell = (cell: string | number = ""): string =>
  typeof cell === "number" ? cell.toLocaleString("en-US") : cell;

const BAR_WIDTH = 24;

/** Formats a share from 0 to 1 as a bar: `[######..................]`. */
export function formatBar(share: number): string {
  const full = Math.round(Math.min(Math.max(share, 0), 1) * BAR_WIDTH);
  return `[${"#".repeat(full)}${".".repeat(BAR_WIDTH - full)}]`;
}

/** Formats seconds for people: `8 s`, `3:05 min`, `1:02:03 h`. */
export function formatDuration(seconds: number): string {
  const rounded = Math.max(0, Math.round(seconds));
  const pad = (n: number) => String(n).padStart(2, "0");
  if (rounded < 60) return `${rounded} s`;
  const minutes = Math.floor(rounded / 60);
  if (minutes < 60) return `${minutes}:${pad(rounded % 60)} min`;
  return `${Math.floor(minutes / 60)}:${pad(minutes % 60)}:${pad(rounded % 60)} h`;
}
