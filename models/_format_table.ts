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
