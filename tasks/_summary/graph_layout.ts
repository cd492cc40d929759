// Where the parts of a network's picture stand. Networks are made of layers in sequence and side by side, so that each part has one
// line into it and one out of it, and no lines cross: docs/decisions/graph-layout.md.
import { formatShape } from "../../models/types/_shape.ts";
import { type Html, html } from "../_pages/html.ts";
import {
  type Block,
  createBox,
  estimateWidth,
  formatParameters,
  shortenName,
} from "./graph_box.ts";
import {
  type BranchesItem,
  type ColumnItem,
  countParameters,
  type GroupItem,
  type Item,
} from "./graph_items.ts";

/** What is between two blocks of a column. */
export const GAP = 22;
const SIDE_GAP = 22;
/** How far above the branches their line parts, and below them it joins. */
const BUS = 14;
const FRAME = 12;
const JOIN = 24;

/** Lays out an item. Names are shortened by what they have in common. */
export function layOut(item: Item, prefix = ""): Block {
  switch (item.type) {
    case "box":
      return createBox(item, prefix);
    case "column":
      return layOutColumn(item, prefix);
    case "branches":
      return layOutBranches(item, prefix);
    case "group":
      return layOutGroup(item, prefix);
  }
}

/** Draws a line from point to point, and the head of an arrow at its end, unless it has none. */
export function drawLine(points: readonly (readonly [number, number])[], head = true): Html {
  const path = points.map(([x, y], i) => `${i === 0 ? "M" : "L"}${round(x)} ${round(y)}`).join("");
  return html`
    <path class="line" d="${path}" ${head && html`
      marker-end="url(#rill-head)"
    `} />
  `;
}

const round = (value: number): number => Math.round(value * 10) / 10;

function layOutColumn({ items, isKnown }: ColumnItem, prefix: string): Block {
  return stack(items.map((item) => layOut(item, prefix)), isKnown);
}

/** Puts blocks one below the other, with lines between them. */
export function stack(blocks: readonly Block[], isJoined = true): Block {
  const axis = Math.max(8, ...blocks.map((block) => block.axis));
  const right = Math.max(8, ...blocks.map((block) => block.width - block.axis));
  const height = blocks.reduce((sum, block) => sum + block.height, 0) +
    GAP * Math.max(0, blocks.length - 1);
  const last = blocks.at(-1);
  return {
    width: axis + right,
    height,
    axis,
    ...last?.exit !== undefined && { exit: axis - last.axis + last.exit },
    beginsAsLine: blocks.length === 0 || blocks[0]!.beginsAsLine === true,
    draw(x, y) {
      let top = y;
      return html`${
        blocks.map((block, i) => {
          const at = top;
          top += block.height + GAP;
          const before = blocks[i - 1];
          const from = x + axis + (before?.exit ?? 0) -
            (before?.exit === undefined ? 0 : before.axis);
          const turn: [number, number][] = from === x + axis
            ? []
            : [[from, at - GAP + 8], [x + axis, at - GAP + 8]];
          const line = isJoined && before &&
            drawLine([[from, at - GAP], ...turn, [x + axis, at]], !block.beginsAsLine);
          return html`${line}${block.draw(x + axis - block.axis, at)}`;
        })
      }`;
    },
  };
}

function layOutBranches(
  { branches, isResidual, join, outputShape }: BranchesItem,
  prefix: string,
): Block {
  const blocks = branches.map((branch) => layOut(branch, prefix));
  const lefts: number[] = [];
  let width = 0;
  for (const block of blocks) {
    lefts.push(width);
    width += block.width + SIDE_GAP;
  }
  width -= SIDE_GAP;
  const axes = blocks.map((block, i) => lefts[i]! + block.axis);
  // The way through a residual connection goes straight.
  const axis = isResidual ? axes[0]! : (axes[0]! + axes.at(-1)!) / 2;
  const tallest = Math.max(GAP, ...blocks.map((block) => block.height));
  const sign = join === "add" ? "+" : `${join} → ${formatShape(outputShape)}`;
  const pill = Math.max(JOIN, estimateWidth(sign, 12) + 16);
  const height = GAP + BUS + tallest + BUS + GAP + JOIN;
  const left = Math.max(0, pill / 2 - axis);
  return {
    width: Math.max(left + width, left + axis + pill / 2),
    height,
    axis: left + axis,
    beginsAsLine: true,
    draw(x, y) {
      const [start, top] = [x + left, y + GAP + BUS];
      const middle = start + axis;
      const [parting, joining] = [y + GAP - 8, top + tallest + BUS];
      const bottom = y + height - JOIN;
      return html`
        ${blocks.map((block, i) => {
          const at = start + axes[i]!;
          const isEmpty = block.height === 0;
          const end: [number, number][] = [[at, joining], [middle, joining], [middle, bottom]];
          const into: [number, number][] = [[middle, y], [middle, parting], [at, parting]];
          if (isEmpty) return drawLine([...into, ...end]);
          return html`${drawLine([...into, [at, top]])}${block.draw(start + lefts[i]!, top)}${
            drawLine([[at, top + block.height], ...end])
          }`;
        })}<g>
          <title>${describeJoin(join)}</title>
          <rect class="join" x="${middle - pill / 2}" y="${bottom}" width="${pill}" height="${JOIN}"
            rx="${JOIN / 2}" />
          <text class="sign" x="${middle}" y="${bottom + JOIN / 2 +
            5}" text-anchor="middle">${sign}</text>
        </g>
      `;
    },
  };
}

const describeJoin = (join: string): string =>
  join === "add"
    ? "The outputs are added"
    : join === "concatenate"
    ? "The outputs are concatenated along the channels"
    : "The outputs are combined by a function";

/**
 * Lays out a frame.
 *
 * @param body What is in it, where that is laid out in another way than below each other.
 */
export function layOutGroup(
  { nodes, prefix: inner, item }: GroupItem,
  prefix: string,
  body: Block = layOut(item, inner),
): Block {
  const [first, last] = [nodes[0]!, nodes.at(-1)!];
  const names = nodes.length === 1
    ? shortenName(first.name, prefix)
    : `${shortenName(first.name, prefix)} to ${shortenName(last.name, prefix)}`;
  const count = nodes.length === 1 ? "" : ` × ${nodes.length}, the first is shown`;
  const learned = countParameters(nodes);
  const note = learned > 0 ? formatParameters(learned) : "";
  const isKnown = item.type !== "column" || item.isKnown;
  const head = 2 * 17 + 6;
  const axis = FRAME + body.axis;
  const exit = FRAME + (body.exit ?? body.axis);
  const titled = Math.max(estimateWidth(names + count, 15), estimateWidth(note, 11)) + 2 * FRAME;
  const width = Math.max(FRAME + body.width + FRAME, titled);
  const height = head + GAP + body.height + GAP;
  return {
    width,
    height,
    axis,
    exit,
    draw(x, y) {
      const top = y + head + GAP;
      return html`<g><rect class="${
        isKnown ? "frame" : "frame unknown"
      }" x="${x}" y="${y}" width="${width}" height="${height}" rx="10"/><text class="group" x="${
        x + FRAME
      }" y="${
        y + 18
      }">${names}<tspan class="count">${count}</tspan></text><text class="settings" x="${
        x + FRAME
      }" y="${y + 34}">${note}</text>${
        isKnown && drawLine([[x + axis, y + head - 2], [x + axis, top]], !body.beginsAsLine)
      }${body.draw(x + FRAME, top)}${
        isKnown && drawLine([[x + exit, top + body.height], [x + exit, y + height]], false)
      }</g>`;
    },
  };
}
