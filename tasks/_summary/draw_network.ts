import type { Network } from "../../models/mod.ts";
import { countElements, formatShape } from "../../models/types/_shape.ts";
import { type Html, html, trustHtml } from "../_pages/html.ts";
import { type Block, estimateWidth, formatParameters } from "./graph_box.ts";
import { flow } from "./graph_columns.ts";
import { countParameters, type Item, toItem } from "./graph_items.ts";
import { layOut, layOutGroup, stack } from "./graph_layout.ts";

/** What such a file begins with. */
export const SVG_BEGINNING = `<svg xmlns="http://www.w3.org/2000/svg"`;

const MARGIN = 20;

/** The colours, which are told apart by people who see fewer, in light and in dark. Programs that know no media queries take the light. */
const STYLE = `
svg{font-family:system-ui,sans-serif}svg:root{background:#fff}
.background{fill:#fff}.box,.join,.end{fill:#fff;stroke:#57606a}.frame{fill:#0b61a4;fill-opacity:.05;stroke:#8c959f}
.unknown{stroke-dasharray:6 4}.line{fill:none;stroke:#57606a;stroke-width:1.5}.head{fill:#57606a}
text{fill:#1a1f26}.layer,.group{font-size:13px;font-weight:600}.name,.settings{font-size:11px}.name,.settings,.count{fill:#57606a}
.count{font-weight:400}.shape,.sign{font-size:12px}
.product{fill:#0072b2}.pool{fill:#e69f00}.norm{fill:#009e73}.activation{fill:#d55e00}.dropout{fill:#cc79a7}.other{fill:#8c959f}
@media (prefers-color-scheme:dark){svg:root{background:#14171c}
.background{fill:#14171c}.box,.join,.end{fill:#1e232b;stroke:#a2acb8}.frame{fill:#7cc0f4;stroke:#6b7684}
.line{stroke:#a2acb8}.head{fill:#a2acb8}text{fill:#e8ebef}.name,.settings,.count{fill:#a2acb8}
.product{fill:#56b4e9}}
`.trim();

/**
 * Draws a network as an SVG from its tree of layers: layers in sequence stand in a column, or some that are read from the left, those
 * side by side next to each other, and a residual connection leads past what it skips. Parts of the same kinds that follow on each other are drawn once, with their number.
 *
 * @param title What it is called, for people.
 * @returns The file's text, which runs nothing and loads nothing.
 */
export function drawNetwork(
  { inputShape, outputShape, root, layers }: Network,
  title: string,
): string {
  const [first, ...parts] = listParts(toItem(root)).map(layOutPart);
  // The ends are no columns of their own.
  const begun = stack([createEnd(`input ${formatShape(inputShape)}`), ...first ? [first] : []]);
  const end = createEnd(`output ${formatShape(outputShape)}`);
  const last = parts.pop();
  const picture = flow(
    last ? [begun, ...parts, stack([last, end])] : [stack([begun, end])],
  );
  const learned = countParameters([root]);
  const heading = `${title} for images of ${formatShape(inputShape)}`;
  const facts = `${layers.length} layers, ${formatParameters(learned)}`;
  const width = Math.ceil(
    Math.max(picture.width, estimateWidth(heading, 16), estimateWidth(facts, 12)) + 2 * MARGIN,
  );
  const top = MARGIN + 48;
  const height = Math.ceil(top + picture.height + MARGIN);
  const described =
    `A network of ${facts}: from ${countElements(inputShape).toLocaleString("en-US")} ` +
    `numbers of an image to ${formatShape(outputShape)}, from the top down, column by column. ` +
    `In order: ${root.children.map(({ name, layer }) => name || layer).join(", ")}.`;
  return compact(html`
    ${trustHtml(
      SVG_BEGINNING,
    )} width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
    <title>${heading}</title>
    <desc>${described}</desc>
    <style>${trustHtml(STYLE)}</style>
    <defs>
      <marker id="rill-head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7"
        orient="auto">
        <path class="head" d="M0 0L8 4L0 8z" />
      </marker>
    </defs>
    <rect class="background" width="${width}" height="${height}" />
    <text x="${MARGIN}" y="${MARGIN + 14}" font-size="16" font-weight="600">${heading}</text>
    <text class="count" x="${MARGIN}" y="${MARGIN + 33}" font-size="12">${facts}</text>
    ${picture.draw((width - picture.width) / 2, top)}
    </svg>
  `);
}

/** Lists what is one below the other in the whole picture. A frame around all of it would say nothing. */
function listParts(item: Item): readonly Item[] {
  if (item.type === "group" && item.nodes.length === 1) return listParts(item.item);
  return item.type === "column" && item.isKnown ? item.items : [item];
}

/** A frame that is taller has columns in it. */
const TALL = 1400;

/** Lays out what stands below the rest. */
function layOutPart(item: Item): Block {
  const block = layOut(item);
  if (block.height <= TALL || item.type !== "group") return block;
  const { item: inner, prefix } = item;
  if (inner.type !== "column" || !inner.isKnown) return block;
  return layOutGroup(item, "", flow(inner.items.map((item) => layOut(item, prefix)), true));
}

/** Writes markup without the white space that a template has for its readers. */
const compact = (markup: Html): string =>
  markup.text.trim().replace(/\n\s+/g, " ").replace(/>\s+</g, "><").replace(/\s+(\/?>)/g, "$1") +
  "\n";

/** Makes what is above the first layer, or below the last. */
function createEnd(text: string): Block {
  const width = estimateWidth(text, 12) + 28;
  return {
    width,
    height: 26,
    axis: width / 2,
    draw: (x, y): Html =>
      html`
        <rect class="end" x="${x}" y="${y}" width="${width}" height="26" rx="13" />
        <text class="shape" x="${x + width / 2}" y="${y + 17}" text-anchor="middle">${text}</text>
      `,
  };
}
