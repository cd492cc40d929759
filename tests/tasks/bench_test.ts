import { basename, dirname } from "node:path";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Contestant } from "../../tasks/_bench/pipelines/contestant.ts";
import { measureLoaders } from "../../tasks/_bench/pipelines/measure_loaders.ts";
import type { PipelinesReport } from "../../tasks/_bench/pipelines/pipelines_report.ts";
import { formatPipelinesReport } from "../../tasks/_bench/pipelines/pipelines_report.ts";
import { median, medianRatio } from "../../tasks/_bench/shared/statistics.ts";
import { quotePath } from "../../tasks/_cli/errors.ts";
import { root, runTask } from "./_task.ts";

Deno.test("median is the middle one, or lies between the middle two", () => {
  assertEquals([[3], [3, 1, 2], [4, 1, 3, 2]].map(median), [3, 2, 2.5]);
});

Deno.test("medianRatio compares what was measured side by side", () => {
  assertEquals(medianRatio([2, 40, 6], [1, 10, 2]), 3);
});

Deno.test("measureLoaders takes turns, and leaves the first round out", async () => {
  const turns: string[] = [];
  const contestant = (name: string, seconds: number[]): Contestant => ({
    name,
    about: "",
    load: ({ images }) => {
      turns.push(`${name} ${images}`);
      return Promise.resolve(seconds.shift()!);
    },
    close: () => Promise.resolve(),
  });
  const figures = await measureLoaders(
    [
      { contestant: contestant("a", [9, 1, 2]), load: { side: 1, images: 8 } },
      { contestant: contestant("b", [9, 4, 8]), load: { side: 1, images: 4 } },
    ],
    2,
  );
  assertEquals(
    figures.map(({ contestant: { name }, imagesPerSecond }) => ({ name, imagesPerSecond })),
    [
      { name: "a", imagesPerSecond: [8, 4] },
      { name: "b", imagesPerSecond: [1, 0.5] },
    ],
  );
  assertEquals(turns, ["a 8", "b 4", "a 8", "b 4", "a 8", "b 4"]);
});

const report: PipelinesReport = {
  machine: { os: "linux", arch: "x86_64", processor: "X", cores: 2, deno: "2.9.6", load: 1 },
  rounds: 3,
  loads: [{
    side: 224,
    loaders: [
      { name: "a", about: "A 1", images: 128, imagesPerSecond: 12345.6, runs: [12345.6], ratio: 1 },
      {
        name: "b",
        about: "B 2",
        images: 128,
        imagesPerSecond: 1234.56,
        runs: [1234.56],
        ratio: 10,
      },
    ],
  }],
  missing: [{ name: "c", missing: "there is none" }],
  images: 60_000,
  side: 224,
  memory: [{ name: "a", before: 2 ** 27, sampled: 2 ** 28, process: 2 ** 28 }],
  stages: [{ name: "map(identity)", microseconds: 0.04 }],
};

Deno.test("formatPipelinesReport has a table for each figure, and says what is missing", () => {
  assertEquals(formatPipelinesReport(report).split("\n").slice(2, 7), [
    "28 × 28 bytes to 224 × 224 floats  images/s  the first is faster by  with",
    "---------------------------------  --------  ----------------------  ---------------------------",
    "a                                    12,346                   1.0 ×  A 1",
    "b                                     1,235                  10.0 ×  B 2",
    "c                                                                    not measured: there is none",
  ]);
  assertStringIncludes(formatPipelinesReport(report), "map(identity)                  0.040");
});

Deno.test("deno task bench pipelines measures all there is", async () => {
  const budget = [
    "--images",
    "128",
    "--rounds",
    "1",
    "--side",
    "32",
    "--epoch",
    "300",
    "--items",
    "50",
  ];
  const { code, stdout, stderr } = await runTask(
    ["bench", "pipelines", ...budget, "--no-peers", "--json"],
  );
  assertEquals([code, stderr], [0, ""]);
  const { loads, memory, stages, missing }: PipelinesReport = JSON.parse(stdout);
  assertEquals(loads.map(({ side, loaders }) => [side, loaders.length]), [[32, 2], [28, 2]]);
  assert(loads.every(({ loaders }) => loaders.every(({ imagesPerSecond }) => imagesPerSecond > 0)));
  assert(
    memory.every(({ before, sampled, process }) => before > 0 && sampled >= before && process > 0),
  );
  assert(stages.length > 10);
  assertEquals(missing, []);
});

Deno.test("deno task bench wants to know what to measure", async () => {
  // From elsewhere it can't be called without its deno.json.
  const cwd = dirname(root);
  const config = `--config ${quotePath(`${basename(root)}/deno.json`)} `;
  for (
    const [args, what, options, flag] of [
      [[], "a word is missing", { cwd }, config],
      [["x"], '"x" is not known', {}, ""],
    ] as const
  ) {
    const { code, errors } = await runTask(["bench", ...args], options);
    assertEquals(code, 2);
    assertStringIncludes(
      errors[0] ?? "",
      `${what}; it is deno task ${flag}bench pipelines|train|kernels|step|roofline|sets|input|save|serve|decode|photos [flags]`,
    );
  }
  const { code, stdout } = await runTask(["bench", "--help"]);
  assertEquals(code, 0);
  assertStringIncludes(
    stdout,
    "deno task bench pipelines|train|kernels|step|roofline|sets|input|save|serve|decode|photos [flags]",
  );
});
