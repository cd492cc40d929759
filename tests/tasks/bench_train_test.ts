import { networkNames } from "../../tasks/_model/networks.ts";
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { findDevice } from "@rill/rill/models";
import { chooseLoad, loadFlags } from "../../tasks/_bench/shared/train_load.ts";
import { parseFlags } from "../../tasks/_cli/parse_flags.ts";
import { formatDecimals } from "../../tasks/_bench/shared/report.ts";
import { measureStart } from "../../tasks/_bench/train/measure_start.ts";
import { measureTurns } from "../../tasks/_bench/shared/measure_turns.ts";
import type { TrainReport } from "../../tasks/_bench/train/train_report.ts";
import { formatTrainReport } from "../../tasks/_bench/train/train_report.ts";
import { getError } from "../models/_helpers.ts";
import { adapterTest, webgpuTest } from "../models/_webgpu.ts";
import { nightly } from "../_nightly.ts";
import { testUnless } from "../_test_unless.ts";
import { runTask, withFolder } from "./_task.ts";

Deno.test("formatDecimals shows three digits, and all before the point", () => {
  assertEquals([0, 0.01234, 0.5, 1.234, 12.34, 1234.5].map(formatDecimals), [
    "0",
    "0.0123",
    "0.500",
    "1.23",
    "12.3",
    "1,235",
  ]);
});

Deno.test("measureTurns takes turns of about the time that is given, and leaves the warm-up out", async () => {
  const turns: string[] = [];
  const contestant = (name: string, secondsEach: number) => ({
    name,
    run: (times: number) => {
      turns.push(`${name} ${times}`);
      return Promise.resolve({
        seconds: times * secondsEach,
        turn: turns.length,
      });
    },
  });
  const notes: string[] = [];
  const { figures: [quick, slow], missing } = await measureTurns(
    [contestant("quick", 0.25), contestant("slow", 40), contestant("instant", 1e-6)],
    { rounds: 2, turn: 1, what: "a step", note: (line) => notes.push(line) },
  );
  assertEquals(turns, [
    ...["quick 1", "quick 1", "slow 1", "instant 1", "instant 1"],
    ...["quick 4", "slow 1", "instant 64", "quick 4", "slow 1", "instant 64"],
  ]);
  assertEquals([quick?.times, quick?.seconds, quick?.first.turn], [4, [0.25, 0.25], 1]);
  assertEquals([slow?.times, slow?.seconds, slow?.last.turn], [1, [40, 40], 10]);
  assertEquals(notes[1], "warm-up, slow: 40.0 s a step");
  assertEquals(notes.at(-2), "round 2 of 2, slow: 40.0 s a step");
  assertEquals(missing, []);
});

Deno.test("measureTurns leaves out who fails, but for the first", async () => {
  const settings = { rounds: 2, turn: 1, what: "a step", note: () => {} };
  const contestant = (name: string, most: number) => ({
    name,
    run: (times: number) =>
      most-- > 0
        ? Promise.resolve({ seconds: 2 * times })
        : Promise.reject(new Error("not enough memory")),
  });
  const { figures, missing } = await measureTurns(
    [contestant("first", 9), contestant("at once", 0), contestant("later", 3), contestant("b", 9)],
    settings,
  );
  assertEquals(figures.map(({ contestant, seconds }) => [contestant.name, seconds]), [
    ["first", [2, 2]],
    ["b", [2, 2]],
  ]);
  assertEquals(
    missing,
    ["at once", "later"].map((name) => ({ name, missing: "not enough memory" })),
  );
  await assertRejects(() => measureTurns([contestant("first", 3)], settings), Error, "memory");
});

const report: TrainReport = {
  machine: { os: "linux", arch: "x86_64", processor: "X", cores: 2, deno: "2.9.6", load: 1.25 },
  backend: "webgpu",
  side: 67,
  batchSize: 2,
  rounds: 3,
  gflop: 0.932,
  peak: 100,
  contestants: [{
    name: "Rill",
    about: "WebGPU on X",
    steps: 3,
    seconds: 0.1,
    least: 0.09,
    runs: [0.1, 0.09, 0.2],
    imagesPerSecond: 20,
    gflops: 9.32,
    share: 0.0932,
    commands: { dispatches: 59.6, submits: 2, uploads: 1 },
    peakRss: 2 ** 29,
    firstLoss: 2.30456,
    product: null,
    ratio: 1,
  }],
  missing: [{ name: "PyTorch", missing: "there is no python3" }],
  start: { seconds: 2.345, runs: [2.2, 2.345, 4] },
};

Deno.test("formatTrainReport has a row for each, says what is missing, and how long a start takes", () => {
  assertEquals(formatTrainReport(report).split("\n"), [
    "linux x86_64, 2 cores of X, load 1.3 at the start, Deno 2.9.6; medians of 3 runs in turn",
    "",
    "AlexNet, 67 × 67, batches of 2  s a step   least  images/s  GFLOP/s  of peak  dispatches  submits  uploads  MB at most  first loss  the first is faster by  with",
    "------------------------------  --------  ------  --------  -------  -------  ----------  -------  -------  ----------  ----------  ----------------------  ---------------------------------",
    "Rill                               0.100  0.0900      20.0     9.32     9.3%          60        2        1         512      2.3046                  1.00 ×  WebGPU on X",
    "PyTorch                                                                                                                                                     not measured: there is no python3",
    "",
    "a step is 0.932 GFLOP; the peak is taken to be 100 GFLOP/s",
    "from the command to the end of the first step, caches warm: 2.35 s (2.20, 2.35, 4.00)",
  ]);
  const plain = formatTrainReport({
    ...report,
    peak: null,
    contestants: report.contestants.map((one) => ({ ...one, share: null, commands: null })),
    start: { missing: "no data" },
  });
  assert(!/of peak|dispatches/.test(plain));
  assertStringIncludes(plain, "the first step: not measured: no data");
});

const SMALL = ["--side", "67", "--batch-size", "2", "--rounds", "1"];

testUnless(
  nightly,
  "deno task bench train measures Rill beside tfjs's kernels and the start",
  async () => {
    const { code, stdout, stderr } = await runTask(
      ["bench", "train", "--backend", "wasm", ...SMALL, "--json"],
    );
    assertEquals(code, 0, stderr);
    const { backend, side, batchSize, gflop, contestants, missing, start, peak }: TrainReport = JSON
      .parse(stdout);
    assertEquals([backend, side, batchSize, peak], ["wasm", 67, 2, null]);
    // 0.466 GFLOP an image.
    assertAlmostEquals(gflop, 0.932, 0.001);
    const [rill, stock] = contestants;
    assert(rill && stock);
    assertEquals([rill.name, stock.name, rill.ratio], ["Rill", "tfjs's kernels", 1]);
    assertAlmostEquals(rill.firstLoss, stock.firstLoss, 1e-4);
    for (const one of contestants) {
      assert(one.seconds > 0 && one.least <= one.seconds && one.peakRss > 2 ** 20, one.name);
      assertAlmostEquals(one.gflops, gflop / one.seconds, 1e-9);
      assertEquals([one.runs.length, one.commands, one.share], [1, null, null]);
    }
    // PyTorch may be there or not.
    assert(contestants.length + missing.length >= 3);
    assert("runs" in start && start.seconds > 0 && start.runs.length === 1, JSON.stringify(start));
    assertStringIncludes(stderr, "round 1 of 1, tfjs's kernels: ");
  },
);

Deno.test("deno task bench train measures other networks", async () => {
  const { code, stdout, stderr } = await runTask(
    ["bench", "train", "--backend", "wasm", "--model", "squeezenet1-1"]
      .concat("--side", "33", "--batch-size", "3", "--rounds", "1", "--json"),
  );
  assertEquals(code, 0, stderr);
  const report: TrainReport = JSON.parse(stdout);
  const { model, channels, side, gflop, contestants: [rill, stock], start } = report;
  assertEquals([model, channels, side], ["squeezenet1-1", 3, 33]);
  assert(gflop > 0 && rill && stock);
  assertAlmostEquals(rill.firstLoss, stock.firstLoss, 1e-4);
  assert("missing" in start);
  assertStringIncludes(formatTrainReport(report), "SqueezeNet 1.1, 33 × 33 × 3, batches of 3");
});

webgpuTest("deno task bench train counts what the device is told", async () => {
  const { code, stdout, stderr } = await runTask(
    ["bench", "train", "--backend", "webgpu", "--model", "lenet", "--batch-size", "2"]
      .concat("--rounds", "1", "--no-peers", "--no-start", "--json")
      .concat("--peak", "2", "--precision", "mixed"),
  );
  assertEquals(code, 0, stderr);
  const { contestants: [rill, ...others], missing, peak }: TrainReport = JSON.parse(stdout);
  assert(rill);
  // Where the adapter has half precision.
  assertEquals([...others, ...missing].map(({ name }) => name), ["Rill, mixed precision"]);
  for (const { commands, firstLoss } of others) {
    assert(commands!.dispatches > rill.commands!.dispatches);
    assert(firstLoss !== rill.firstLoss);
  }
  assertEquals(peak, 2000);
  assertAlmostEquals(rill.share!, rill.gflops / 2000, 1e-9);
  const { dispatches, submits, uploads } = rill.commands!;
  assert(dispatches > 20 && submits >= 1 && uploads >= 1 && dispatches > submits);
});

Deno.test("measureStart says why there was no step", () =>
  withFolder(async (dir) => {
    const figures = await measureStart("wasm", { side: 67, batchSize: 2 }, {
      rounds: 1,
      dataDir: `${dir}/absent`,
      note: () => {},
    });
    assert("missing" in figures);
    assertStringIncludes(figures.missing, "there is no such folder");
  }));

Deno.test("deno task bench train refuses what makes no sense in one line", async () => {
  for (
    const [flag, value, message] of [
      ["--side", "66", "AlexNet takes 67 at least"],
      ["--side", "0", "it must be an integer of at least 1"],
      [
        "--model",
        "vgg",
        `it must be one of ${networkNames.join(", ")}`,
      ],
    ] as const
  ) {
    const { code, stdout, stderr } = await runTask(["bench", "train", flag, value]);
    assertEquals([code, stdout], [2, ""]);
    assertEquals(
      stderr,
      `error: Cannot use ${flag} ${value}${message.startsWith("it") ? ": " : " as "}${message}` +
        (value === "0" && flag === "--side" ? " and at most 4096" : "") + "\n",
    );
  }
});

Deno.test("what no bench can measure is refused", () => {
  for (
    const [flag, value, message] of [
      ["--batch-size", "0", "it must be an integer of at least 1"],
      ["--rounds", "0", "it must be an integer of at least 1"],
      ["--backend", "cuda", "it must be one of auto, webgpu, wasm"],
      ["--peak", "0", "it must be a number above 0"],
      ["--peak", "fast", "it must be a number above 0"],
    ] as const
  ) {
    const { message: said } = getError(parseFlags(loadFlags, [flag, value]));
    assertStringIncludes(said, `Cannot use ${flag} ${value}: ${message}`);
  }
});

adapterTest("what isn't said is what suits the backend", async () => {
  assertEquals(await chooseLoad({ backend: "wasm" }), {
    backend: "wasm",
    side: 67,
    batchSize: 128,
  });
  assertEquals(await chooseLoad({ backend: "wasm", side: 99, batchSize: 3 }), {
    backend: "wasm",
    side: 99,
    batchSize: 3,
  });
  const device = await findDevice();
  const batchSize = device && !device.software ? 128 : 8;
  assertEquals(await chooseLoad({ backend: "webgpu" }), {
    backend: "webgpu",
    side: 224,
    batchSize,
  });
  const auto = await chooseLoad({});
  assertEquals(auto.backend, device && !device.software ? "webgpu" : "wasm");
});
