import { getOrThrow } from "../../models/mod.ts";
import * as tf from "@tensorflow/tfjs-core";
import { assert, assertAlmostEquals, assertEquals, assertStringIncludes } from "@std/assert";
import { listKernelWorkloads } from "../../tasks/_bench/kernels/kernel_workloads.ts";
import type { KernelsReport } from "../../tasks/_bench/kernels/kernels_report.ts";
import { formatKernelsReport } from "../../tasks/_bench/kernels/kernels_report.ts";
import { profilePasses } from "../../tasks/_bench/kernels/profile_passes.ts";
import { sumCalls, sumDispatches } from "../../tasks/_bench/kernels/step_profile.ts";
import { type KernelCall, watchKernels } from "../../tasks/_bench/kernels/watch_kernels.ts";
import { buildModel } from "../../tasks/_model/model_config.ts";
import { withBackend } from "../models/_helpers.ts";
import { webgpuTest, withFeature } from "../models/_webgpu.ts";
import { nightly } from "../_nightly.ts";
import { testUnless } from "../_test_unless.ts";
import { runTask } from "./_task.ts";

const network = (side: number) =>
  getOrThrow(buildModel({ side, channels: 1, classes: 10, dropout: 0.5 }));

Deno.test("the kernels that are measured are those of a training step", () => {
  for (const side of [67, 224]) {
    const workloads = listKernelWorkloads(network(side), 3);
    const flops = workloads.reduce((sum, one) => sum + one.flops, 0);
    const forward = network(side).layers.reduce((sum, one) => sum + one.flops, 0);
    // All products three times: forward and either gradient.
    assertAlmostEquals(flops / (3 * 3 * forward), 1, 0.01);
    assertEquals(new Set(workloads.map(({ name }) => name)).size, 3 * (5 + 3) + 2 * 3 + 1);
  }
  const [first] = listKernelWorkloads(network(224), 8);
  assertEquals([first?.name, first?.flops], ["conv1 forward", 2 * 8 * 54 * 54 * 96 * 121]);
});

Deno.test("watchKernels knows a layer's product by its filter, and an update by its size", () =>
  withBackend("wasm", () => {
    const names = { product: "RillTestProduct", update: "RillTestUpdate" };
    for (const kernelName of Object.values(names)) {
      tf.registerKernel({
        kernelName,
        backendName: "wasm",
        kernelFunc: () => tf.ones([2, 9]),
      });
    }
    try {
      tf.tidy(() => {
        const layer = { x: tf.ones([2, 7]), filter: tf.ones([7, 9]), bias: tf.ones([9]) };
        const many = Object.fromEntries([1, 2, 3, 4, 5].map((n) => [`p${n}`, tf.ones([n])]));
        const calls = watchKernels(() => {
          tf.engine().runKernel(names.product, layer);
          tf.engine().runKernel(names.update, many);
        }, () => 0);
        assertEquals(calls.map(({ name, flops }) => [name, flops]), [
          ["TestProduct 2×7, 7×9, 9", 2 * 2 * 7 * 9],
          ["TestUpdate 5 tensors", 0],
        ]);
      });
    } finally {
      for (const kernelName of Object.values(names)) tf.unregisterKernel(kernelName, "wasm");
    }
  }));

Deno.test("watchKernels tells what is called, without what that calls, and goes", () =>
  withBackend("wasm", () => {
    const kernels = () => tf.getKernelsForBackend("wasm").map(({ kernelFunc }) => kernelFunc);
    const before = new Set(kernels());
    let count = 0;
    let calls: KernelCall[] = [];
    tf.tidy(() => {
      const x = tf.ones([2, 5, 6, 3]) as tf.Tensor4D;
      const filter = tf.ones([3, 3, 3, 4]) as tf.Tensor4D;
      const a = tf.ones([2, 7]);
      calls = watchKernels(() => {
        tf.conv2d(x, filter, 1, "valid");
        tf.matMul(a, tf.ones([9, 7]), false, true);
        tf.add(a, a);
        tf.engine().runKernel("Conv2DBackpropFilter", { x, dy: tf.ones([2, 3, 4, 4]) }, {
          strides: 1,
          pad: "valid",
          dataFormat: "NHWC",
          dimRoundingMode: undefined,
          filterShape: [3, 3, 3, 4],
        } as unknown as tf.NamedAttrMap);
      }, () => count++);
    });
    const convolution = 2 * (2 * 3 * 4 * 4) * (3 * 3 * 3);
    assertEquals(
      calls.filter(({ name }) => !/^(Fill|Identity|Reshape|Cast)/.test(name))
        .map(({ name, flops }) => [name, flops]),
      [
        ["Conv2D 2×5×6×3, 3×3×3×4", convolution],
        ["BatchMatMul 2×7, 9×7, transposeB", 2 * 2 * 7 * 9],
        ["Add 2×7, 2×7", 0],
        ["Conv2DBackpropFilter 2×5×6×3, 2×3×4×4", convolution],
      ],
    );
    assert(calls.every(({ from, to }) => to > from));
    assertEquals(kernels().filter((kernel) => !before.has(kernel)), []);
  }));

webgpuTest(
  "profilePasses times each dispatch, which does what it does anyway",
  () =>
    withBackend("webgpu", async (backend) => {
      const { device } = tf.backend() as unknown as { device: GPUDevice };
      const x = tf.reshape(tf.range(0, 64), [8, 8]);
      const compute = () => tf.tidy(() => tf.relu(tf.matMul(x, tf.sub(x, 30))));
      const expected = await compute().data();
      const profiler = profilePasses(device);
      const result = compute();
      assertEquals(profiler.count, 3);
      await backend.sync();
      const dispatches = await profiler.stop();
      assertEquals(await result.data(), expected);
      assertEquals(dispatches.length, 3);
      assert(dispatches.every(({ label }) => label !== ""));
      assert(
        dispatches.every(({ begin, end }, i) =>
          end > begin && (i === 0 || begin >= dispatches[i - 1]!.begin)
        ),
      );
      // Nothing is split any more.
      await compute().data();
      assertEquals(profiler.count, 3);
    }),
  withFeature("timestamp-query"),
);

Deno.test("a profile adds up dispatches by the kernels that made them", () => {
  const at = (label: string, begin: number, end: number) => ({ label, begin, end });
  const first = { name: "Product 2×2", flops: 5, from: 0, to: 2 };
  const calls = [
    first,
    { name: "View 4", flops: 0, from: 2, to: 2 },
    { name: "Product 2×2", flops: 5, from: 3, to: 4 },
  ];
  const dispatches = [
    at("gemm", 1e9, 3e9),
    at("sum", 3e9, 4e9),
    at("copy", 4e9, 12e9),
    at("gemm", 13e9, 14e9),
  ];
  assertEquals(sumDispatches(calls, dispatches), {
    kernels: [
      { name: "no kernel's", programs: ["copy"], calls: 0, dispatches: 1, seconds: 8, flops: 0 },
      {
        name: "Product 2×2",
        programs: ["gemm", "sum"],
        calls: 2,
        dispatches: 3,
        seconds: 4,
        flops: 10,
      },
    ],
    seconds: 13,
  });
  const { kernels: [product] } = sumCalls([{ ...first, from: 1500, to: 2000 }], 1);
  assertEquals([product?.seconds, product?.calls, product?.dispatches], [0.5, 1, 0]);
});

const report: KernelsReport = {
  machine: { os: "linux", arch: "x86_64", processor: "X", cores: 2, deno: "2.9.6", load: 1.25 },
  backend: "webgpu",
  about: "WebGPU on X",
  side: 67,
  batchSize: 2,
  rounds: 3,
  peak: 100,
  kernels: [
    {
      name: "conv1 forward",
      flops: 1e9,
      bytes: 1e6,
      rill: { seconds: 0.1, runs: [0.1], gflops: 10, gigabytesPerSecond: 0.01 },
      stock: { seconds: 1, runs: [1], gflops: 1, gigabytesPerSecond: 0.001 },
      ratio: 10,
    },
    {
      name: "pool1 forward",
      flops: 0,
      bytes: 1e9,
      rill: { seconds: 0.5, runs: [0.5], gflops: null, gigabytesPerSecond: 2 },
      stock: { seconds: 0.25, runs: [0.25], gflops: null, gigabytesPerSecond: 4 },
      ratio: 0.5,
    },
  ],
  missing: [],
  profile: {
    kernels: [
      { name: "Conv2D 1", programs: ["a", "b"], calls: 1, dispatches: 2, seconds: 3, flops: 6e9 },
      { name: "Relu 1", programs: ["c"], calls: 2, dispatches: 2, seconds: 1, flops: 0 },
      { name: "Add 1", programs: ["d"], calls: 1, dispatches: 1, seconds: 0.0001, flops: 0 },
    ],
    seconds: 5,
  },
};

Deno.test("formatKernelsReport has a table of the kernels and one of the step's time", () => {
  assertEquals(formatKernelsReport(report).split("\n"), [
    "linux x86_64, 2 cores of X, load 1.3 at the start, Deno 2.9.6; medians of 3 runs in turn",
    "WebGPU on X; AlexNet, 67 × 67, batches of 2; the peak is taken to be 100 GFLOP/s",
    "",
    "kernel          ms         speed  of peak  tfjs's ms         speed  Rill's is faster by",
    "-------------  ---  ------------  -------  ---------  ------------  -------------------",
    "conv1 forward  100  10.0 GFLOP/s    10.0%      1,000  1.00 GFLOP/s               10.0 ×",
    "pool1 forward  500  2.00 GB/s                    250  4.00 GB/s                 0.500 ×",
    "",
    "one step of Rill's by timestamps, a pass for each of 5 dispatches: 4,000 ms in kernels, 5,000 ms from the first to the last",
    "",
    "kernel, and what it got  calls  dispatches     ms  share  GFLOP/s  of peak  programs",
    "-----------------------  -----  ----------  -----  -----  -------  -------  --------",
    "Conv2D 1                     1           2  3,000  75.0%     2.00     2.0%  a, b",
    "Relu 1                       2           2  1,000  25.0%                    c",
    "and 1 more with less than 0.1% each, 0.0% together",
  ]);
  const alone = formatKernelsReport({
    ...report,
    peak: null,
    kernels: report.kernels.map((kernel) => ({ ...kernel, stock: null, ratio: null })),
    missing: [{ name: "tfjs", missing: "it is gone" }],
    profile: { missing: "no clock" },
  });
  assertStringIncludes(alone, "tfjs: not measured: it is gone");
  assertStringIncludes(alone, "spends its time on: not measured: no clock");
  assert(!/faster|of peak/.test(alone));
});

const SMALL = ["--side", "67", "--batch-size", "1", "--rounds", "1", "--json"];

testUnless(nightly, "deno task bench kernels measures Rill's beside tfjs's on WASM", async () => {
  const { code, stdout, stderr } = await runTask(
    ["bench", "kernels", "--backend", "wasm", ...SMALL],
  );
  assertEquals(code, 0, stderr);
  const { kernels, profile, missing }: KernelsReport = JSON.parse(stdout);
  assertEquals([kernels.length, missing], [31 + 2 * 12 + 2 * 3, []]);
  for (const { name, flops, rill, stock, ratio } of kernels) {
    assertAlmostEquals(ratio!, stock!.seconds / rill.seconds, 1e-9, name);
    assertEquals(rill.gflops === null, flops === 0);
    assert(rill.gigabytesPerSecond > 0 && rill.runs.length === 1);
  }
  assert("kernels" in profile && profile.kernels.some(({ name }) => name.startsWith("Conv2D ")));
  assertStringIncludes(stderr, "round 1 of 1, tfjs: ");
});

webgpuTest("deno task bench kernels profiles a step on WebGPU", async () => {
  const { code, stdout, stderr } = await runTask(
    ["bench", "kernels", "--backend", "webgpu", "--no-peers", ...SMALL],
  );
  assertEquals(code, 0, stderr);
  const { kernels, profile }: KernelsReport = JSON.parse(stdout);
  assert(kernels.every(({ rill, stock }) => rill.seconds > 0 && stock === null));
  if ("missing" in profile) return assertStringIncludes(profile.missing, "timestamp-query");
  const products = profile.kernels.filter(({ flops }) => flops > 0);
  const flops = products.reduce((sum, kernel) => sum + kernel.flops, 0);
  // 0.466 GFLOP an image.
  assertAlmostEquals(flops / 1e9, 0.466, 0.01);
  assert(products.every(({ programs, seconds }) => programs.length > 0 && seconds > 0));
  const sum = profile.kernels.reduce((sum, { seconds }) => sum + seconds, 0);
  assert(profile.seconds >= sum * 0.9);
}, () => nightly);

Deno.test("bench step tells what a step of any network spends its time on", async () => {
  const { code, stdout, stderr } = await runTask(
    ["bench", "step", "--model", "lenet", "--batch-size", "2", "--rounds", "1", "--json"],
  );
  assertEquals(code, 0, stderr);
  const { profile } = JSON.parse(stdout) as Pick<KernelsReport, "profile">;
  assert("kernels" in profile);
  const flops = profile.kernels.reduce((sum, kernel) => sum + kernel.flops, 0);
  // A forward pass and two gradients of an image, without the first for the image: 2 · (3 · 416,520 - 117,600).
  assertAlmostEquals(flops, 2 * 2 * (3 * 416_520 - 117_600), 1);
});

Deno.test("deno task bench kernels refuses what makes no sense in one line", async () => {
  const { code, stdout, stderr } = await runTask(["bench", "kernels", "--batch-size", "0"]);
  assertEquals([code, stdout, stderr.split("\n").length], [2, "", 2]);
  assertStringIncludes(stderr, "error: Cannot use --batch-size 0: it must be");
});
