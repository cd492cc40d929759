/// <reference lib="dom" />
import uPlot from "uplot";

/** Curves of a training, which grow. */
export interface Curves {
  /** Adds what a step has measured. */
  add(step: number, loss: number, accuracy: number): void;
  /** Adds the accuracy on other images. */
  addTest(step: number, accuracy: number): void;
  /** Begins anew. */
  clear(): void;
}

/** How often they are drawn anew at the most, in milliseconds. */
const PERIOD = 200;

const HEIGHT = 240;

/** How far steps that are written below the curves may be apart. */
const INCREMENTS = [1, 10, 100, 1000, 10_000, 100_000].flatMap((
  power,
) => [power, 2 * power, 5 * power]);

/** Formats what is under the pointer. */
const value = (_: uPlot, number: number | null): string =>
  number === null ? "–" : number.toFixed(3);

/** Makes the curves in an element, as wide as that is. */
export function makeCurves(element: HTMLElement): Curves {
  let steps: number[] = [];
  let losses: (number | null)[] = [];
  let accuracies: (number | null)[] = [];
  let tests: (number | null)[] = [];
  let plot: uPlot | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const draw = () => {
    timer = undefined;
    plot ??= new uPlot(describe(element), undefined, element);
    plot.setData([steps, losses, accuracies, tests]);
  };
  const drawSoon = () => timer ??= setTimeout(draw, PERIOD);
  const renew = () => {
    plot?.destroy();
    plot = undefined;
    if (steps.length > 0) drawSoon();
  };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", renew);
  new ResizeObserver(() => plot?.setSize({ width: element.clientWidth, height: HEIGHT }))
    .observe(element);
  return {
    add(step, loss, accuracy) {
      steps.push(step);
      losses.push(loss);
      accuracies.push(accuracy);
      tests.push(null);
      drawSoon();
    },
    addTest(step, accuracy) {
      const place = steps.indexOf(step);
      if (place < 0) {
        steps.push(step);
        losses.push(null);
        accuracies.push(null);
        tests.push(accuracy);
      } else tests[place] = accuracy;
      drawSoon();
    },
    clear() {
      [steps, losses, accuracies, tests] = [[], [], [], []];
      renew();
    },
  };
}

function describe(element: HTMLElement): uPlot.Options {
  const color = (name: string) => resolveColor(element, `var(--${name})`);
  const axis = { stroke: color("text"), grid: { stroke: color("border"), width: 1 } };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    scales: { x: { time: false }, share: { range: [0, 1] } },
    // Steps are whole.
    axes: [{ ...axis, incrs: INCREMENTS }, { ...axis, label: "loss" }, {
      ...axis,
      label: "accuracy",
      scale: "share",
      side: 1,
      grid: { show: false },
    }],
    series: [
      { label: "step", value: (_, step) => step === null ? "–" : String(step) },
      { label: "loss", stroke: color("series-1"), width: 2, value },
      { label: "accuracy", stroke: color("series-2"), width: 1, scale: "share", value },
      {
        label: "test accuracy",
        stroke: color("series-3"),
        width: 3,
        scale: "share",
        spanGaps: true,
        value,
        points: { show: true, size: 8, fill: color("series-3") },
      },
    ],
  };
}

/** Finds out what a color of the style is now: a canvas knows no variables. */
function resolveColor(element: HTMLElement, value: string): string {
  const probe = document.createElement("span");
  probe.style.color = value;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
