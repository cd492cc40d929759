import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { displayCurves, jupyterDisplay } from "@rill/rill/display";
import { chooseTicks, type Point, thinOut } from "../../../tasks/display/_ticks.ts";
import { assertWellFormed } from "./_markup.ts";

/** Draws curves, and reads the points of each path. */
async function tracePaths(...args: Parameters<typeof displayCurves>): Promise<Point[][]> {
  const svg = (await displayCurves(...args)[jupyterDisplay]())["image/svg+xml"] ?? "";
  assertWellFormed(svg);
  return [...svg.matchAll(/<path d="([^"]*)"/g)].map(([, d = ""]) =>
    [...d.matchAll(/[ML]([\d.-]+) ([\d.-]+)/g)].map(([, x, y]): Point => [Number(x), Number(y)])
  );
}

Deno.test("displayCurves() draws each point where it belongs", async () => {
  const [path] = await tracePaths({ accuracy: [0, 0.5, 1] }, { yRange: [0, 1] });
  assert(path?.length === 3);
  const [[x0, y0], [x1, y1], [x2, y2]] = path as [Point, Point, Point];
  assertAlmostEquals(x1 - x0, x2 - x1, 0.2);
  assertAlmostEquals(y0 - y1, y1 - y2, 0.2);
  assert(x2 > x0 && y2 < y0, "larger is higher");
});

Deno.test("displayCurves() has numbers without a place at 1, 2, 3", async () => {
  const [numbers, pairs] = await tracePaths({ a: [3, 1, 2], b: [[1, 3], [2, 1], [3, 2]] });
  assertEquals(numbers, pairs);
});

Deno.test("displayCurves() leaves gaps, and draws nothing where nothing is yet", async () => {
  const svg = (await displayCurves({ loss: [1, NaN, 2, 3, Infinity] })[jupyterDisplay]())[
    "image/svg+xml"
  ] ?? "";
  assertEquals(/<path d="([^"]*)"/.exec(svg)?.[1]?.match(/M/g)?.length, 2);
  assert(!/NaN|Infinity/.test(svg));
  assertEquals(await tracePaths({ loss: [] }), [[]]);
  assertEquals(await tracePaths({}), []);
  const formats = await displayCurves({ loss: [NaN], test: [2] })[jupyterDisplay]();
  assertEquals(formats["text/plain"], "loss without a point yet, test 2 in 1 point");
});

Deno.test("displayCurves() shows what there was when it was called", async () => {
  const loss = [2, 1];
  const display = displayCurves({ loss });
  loss.push(0.5);
  assertEquals((await display[jupyterDisplay]())["text/plain"], "loss 2 to 1 in 2 points");
});

Deno.test("displayCurves() draws curves of any length", async () => {
  const [path] = await tracePaths({ loss: Array.from({ length: 300_000 }, (_, i) => 1 / (i + 1)) });
  assert(path && path.length > 600 && path.length < 3000, String(path?.length));
});

Deno.test("displayCurves() refuses more curves than can be told apart, and no range", () => {
  const curves = Object.fromEntries([..."abcde"].map((name) => [name, [1]]));
  assertThrows(() => displayCurves(curves), RangeError, "Cannot display 5 curves");
  assertThrows(() => displayCurves({}, { yRange: [1, 0] }), RangeError, "from 1 to 0");
});

Deno.test("chooseTicks() gives round numbers around all values", () => {
  const texts = (...args: Parameters<typeof chooseTicks>) =>
    chooseTicks(...args).map(({ text }) => text);
  assertEquals(texts([0, 1], 6), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
  assertEquals(texts([0.21, 2.3], 6), ["0.0", "0.5", "1.0", "1.5", "2.0", "2.5"]);
  assertEquals(texts([1, 3], 8, 1), ["1", "2", "3"]);
  assertEquals(texts([1, 20000], 6), ["0", "5,000", "10,000", "15,000", "20,000"]);
  assertEquals(texts([], 3), ["0.0", "0.5", "1.0"]);
  assertEquals(texts([5, 5], 3), ["0", "5", "10"]);
  assertEquals(texts([0.00001, 0.00003], 3), ["0.00001", "0.00002", "0.00003"]);
  assertEquals(texts([-1, 1], 3), ["-1", "0", "1"]);
});

Deno.test("thinOut() keeps what is seen of a curve of many points", () => {
  const points = Array.from({ length: 20_000 }, (_, i): Point => [i / 50, Math.sin(i)]);
  points[7777] = [7777 / 50, 99];
  const thin = thinOut(points);
  assert(thin.length < 1700, String(thin.length));
  assert(thin.some(([, y]) => y === 99));
  assertEquals([thin[0], thin.at(-1)], [points[0], points.at(-1)]);
  assert(thin.every(([x], i) => i === 0 || x >= thin[i - 1]![0]), "in order");
  const few = points.slice(0, 100);
  assertEquals(thinOut(few), few);
});
