/**
 * A table as lines: the first row is the head, numbers stand right, and a rule follows the head.
 *
 * @param options The columns of text that stand right too.
 */
export function table(
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
