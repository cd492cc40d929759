import { getOrThrow } from "../../models/mod.ts";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { formatInput, type InputReport } from "../../tasks/_bench/input/bench_input.ts";
import { listKernelWorkloads } from "../../tasks/_bench/kernels/kernel_workloads.ts";
import { formatRoofline, timeProduct } from "../../tasks/_bench/roofline/bench_roofline.ts";
import { openPeaks } from "../../tasks/_bench/roofline/peaks.ts";
import { formatSets, type SetsReport } from "../../tasks/_bench/sets/bench_sets.ts";
import { buildModel } from "../../tasks/_model/model_config.ts";
import { withBackend } from "../models/_helpers.ts";
import { webgpuTest } from "../models/_webgpu.ts";
import { runTask } from "./_task.ts";

Deno.test("a roofline's arithmetic leaves out the taps on padding", () => {
  const network = getOrThrow(buildModel({ side: 67, channels: 1, classes: 10, dropout: 0.5 }));
  const parts = listKernelWorkloads(network, 2)
    .filter(({ name, flops }) => flops > 0 && name.endsWith("forward"))
    .map(({ name, flops, usefulFlops }) => [name, (usefulFlops / flops).toFixed(9)]);
  // On 7 pixels a kernel of 5 with 2 of padding has 29 of 35 taps inside; on 3 one of 3 with 1 has 7 of 9.
  const [all, inner, outer] = [1, (29 / 35) ** 2, (7 / 9) ** 2].map((part) => part.toFixed(9));
  assertEquals(parts, [
    ["conv1 forward", all],
    ["conv2 forward", inner],
    ...["conv3 forward", "conv4 forward", "conv5 forward"].map((name) => [name, outer]),
    ...["fc1 forward", "fc2 forward", "fc3 forward"].map((name) => [name, all]),
  ]);
});

Deno.test("formatRoofline() shows the peaks, and each product beside its limit", () => {
  const text = formatRoofline({
    about: "WASM",
    side: 67,
    batchSize: 2,
    arithmetic: 50,
    memory: 20,
    products: [
      { name: "a", flops: 1e9, bytes: 1e6, seconds: 0.04, bound: "arithmetic", share: 0.5 },
    ],
  });
  assertEquals(text.split("\n"), [
    "WASM; AlexNet, 67 × 67, batches of 2; the most: 50.0 GFLOP/s and 20.0 GB/s",
    "",
    "product  GFLOP    MB  FLOP/byte    ms  GFLOP/s  bound by    of its limit",
    "-------  -----  ----  ---------  ----  -------  ----------  ------------",
    "a         1.00  1.00      1,000  40.0     25.0  arithmetic          50 %",
  ]);
});

Deno.test("formatSets() and formatInput() have a row for each set and each way", () => {
  const sets: SetsReport = {
    about: "WebGPU on X",
    batchSize: 8,
    rounds: 1,
    products: [{
      name: "p",
      sets: [{ set: "as a rule", seconds: 0.1, ratio: 1 }, {
        set: "8 × 8",
        seconds: 0.05,
        ratio: 2,
      }],
    }],
  };
  assertEquals(formatSets(sets).split("\n").slice(-2), [
    "p        as a rule   100           1.00",
    "         8 × 8      50.0           2.00",
  ]);
  const input: InputReport = {
    about: "WebGPU on X",
    batchSize: 128,
    side: 224,
    batches: 8,
    rounds: 1,
    ways: [{ way: "stages", seconds: 0.05, own: 0.02 }],
    memory: { before: 1e8, most: 2e8 },
  };
  const text = formatInput(input);
  assertStringIncludes(
    text,
    "stages                                    50.0                      20.0",
  );
  assertStringIncludes(text, "resident memory: 100 MB before, 200 MB at most");
});

Deno.test("timeProduct() runs a product often if it is small, and keeps the best peaks in between", async () => {
  const best = { arithmetic: 0, memory: 5 };
  const measured = [3, 9, 6];
  let runs = 0;
  let isReleased = false;
  const seconds = await timeProduct({
    flops: 1e8,
    prepare: () => ({ run: () => void runs++, release: () => void (isReleased = true) }),
  }, {
    rounds: 2,
    peaks: {
      arithmetic: () => Promise.resolve(measured.shift() ?? 0),
      memory: () => Promise.resolve(1),
    },
    best,
    sync: () => Promise.resolve(),
  });
  // Three rounds, of which the first compiles, of ten runs.
  assertEquals([runs, isReleased, best], [30, true, { arithmetic: 9, memory: 5 }]);
  assert(seconds >= 0 && seconds < 1);
});

webgpuTest("the peaks of WebGPU are measured", () =>
  withBackend("webgpu", async () => {
    const peaks = await openPeaks("webgpu");
    assert(await peaks.arithmetic() > 0.1);
    assert(await peaks.memory() > 0.01);
  }));

webgpuTest("deno task bench input measures both ways", async () => {
  const { code, stdout, stderr } = await runTask(
    ["bench", "input", "--batch-size", "2", "--side", "32", "--batches", "1", "--rounds", "1"]
      .concat("--json"),
  );
  assertEquals(code, 0, stderr);
  const { ways, memory }: InputReport = JSON.parse(stdout);
  assertEquals(ways.map(({ way }) => way), ["stages", "device"]);
  assert(ways.every(({ seconds, own }) => seconds >= own && own > 0));
  assert(memory.most >= memory.before);
});

Deno.test("deno task bench sets refuses blocks that are not blocks, in one line", async () => {
  const { code, errors } = await runTask(["bench", "sets", "--blocks", "8x8,7"]);
  assertEquals([code, errors], [2, [
    "error: Cannot use --blocks 8x8,7: it must be blocks such as 16x32,32x16",
  ]]);
});
