import * as Plot from "@observablehq/plot";
import type { ConfusionMatrix } from "../../models/mod.ts";
import { listConfusedPairs } from "../_model/confused_pairs.ts";
import { type Html, html } from "../_pages/html.ts";
import { drawSvg, renderNumbers } from "./charts.ts";

/** The most classes of a map: more would be too small to read. */
const MOST_CLASSES = 20;

/**
 * How strong a cell is, by the share of its class's images that are in it: up to each bound one step. Between the weak ones, under
 * dark text, and the strong ones, under light text, is a gap, so that text is read on all of them.
 */
const STEPS: readonly (readonly [bound: number, strength: number])[] = [
  [0, 0],
  [0.01, 0.08],
  [0.05, 0.16],
  [0.1, 0.26],
  [0.25, 0.36],
  [0.5, 0.46],
  [0.75, 0.86],
  [1, 1],
];

const getStrength = (share: number): number =>
  STEPS.find(([bound]) => share <= bound + 1e-12)?.[1] ?? 1;

/** Above it text is light. */
const STRONG = 0.5;

/**
 * Renders a confusion matrix as a map, with its numbers as a table; of many classes those that are confused most.
 *
 * @param run The run whose it is, if there are several.
 */
export function renderHeatMap(
  confusion: ConfusionMatrix,
  names: readonly string[],
  run?: string,
): Html {
  const shown = chooseClasses(confusion);
  const cells = shown.flatMap((is) => {
    const of = confusion[is]!.reduce((sum, count) => sum + count, 0);
    return shown.map((taken) => {
      const count = confusion[is]![taken]!;
      return {
        is: String(is),
        taken: String(taken),
        count,
        strength: of > 0 ? getStrength(count / of) : 0,
      };
    });
  });
  const domain = shown.map(String);
  const nameOf = (key: unknown) => shorten(names[Number(key)] ?? String(key));
  const longest = Math.max(...domain.map((key) => nameOf(key).length));
  const margin = 12 + longest * 7.6;
  const side = Math.max(22, Math.min(44, 520 / shown.length));
  const title = `What each class was taken for${run === undefined ? "" : ` by ${run}`}${
    shown.length < names.length ? `, of the ${shown.length} classes confused most` : ""
  }`;
  const size = side * shown.length;
  const svg = drawSvg({
    width: margin + size + 8,
    height: margin + size + 8,
    marginLeft: margin,
    marginTop: margin,
    marginRight: 8,
    marginBottom: 8,
    x: { domain, axis: "top", label: null, tickFormat: nameOf, tickRotate: -60, tickSize: 0 },
    y: { domain, label: null, tickFormat: nameOf, tickSize: 0 },
    marks: [
      Plot.cell(cells, {
        x: "taken",
        y: "is",
        fill: "var(--accent)",
        fillOpacity: "strength",
        inset: 0.5,
      }),
      Plot.cell(cells, { x: "taken", y: "is", stroke: "var(--border)", inset: 0.5 }),
      Plot.text(cells, {
        x: "taken",
        y: "is",
        text: ({ count }) => count === 0 ? "" : String(count),
        fill: ({ strength }) => strength > STRONG ? "var(--on-accent)" : "var(--text)",
        fontSize: side < 30 ? 9 : 11,
      }),
    ],
    color: { type: "identity" },
    opacity: { type: "identity" },
  }, `${title}. ${describe(confusion, names)}`);
  const head = ["is \\ taken for", ...shown.map((key) => names[key] ?? String(key))];
  const rows = shown.map((is) => [
    names[is] ?? String(is),
    ...shown.map((taken) => String(confusion[is]![taken])),
  ]);
  return html`<figure>
    <figcaption>${title}</figcaption>
    <p class="quiet">A row is what pictures are, a column what they were taken for. The stronger a cell, the larger the
      share of its row: up to ${STEPS.slice(1).map(([bound]) => `${bound * 100} %`).join(", ")}.</p>
    <div class="scroll" tabindex="0" role="group" aria-label="${title}"><div class="map">${svg}</div></div>
    ${renderNumbers(`Numbers: ${title}`, head, rows)}
  </figure>`;
}

function describe(confusion: ConfusionMatrix, names: readonly string[]): string {
  const all = confusion.reduce((sum, row) => sum + row.reduce((a, b) => a + b, 0), 0);
  const right = confusion.reduce((sum, row, i) => sum + row[i]!, 0);
  const pairs = listConfusedPairs(confusion, 4).map(({ is, taken, count }) =>
    `${names[is]} for ${names[taken]}, ${count} times`
  );
  return `${right} of ${all} are right. ${
    pairs.length > 0 ? `Most often taken: ${pairs.join("; ")}.` : "None is confused."
  }`;
}

/** Chooses the classes of the map, in their order: all, or of many those that are confused most. */
function chooseClasses(confusion: ConfusionMatrix): number[] {
  if (confusion.length <= MOST_CLASSES) return confusion.map((_, i) => i);
  const wrong = confusion.map((row, is) =>
    row.reduce((sum, count, taken) => taken === is ? sum : sum + count + confusion[taken]![is]!, 0)
  );
  return confusion.map((_, i) => i).sort((a, b) => wrong[b]! - wrong[a]!)
    .slice(0, MOST_CLASSES).sort((a, b) => a - b);
}

/** Shortens a name to what there is room for. */
const shorten = (name: string): string => name.length > 16 ? `${name.slice(0, 15)}…` : name;
