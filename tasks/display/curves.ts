/**
 * Curves, such as those of a loss.
 *
 * @module
 */

import { COLORS, estimateWidth, SERIES, writeDrawing, writeText } from "./_drawing.ts";
import { escapeText, writeElement } from "./_markup.ts";
import { chooseTicks, type Point, thinOut } from "./_ticks.ts";
import { type Display, makeDisplay } from "./display.ts";

export type { Display } from "./display.ts";

/** How curves are shown. */
export interface DisplayCurvesOptions {
  /** What they show. */
  readonly title?: string;
  /**
   * What goes to the right.
   *
   * @default {"step"}
   */
  readonly xLabel?: string;
  /**
   * The least and the largest of what goes up, such as `[0, 1]` for accuracies.
   *
   * @default {those of all points}
   */
  readonly yRange?: readonly [number, number];
}

/** Numbers one behind the other, the first at 1; or pairs of where each is to the right and how large it is. */
export type Curve = readonly number[] | readonly (readonly [x: number, y: number])[];

const [WIDTH, HEIGHT, TOP, RIGHT, BOTTOM] = [640, 320, 56, 16, 44];

/**
 * Displays curves. One without a point yet, as before the first step, is only named; numbers that aren't finite are gaps.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { displayCurves, jupyterDisplay } from "@rill/rill/display";
 *
 * const loss = [2.3, 1.1, 0.8];
 * const test = [[2, 1.2], [3, 0.9]] as const;
 * const formats = await displayCurves({ loss, test })[jupyterDisplay]();
 * assertEquals(formats["text/plain"], "loss 2.3 to 0.8 in 3 points, test 1.2 to 0.9 in 2 points");
 * ```
 *
 * @param curves The curves by their names, 4 at most.
 * @param options Labels and bounds.
 * @returns What a notebook shows.
 * @throws {RangeError} If there are more curves than can be told apart, or the bounds aren't two numbers in rising order.
 */
export function displayCurves(
  curves: Readonly<Record<string, Curve>>,
  { title = "", xLabel = "step", yRange }: DisplayCurvesOptions = {},
): Display {
  const names = Object.keys(curves);
  if (names.length > SERIES.length) {
    throw new RangeError(
      `Cannot display ${names.length} curves in one drawing: ${SERIES.length} can be told apart`,
    );
  }
  if (yRange && !(yRange.every(Number.isFinite) && yRange[0] < yRange[1])) {
    throw new RangeError(
      `Cannot display curves from ${yRange[0]} to ${
        yRange[1]
      }: it must be two finite numbers in rising order`,
    );
  }
  // What is drawn is what there is now: a list may grow.
  const points = names.map((name) =>
    curves[name]!.map((at, i): Point => typeof at === "number" ? [i + 1, at] : [at[0], at[1]])
  );
  const told = names.map((name, i) => tellCurve(name, points[i]!)).join(", ");
  return makeDisplay(() => ({
    "text/plain": title === "" ? told : `${title}: ${told}`,
    "image/svg+xml": drawCurves(names, points, { title, xLabel, told, ...yRange && { yRange } }),
  }));
}

function tellCurve(name: string, points: readonly Point[]): string {
  const values = points.map(([, y]) => y).filter(Number.isFinite);
  const [first, last] = [values[0], values.at(-1)];
  if (first === undefined || last === undefined) return `${name} without a point yet`;
  const format = (value: number) => String(Number(value.toPrecision(4)));
  return values.length === 1
    ? `${name} ${format(first)} in 1 point`
    : `${name} ${format(first)} to ${format(last)} in ${values.length} points`;
}

interface Labels {
  readonly title: string;
  readonly xLabel: string;
  readonly told: string;
  readonly yRange?: readonly [number, number];
}

function drawCurves(
  names: readonly string[],
  points: readonly (readonly Point[])[],
  { title, xLabel, told, yRange }: Labels,
): string {
  const finite = points.flat().filter((point) => point.every(Number.isFinite));
  const isWhole = finite.every(([x]) => Number.isInteger(x));
  const xTicks = chooseTicks(finite.map(([x]) => x), 8, isWhole ? 1 : 0);
  const yTicks = chooseTicks(yRange ?? finite.map(([, y]) => y), 6);
  const left = 16 + Math.max(...yTicks.map(({ text }) => estimateWidth(text)));
  const [x0, x1] = finite.reduce(
    ([least, largest], [x]) => [Math.min(least, x), Math.max(largest, x)],
    [1, 2],
  );
  const [y0, y1] = [yTicks[0]!.value, yTicks.at(-1)!.value];
  const toX = (x: number) => left + (x - x0) / (x1 - x0) * (WIDTH - left - RIGHT);
  const toY = (y: number) => HEIGHT - BOTTOM - (y - y0) / (y1 - y0) * (HEIGHT - BOTTOM - TOP);
  const line = (from: Point, to: Point) =>
    writeElement("line", { x1: from[0], y1: from[1], x2: to[0], y2: to[1], stroke: COLORS.line });
  const elements = [
    writeText(title, left, 20, { size: 14 }),
    writeText(xLabel, (left + WIDTH - RIGHT) / 2, HEIGHT - 8, {
      anchor: "middle",
      color: COLORS.quiet,
    }),
    ...yTicks.flatMap(({ value, text }) => [
      line([left, toY(value)], [WIDTH - RIGHT, toY(value)]),
      writeText(text, left - 6, toY(value) + 4, { anchor: "end", color: COLORS.quiet }),
    ]),
    ...xTicks.filter(({ value }) => value >= x0 && value <= x1).flatMap(({ value, text }) => [
      line([toX(value), HEIGHT - BOTTOM], [toX(value), HEIGHT - BOTTOM + 5]),
      writeText(text, toX(value), HEIGHT - BOTTOM + 18, { anchor: "middle", color: COLORS.quiet }),
    ]),
  ];
  let legend = left;
  names.forEach((name, i) => {
    const { color, dash } = SERIES[i]!;
    const stroke = { stroke: color, "stroke-width": 2, "stroke-dasharray": dash, fill: "none" };
    const placed = points[i]!.map(([x, y]): Point => [toX(x), toY(y)]);
    elements.push(
      writeElement("line", { x1: legend, y1: 38, x2: legend + 24, y2: 38, ...stroke }),
      writeText(name, legend + 30, 42),
      writeElement(
        "g",
        {},
        writeElement("title", {}, escapeText(tellCurve(name, points[i]!))),
        writeElement("path", { d: tracePath(thinOut(placed)), ...stroke }),
        // Few points are seen as such, and one alone is no line.
        ...placed.length <= 25
          ? placed.filter((point) => point.every(Number.isFinite)).map(([cx, cy]) =>
            writeElement("circle", { cx, cy, r: 3, fill: color })
          )
          : [],
      ),
    );
    legend += 54 + estimateWidth(name);
  });
  return writeDrawing({
    width: WIDTH,
    height: HEIGHT,
    label: title === "" ? `Curves: ${told}` : `${title}: ${told}`,
    elements,
  });
}

/** Writes the path through points, with gaps where one isn't finite. */
function tracePath(points: readonly Point[]): string {
  let isDrawn = false;
  return points.map(([x, y]) => {
    if (!Number.isFinite(x) || !Number.isFinite(y)) {
      isDrawn = false;
      return "";
    }
    const command = isDrawn ? "L" : "M";
    isDrawn = true;
    return `${command}${x.toFixed(1)} ${y.toFixed(1)}`;
  }).join("");
}
