// A network's picture on a page: what is one below the other is broken into columns that are read from the left, as a tall picture is
// scrolled on a screen, and made too small to read in a document.
import { type Html, html } from "../_pages/html.ts";
import type { Block } from "./graph_box.ts";
import { drawLine, GAP, stack } from "./graph_layout.ts";

/** The widest that columns side by side become, which a screen and a page's width show at its size. */
const WIDEST = 1200;

/** A picture of this height needs no more columns. */
const LOW = 800;

/** What is between two columns: the line that leads from the end of one to the beginning of the next. */
const GUTTER = 44;

/** How far above and below the columns that line turns. */
const TURN = 16;

/**
 * Lays out blocks one below the other in as many columns as a page has room for and their height asks for.
 *
 * @param isPart Whether something leads to the first of them, and on from the last.
 */
export function flow(blocks: readonly Block[], isPart = false): Block {
  let best = layOutColumns([blocks], isPart);
  for (let count = 2; count <= blocks.length && best.height > LOW; count++) {
    const columns = layOutColumns(breakBlocks(blocks, count), isPart);
    if (columns.width > WIDEST) break;
    best = columns;
  }
  return best;
}

/** Breaks blocks into at most so many columns, the tallest as low as can be. */
function breakBlocks(blocks: readonly Block[], count: number): Block[][] {
  const heights = blocks.flatMap((_, from) =>
    blocks.slice(from).map((_, more) => stack(blocks.slice(from, from + more + 1)).height)
  );
  for (const most of heights.sort((a, b) => a - b)) {
    const columns = fill(blocks, most);
    if (columns && columns.length <= count) return columns;
  }
  return [[...blocks]];
}

/** Fills columns up to a height, or tells by `undefined` that a block is taller. */
function fill(blocks: readonly Block[], most: number): Block[][] | undefined {
  if (blocks.some(({ height }) => height > most)) return undefined;
  const columns: Block[][] = [];
  let left = -1;
  for (const block of blocks) {
    left -= GAP + block.height;
    if (left < 0) {
      columns.push([]);
      left = most - block.height;
    }
    columns.at(-1)!.push(block);
  }
  return columns;
}

function layOutColumns(parts: readonly (readonly Block[])[], isPart: boolean): Block {
  const columns = parts.map((part) => stack(part));
  const [first] = columns;
  if (columns.length === 1) return first!;
  const lefts: number[] = [];
  let width = 0;
  for (const column of columns) {
    lefts.push(width);
    width += column.width + GUTTER;
  }
  width -= GUTTER;
  const last = columns.at(-1)!;
  // It is led to the end of all: the last column may be a low one.
  const exit = lefts.at(-1)! + (last.exit ?? last.axis);
  const height = TURN + Math.max(...columns.map((column) => column.height)) + TURN;
  return {
    width,
    height,
    axis: first!.axis,
    exit,
    beginsAsLine: true,
    draw(x, y): Html {
      const top = y + TURN;
      return html`${
        columns.map((column, i) => {
          const left = x + lefts[i]!;
          const next = columns[i + 1];
          if (!next) {
            const end = [[x + exit, top + column.height], [x + exit, y + height]] as const;
            return html`${column.draw(left, top)}${isPart && drawLine(end, false)}`;
          }
          const [from, to] = [left + (column.exit ?? column.axis), x + lefts[i + 1]! + next.axis];
          const gutter = left + column.width + GUTTER / 2;
          const bottom = top + column.height;
          const enter = isPart && i === 0 &&
            drawLine([[x + column.axis, y], [x + column.axis, top]], column.beginsAsLine !== true);
          return html`${enter}${column.draw(left, top)}${
            drawLine([
              [from, bottom],
              [from, bottom + TURN - 4],
              [gutter, bottom + TURN - 4],
              [gutter, y],
              [to, y],
              [to, top],
            ], next.beginsAsLine !== true)
          }`;
        })
      }`;
    },
  };
}
