import { assert, assertEquals, assertMatch } from "@std/assert";
import { root } from "./_package/list_packed_files.ts";
import { createRandom, findTrend, type Series } from "./_soak/trend.ts";

const random = createRandom(3);

/** A series of memory by a function of the time from 0 to 1. */
const make = (value: (t: number, i: number) => number, more: Partial<Series> = {}): Series => {
  const at = Array.from({ length: 1500 }, (_, i) => i / 5);
  return {
    name: "memory",
    unit: "MB",
    at,
    values: at.map((_, i) => value(i / at.length, i)),
    share: 0.03,
    least: 8,
    summary: "mean",
    bad: "growth",
    ...more,
  };
};

Deno.test("findTrend() finds no change in noise, in a saw's teeth and in outliers", () => {
  const series: Record<string, Series> = {
    constant: make(() => 200),
    noise: make(() => 200 + 40 * random()),
    teeth: make((_, i) => 200 + i % 50, { summary: "least" }),
    outliers: make(() => random() < 0.05 ? 900 * random() : 200 + random()),
    "a little growth": make((t) => 200 + 3 * t + random()),
    nothing: { ...make(() => 0), at: [], values: [] },
    "what falls": make((t) => 200 - 100 * t + random()),
  };
  for (const [name, one] of Object.entries(series)) {
    const { isBad, change } = findTrend(one);
    assertEquals(isBad, false, `${name}: ${change}`);
  }
});

Deno.test("findTrend() finds growth in noise and teeth, a step, and speed that falls", () => {
  const series: Record<string, [Series, number]> = {
    "in noise": [make((t) => 200 + 20 * t + 10 * random()), 20],
    "in teeth": [make((t, i) => 200 + 30 * t + i % 50, { summary: "least" }), 30],
    steps: [make((t) => 30 + Math.floor(20 * t), { least: 1 }), 20],
    "a slower end": [make((t) => 50 - 20 * t + 3 * random(), { share: 0.1, bad: "fall" }), -20],
  };
  for (const [name, [one, change]] of Object.entries(series)) {
    const trend = findTrend(one);
    assertEquals(trend.isBad, true, name);
    assert(Math.abs(trend.change - change) < 3, `${name}: ${trend.change}`);
    const [low, high] = trend.bounds;
    assert(low <= trend.change && trend.change <= high, `${name}: ${trend.bounds}`);
  }
});

Deno.test({
  name: "a soak trains, tells of each quantity, and fails where memory and files are kept",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--allow-all", "--no-check", `--config=${root}deno.json`],
        ...[`${root}tests/_soak/soak.ts`, "--leak", "--threads", "1"],
        ...["--steps", "150", "--epochs", "3", "--workers", "0"],
      ],
      env: { NO_COLOR: "1" },
      stdin: "null",
    }).output();
    const report = new TextDecoder().decode(stdout);
    assertEquals(code, 1, report + new TextDecoder().decode(stderr));
    assertMatch(report, /^wasm, threads 1: 150 steps, \d+ s$/m);
    for (const name of ["resident memory", "open files"]) {
      assertMatch(report, new RegExp(`\\| ${name} .*\\| \\*\\*growth\\*\\* \\|$`, "m"));
    }
    assertMatch(report, /\| tensors .*\| flat \|$/m);
  },
});
