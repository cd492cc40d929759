import { escapeText, writeElement } from "./_markup.ts";

/** A cell: text, or a number, which stands right. */
export type Cell = string | number;

/**
 * Writes rows as a table of HTML, the first the head. Notebooks style tables themselves.
 *
 * @param rows The rows.
 * @param notes Lines below it.
 */
export function writeTable(
  rows: readonly (readonly Cell[])[],
  notes: readonly string[] = [],
): string {
  const [head = [], ...body] = rows;
  const isNumber = head.map((_, c) => body.some((row) => typeof row[c] === "number"));
  const align = (c: number) => ({ style: `text-align: ${isNumber[c] ? "right" : "left"}` });
  const writeCell = (name: string, cell: Cell, c: number, scope?: string) =>
    writeElement(name, { scope, ...align(c) }, escapeText(formatCell(cell)));
  return writeElement(
    "table",
    {},
    writeElement(
      "thead",
      {},
      writeElement("tr", {}, ...head.map((cell, c) => writeCell("th", cell, c, "col"))),
    ),
    writeElement(
      "tbody",
      {},
      ...body.map((row) =>
        writeElement("tr", {}, ...row.map((cell, c) => writeCell("td", cell, c)))
      ),
    ),
  ) + notes.map((note) => writeElement("p", {}, escapeText(note))).join("");
}

/** Formats rows as lines of text, in columns. */
export function formatRows(rows: readonly (readonly Cell[])[]): string {
  const widths = (rows[0] ?? []).map((_, c) =>
    Math.max(...rows.map((row) => formatCell(row[c] ?? "").length))
  );
  return rows.map((row) =>
    row.map((cell, c) =>
      typeof cell === "number"
        ? formatCell(cell).padStart(widths[c]!)
        : formatCell(cell).padEnd(widths[c]!)
    ).join("  ").trimEnd()
  ).join("\n");
}

const formatCell = (cell: Cell): string =>
  typeof cell === "number" ? cell.toLocaleString("en-US") : cell;
