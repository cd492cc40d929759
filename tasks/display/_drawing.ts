import { escapeText, writeElement } from "./_markup.ts";

/** The colors of drawings. They stand on white, since a drawing doesn't know whether the notebook around it is dark. */
export const COLORS = {
  paper: "#ffffff",
  text: "#1a1f26",
  quiet: "#57606a",
  line: "#d5dbe1",
  wrong: "#a8071a",
} as const;

/** The colors of curves, told apart by people who see fewer (Okabe and Ito, 2008), each with a dash of its own. */
export const SERIES = [
  { color: "#0072b2", dash: undefined },
  { color: "#b34700", dash: "7 3" },
  { color: "#00734f", dash: "2 3" },
  { color: "#a34b7f", dash: "9 3 2 3" },
] as const;

/** A drawing. */
export interface Drawing {
  /** Its width in pixels. */
  readonly width: number;
  /** Its height in pixels. */
  readonly height: number;
  /** What it shows, for who doesn't see it. */
  readonly label: string;
  /** Its elements. */
  readonly elements: readonly string[];
}

/** Writes a drawing as SVG. It shrinks to the width that there is. */
export function writeDrawing({ width, height, label, elements }: Drawing): string {
  return writeElement(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      width,
      height,
      viewBox: `0 0 ${Math.ceil(width)} ${Math.ceil(height)}`,
      role: "img",
      "aria-label": label,
      "font-family": "system-ui, sans-serif",
      style: "max-width: 100%; height: auto",
    },
    writeElement("title", {}, escapeText(label)),
    writeElement("rect", { width: "100%", height: "100%", fill: COLORS.paper }),
    ...elements,
  );
}

/** How a text stands in a drawing. */
export interface TextStyle {
  /** The height of the letters in pixels, 12 by default. */
  readonly size?: number;
  /** Its color, that of text by default. */
  readonly color?: string;
  /** What of it is at its place: its `start` by default. */
  readonly anchor?: "start" | "middle" | "end";
  /** The degrees by which it is turned about its place. */
  readonly turn?: number;
}

/** Writes a text at a place in a drawing. */
export function writeText(
  text: string,
  x: number,
  y: number,
  { size = 12, color = COLORS.text, anchor = "start", turn }: TextStyle = {},
): string {
  return writeElement(
    "text",
    {
      x,
      y,
      "font-size": size,
      fill: color,
      "text-anchor": anchor,
      transform: turn === undefined ? undefined : `rotate(${turn} ${x} ${y})`,
    },
    escapeText(text),
  );
}

/** How wide a text is about, in pixels, for letters so high. */
export const estimateWidth = (text: string, size = 12): number => text.length * size * 0.53;

/** Cuts a text off where it would be wider. */
export function fitText(text: string, width: number, size: number): string {
  if (estimateWidth(text, size) <= width) return text;
  const letters = Math.max(1, Math.floor(width / (size * 0.53)) - 1);
  return `${text.slice(0, letters)}…`;
}
