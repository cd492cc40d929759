// Charts as SVG that stands in a page: no script draws them, so that they are there in print, without JavaScript and for programs that
// read pages.
import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { type Html, html, trustHtml } from "../_pages/html.ts";
import type { Point } from "./read_curves.ts";

/** A curve of a chart. */
export interface Series {
  /** Its name, for the legend and the table. */
  readonly name: string;
  /** The run that it is of, from 0: which color and which mark it has. */
  readonly run: number;
  readonly points: readonly Point[];
  /** Drawn with a dash and with marks: what was measured after each epoch. */
  readonly isSparse?: boolean;
}

/** A chart of curves over steps. */
export interface LineChart {
  readonly title: string;
  /** What is measured: `loss`, `images/s`. */
  readonly unit: string;
  readonly series: readonly Series[];
  /** Whether the axis begins at 0. */
  readonly fromZero?: boolean;
}

/** The marks of runs: who sees no colors tells them apart by these. */
const SYMBOLS = [
  "circle",
  "square",
  "triangle",
  "diamond2",
  "cross",
  "star",
  "wye",
  "times",
] as const;

/** The most runs that can be told apart. */
export const MOST_RUNS: number = SYMBOLS.length;

const colorOf = (run: number): string => `var(--series-${run + 1})`;

const SIZE = { width: 460, height: 280 } as const;

/** Renders a chart with its legend, a text that tells the same, and its numbers; a sentence where there are none. */
export function renderLineChart({ title, unit, series, fromZero = false }: LineChart): Html {
  const drawn = series.filter(({ points }) => points.length > 0);
  if (drawn.length === 0) {
    return html`
      <figure>
        <figcaption>${title}</figcaption>
        <p class="quiet">Nothing was logged of it.</p>
      </figure>
    `;
  }
  const marks = drawn.flatMap(({ run, points, isSparse = false }) => {
    const data = points.map(([step, value]) => ({ step, value }));
    const at = { x: "step", y: "value" } as const;
    const line = Plot.line(data, {
      ...at,
      stroke: colorOf(run),
      strokeWidth: isSparse ? 2 : 1.5,
      ...isSparse && { strokeDasharray: "5 3" },
    });
    // One mark tells which run a curve without marks is of.
    const marked = isSparse ? data : data.slice(-1);
    return [line, Plot.dot(marked, { ...at, symbol: SYMBOLS[run]!, fill: colorOf(run), r: 4 })];
  });
  const description = drawn.map(describeSeries).join(" ");
  const svg = drawSvg({
    ...SIZE,
    marginLeft: 52,
    marginRight: 16,
    marginTop: 28,
    marginBottom: 40,
    x: { label: "step", ticks: 5, tickFormat: formatNumber },
    y: {
      label: unit,
      grid: true,
      ticks: 5,
      tickFormat: formatNumber,
      ...fromZero && { zero: true },
    },
    marks,
  }, `${title}. ${description}`);
  return html`<figure class="chart">
    <figcaption>${title}</figcaption>
    ${svg}
    ${renderLegend(drawn)}
    ${
    renderNumbers(`Numbers: ${title}`, ["step", ...drawn.map(({ name }) => name)], tabulate(drawn))
  }
  </figure>`;
}

function describeSeries({ name, points }: Series): string {
  const [first, last] = [points[0]!, points.at(-1)!];
  const values = points.map(([, value]) => value);
  const [low, high] = [Math.min(...values), Math.max(...values)].map(formatNumber);
  return points.length === 1
    ? `${name}: ${formatNumber(first[1])} at step ${first[0]}.`
    : `${name}: from ${formatNumber(first[1])} at step ${first[0]} to ${
      formatNumber(last[1])
    } at step ${last[0]}, between ${low} and ${high}.`;
}

function renderLegend(series: readonly Series[]): Html {
  const entries = series.map(({ name, run, isSparse = false }) =>
    html`<li>${
      drawSvg({
        width: 36,
        height: 14,
        margin: 0,
        axis: null,
        x: { domain: [0, 2] },
        y: { domain: [0, 2] },
        marks: [
          Plot.ruleY([1], {
            stroke: colorOf(run),
            strokeWidth: 2,
            ...isSparse && { strokeDasharray: "5 3" },
          }),
          Plot.dot([[1, 1]], { symbol: SYMBOLS[run]!, fill: colorOf(run), r: 4 }),
        ],
      }, undefined)
    }${name}</li>`
  );
  return html`<ul class="legend">${entries}</ul>`;
}

/** The most rows of a chart's table. */
const ROWS = 12;

/** Makes rows of curves: at some steps, what each curve had there last. */
function tabulate(series: readonly Series[]): string[][] {
  const steps = [...new Set(series.flatMap(({ points }) => points.map(([step]) => step)))]
    .sort((a, b) => a - b);
  const count = Math.min(ROWS, steps.length);
  const chosen = Array.from(
    { length: count },
    (_, i) => steps[Math.round((i + 1) * steps.length / count) - 1]!,
  );
  return chosen.map((step) => [
    step.toLocaleString("en-US"),
    ...series.map(({ points }) => {
      const found = points.findLast(([at]) => at <= step);
      return found ? formatNumber(found[1]) : "–";
    }),
  ]);
}

/** Formats a number for people, to four digits. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  return Math.abs(value) >= 1000
    ? Math.round(value).toLocaleString("en-US")
    : String(Number(value.toPrecision(4)));
}

/** Renders a table that is opened by who asks for it. */
export function renderNumbers(
  summary: string,
  [first = "", ...head]: readonly string[],
  rows: readonly (readonly string[])[],
): Html {
  return html`
    <details>
      <summary>${summary}</summary>
      <div class="scroll" tabindex="0" role="group" aria-label="${summary}">
        <table>
          <thead>
            <tr><th scope="col">${first}</th>${head.map((name) =>
              html`<th scope="col" class="number">${name}</th>`
            )}</tr>
          </thead>
          <tbody>${rows.map(([name = "", ...cells]) =>
            html`<tr><th scope="row">${name}</th>${
              cells.map((cell) => html`<td class="number">${cell}</td>`)
            }</tr>`
          )}</tbody>
        </table>
      </div>
    </details>
  `;
}

/** What is used of an element: Deno's types know no document. */
interface SvgElement {
  readonly outerHTML: string;
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
  remove(): void;
  querySelectorAll(selector: string): Iterable<SvgElement>;
}

/**
 * Draws a plot as an SVG element. Its style is the page's: a policy lets no other be there.
 *
 * @param label What it shows, in words; without, it is but a decoration of text beside it.
 */
export function drawSvg(options: Plot.PlotOptions, label: string | undefined): Html {
  const { document } = parseHTML("<html><body></body></html>") as unknown as {
    readonly document: NonNullable<Plot.PlotOptions["document"]>;
  };
  const svg: SvgElement = Plot.plot({ ...options, document });
  for (const style of svg.querySelectorAll("style")) style.remove();
  for (const part of svg.querySelectorAll("[aria-label], [aria-hidden]")) {
    part.removeAttribute("aria-label");
    part.removeAttribute("aria-hidden");
  }
  svg.setAttribute("class", "plot");
  svg.setAttribute("font-size", "12");
  const role = label === undefined
    ? html`<svg aria-hidden="true"`
    : html`<svg role="img" aria-label="${label}"`;
  // The document's own writer leaves & in attributes as it is.
  return trustHtml(svg.outerHTML.replace(/^<svg/, () => role.text));
}
