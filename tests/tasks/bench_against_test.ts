import { fileURLToPath, pathToFileURL } from "node:url";
import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  type CheckoutFigures,
  compareCheckouts,
  compareFigures,
  type Comparison,
  measureInTurn,
} from "../../tasks/_bench/against/compare_checkouts.ts";
import { formatComparison } from "../../tasks/_bench/against/format_comparison.ts";
import { toFlags } from "../../tasks/_bench/against/run_checkout.ts";
import { measureKernelsOf } from "../../tasks/_bench/kernels/kernels_checkout.ts";
import { geometricMean } from "../../tasks/_bench/shared/statistics.ts";
import { root, runTask, withFolder } from "./_task.ts";

const figures = (seconds: Record<string, number>, missing = {}): CheckoutFigures => ({
  seconds,
  missing,
});

Deno.test("geometricMean() is the root of the product", () => {
  assertEquals(Math.round(geometricMean([0.5, 2, 8]) * 1e9) / 1e9, 2);
});

Deno.test("compareFigures() takes the middle one of each round's ratios, above 1 where this one is faster", () => {
  const comparison = compareFigures({
    own: [figures({ a: 1, b: 2 }), figures({ a: 10, b: 2 }), figures({ a: 2, b: 2 })],
    other: [figures({ a: 2, b: 2 }), figures({ a: 10, b: 1.9 }), figures({ a: 3, b: 2 })],
  }, "before");
  assertEquals(comparison.rows, [
    { name: "a", other: 3, own: 2, ratio: 1.5, ratios: [2, 1, 1.5] },
    { name: "b", other: 2, own: 2, ratio: 1, ratios: [1, 0.95, 1] },
  ]);
  assertEquals([comparison.rounds, comparison.isAsFast, comparison.missing], [3, true, []]);
  assertEquals(comparison.mean.toFixed(9), Math.sqrt(1.5).toFixed(9));
});

Deno.test("compareFigures() names what one of the checkouts lacks, and says which", () => {
  const { rows, missing } = compareFigures({
    own: [figures({ a: 1, new: 1 }, { peer: "it is not installed" })],
    other: [figures({ a: 1, old: 1 }, { new: "it is no function", peer: "it is gone" })],
  }, "before");
  assertEquals(rows.map(({ name }) => name), ["a"]);
  assertEquals(missing, [
    { name: "new", missing: "the other: it is no function" },
    { name: "peer", missing: "this checkout: it is not installed; the other: it is gone" },
    { name: "old", missing: "this checkout: it has no such row" },
  ]);
  assertThrows(
    () => compareFigures({ own: [figures({ a: 1 })], other: [figures({ b: 1 })] }, "before"),
    Error,
    "Cannot compare with before: no row was measured in both; a (the other: it has no such row), b (",
  );
});

const compareRatios = (...ratios: number[]): Comparison =>
  compareFigures({
    own: [figures(Object.fromEntries(ratios.map((_, i) => [`row ${i}`, 1])))],
    other: [figures(Object.fromEntries(ratios.map((ratio, i) => [`row ${i}`, ratio])))],
  }, "before");

Deno.test("a checkout is as fast as before by the mean of its rows and by each of them", () => {
  for (
    const [ratios, line] of [
      [[0.97, 0.98], "as fast as before"],
      [[0.9, 1.1], "as fast as before"],
      [
        [0.89, 1.2, 0.8],
        'slower than before: the geometric mean is below 0.97; "row 0", "row 2" below 0.9',
      ],
      [[0.89, 1.2], 'slower than before: "row 0" below 0.9'],
      [[0.96, 0.96], "slower than before: the geometric mean is below 0.97"],
    ] as const
  ) {
    const comparison = compareRatios(...ratios);
    assertEquals(comparison.isAsFast, line === "as fast as before");
    assertEquals(formatComparison(comparison).split("\n").at(-1), line);
  }
});

Deno.test("formatComparison() shows each row, what is missing, and the verdict", () => {
  const text = formatComparison({
    ...compareRatios(1.25, 0.8),
    missing: [{ name: "x", missing: "y" }],
  });
  assertEquals(text.split("\n").slice(2), [
    "row    ms other  ms this  ratio  least   most",
    "-----  --------  -------  -----  -----  -----",
    "row 0     1,250    1,000  1.250  1.250  1.250",
    "row 1       800    1,000  0.800  0.800  0.800",
    "not compared: x: y",
    "",
    "geometric mean 1.000, least 0.800",
    'slower than before: "row 1" below 0.9',
  ]);
});

Deno.test("compareCheckouts() lets another begin in each round", () =>
  withFolder(async (dir) => {
    await Deno.mkdir(`${dir}/tasks`);
    await Deno.writeTextFile(`${dir}/tasks/bench.ts`, "");
    const turns: boolean[] = [];
    const notes: string[] = [];
    const { rows } = await compareCheckouts(dir, {
      rounds: 3,
      measure: measureInTurn((checkout) => {
        const isOwn = fileURLToPath(checkout) === root;
        turns.push(isOwn);
        return Promise.resolve(figures({ a: isOwn ? 1 : 2 }));
      }),
      note: (line) => notes.push(line),
    });
    assertEquals(turns, [false, true, true, false, false, true]);
    assertEquals(rows[0]!.ratios, [2, 2, 2]);
    assertStringIncludes(notes[2]!, "round 3 of 3: both measured in ");
  }));

Deno.test("compareCheckouts() refuses what is no checkout", () =>
  withFolder(async (dir) => {
    const options = { rounds: 1, measure: () => Promise.reject(), note: () => {} };
    for (
      const [path, why] of [
        [`${dir}/absent`, "there is no such folder"],
        [dir, "it is no checkout: it has no tasks/bench.ts"],
      ] as const
    ) {
      await assertRejects(
        () => compareCheckouts(path, options),
        Error,
        `Cannot compare with ${path}: ${why}`,
      );
    }
  }));

Deno.test("toFlags() writes values as a command line has them", () => {
  assertEquals(
    toFlags({ batchSize: 2, peers: false, start: true, side: undefined, backend: "wasm" }),
    [
      ...["--batch-size", "2", "--no-peers", "--start", "--backend", "wasm"],
    ],
  );
});

const SMALL = ["--rounds", "1", "--json", "--against", root];

Deno.test("deno task bench pipelines --against times the same rows of two checkouts", async () => {
  const { code, stdout, stderr } = await runTask(
    ["bench", "pipelines", ...SMALL, "--images", "128", "--side", "32", "--items", "50"],
  );
  const { rows, missing, isAsFast, mean }: Comparison = JSON.parse(stdout);
  // What a round of so little takes means nothing.
  assertEquals(code, isAsFast ? 0 : 1, stderr);
  assertEquals([rows.length, missing], [17 + 4, []]);
  assert(rows.every(({ other, own, ratio }) => other > 0 && own > 0 && ratio === other / own));
  assert(mean > 0);
});

Deno.test("deno task bench train --against runs each checkout's own program", async () => {
  const load = ["--backend", "wasm", "--model", "lenet", "--batch-size", "1"];
  const { stdout } = await runTask(["bench", "train", "--no-start", ...load, ...SMALL]);
  const steps: Comparison = JSON.parse(stdout);
  assertEquals(steps.rows.map(({ name }) => name), ["a step: Rill"]);
  assertEquals(steps.missing.map(({ name }) => name), ["from the command to the first step"]);
});

Deno.test("measureKernelsOf() measures the kernels of a checkout", async () => {
  const work = { backend: "wasm", side: 67, batchSize: 1 };
  const { seconds, missing } = await measureKernelsOf(pathToFileURL(root), work);
  assertEquals([Object.keys(seconds).length, missing], [31 + 2 * 12 + 2 * 3, {}]);
  assert(Object.values(seconds).every((one) => one > 0));
});
