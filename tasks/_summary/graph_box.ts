// The boxes of a network's picture: what is written in them, and how large that makes them.
import type { LayerNode } from "../../models/mod.ts";
import { formatShape } from "../../models/types/_shape.ts";
import { type Html, html } from "../_pages/html.ts";
import type { BoxItem } from "./graph_items.ts";

/** A part of the picture: its size, where the line through it enters and leaves, and how it is drawn at a place. */
export interface Block {
  readonly width: number;
  readonly height: number;
  /** How far from its left side the line enters at the top. */
  readonly axis: number;
  /**
   * How far from its left side the line leaves at the bottom.
   *
   * @default {axis}
   */
  readonly exit?: number;
  /** Whether it begins with a line, so that the one that leads there is no arrow. */
  readonly beginsAsLine?: boolean;
  draw(x: number, y: number): Html;
}

/** The colours of layers by what they are for, with the types of each. */
const FAMILIES: readonly (readonly [name: string, types: RegExp])[] = [
  ["product", /conv|linear/i],
  ["pool", /pool/i],
  ["norm", /norm/i],
  ["activation", /relu|sigmoid|tanh|gelu|silu|swish|softmax/i],
  ["dropout", /dropout/i],
];

const PADDING = 10;
const TITLE = 18;
const LINE = 15;
/** Where the settings of a layer are broken, in characters. */
const LONGEST = 30;

/** Estimates the width of text, on the safe side: nobody can measure it before it is shown. */
export const estimateWidth = (text: string, size: number): number =>
  Math.ceil(text.length * size * 0.58);

/** What is written of a layer. */
interface Row {
  readonly node: LayerNode;
  readonly family: string;
  readonly title: string;
  readonly name: string;
  readonly settings: readonly string[];
  readonly height: number;
}

/** Gives a name as it is called in a frame. */
export const shortenName = (name: string, prefix: string): string =>
  prefix !== "" && name.startsWith(`${prefix}.`) ? name.slice(prefix.length + 1) : name;

/** Formats a number of things that are learned. */
export const formatParameters = (count: number): string =>
  `${count.toLocaleString("en-US")} parameter${count === 1 ? "" : "s"}`;

/** Makes the box of layers. */
export function createBox({ layers }: BoxItem, prefix: string): Block {
  const rows = layers.map((node) => createRow(node, prefix));
  const [first, last] = [layers[0]!, layers.at(-1)!];
  const isChanged = `${first.inputShape}` !== `${last.outputShape}`;
  const shape = isChanged ? `→ ${formatShape(last.outputShape)}` : "";
  const width = Math.max(
    120,
    ...rows.map(({ title, name }) => estimateWidth(title, 15) + 12 + estimateWidth(name, 11)),
    ...rows.flatMap(({ settings }) => settings.map((line) => estimateWidth(line, 11))),
    estimateWidth(shape, 12),
  ) + 2 * PADDING + 6;
  const height = rows.reduce((sum, row) => sum + row.height, 0) + (isChanged ? TITLE + 2 : 0) + 8;
  const described = layers.map(describe).join("; then ");
  return {
    width,
    height,
    axis: width / 2,
    draw(x, y) {
      let top = y + 4;
      const drawn = rows.map((row) => {
        const at = top;
        top += row.height;
        return drawRow(row, { x, y: at, width });
      });
      return html`<g><title>${described}</title><rect class="box" x="${x}" y="${y}" width="${width}" height="${height}" rx="6"/>${drawn}${
        isChanged &&
        html`<text class="shape" x="${x + width / 2}" y="${
          top + 14
        }" text-anchor="middle">${shape}</text>`
      }</g>`;
    },
  };
}

function createRow(node: LayerNode, prefix: string): Row {
  const [, title = node.layer, settings = ""] = /^([^()]+)\((.*)\)$/s.exec(node.layer) ?? [];
  const lines = [
    ...breakSettings(settings),
    ...node.parameters > 0 ? [formatParameters(node.parameters)] : [],
  ];
  const type = node.kind?.type ?? node.layer;
  return {
    node,
    family: FAMILIES.find(([, types]) => types.test(type))?.[0] ?? "other",
    title,
    name: shortenName(node.name, prefix),
    settings: lines,
    height: TITLE + LINE * lines.length + 2,
  };
}

/** Breaks settings into lines, at their commas. */
function breakSettings(settings: string): string[] {
  const lines: string[] = [];
  for (const one of settings === "" ? [] : settings.split(", ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + one.length + 2 <= LONGEST) {
      lines[lines.length - 1] = `${last}, ${one}`;
    } else lines.push(one);
  }
  return lines;
}

function drawRow(
  { family, title, name, settings, height }: Row,
  { x, y, width }: { readonly x: number; readonly y: number; readonly width: number },
): Html {
  const left = x + PADDING + 6;
  return html`
    <rect class="${family}" x="${x + 5}" y="${y + 2}" width="5" height="${height - 4}"
      rx="2" /><text class="layer" x="${left}" y="${y + 14}">${title}</text><text class="name"
      x="${x + width - PADDING}" y="${y + 14}" text-anchor="end">${name}</text>${settings.map((
        line,
        i,
      ) =>
        html`<text class="settings" x="${left}" y="${y + TITLE + 11 + LINE * i}">${line}</text>`
      )}
  `;
}

/** Describes a layer in a sentence. */
const describe = ({ name, layer, inputShape, outputShape }: LayerNode): string =>
  `${name ? `${name}: ` : ""}${layer}, ${formatShape(inputShape)} to ${formatShape(outputShape)}`;
