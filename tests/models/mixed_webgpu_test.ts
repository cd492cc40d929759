// Mixed precision on WebGPU: products of operands in half precision, and what keeps small gradients from vanishing in it.
import * as tf from "@tensorflow/tfjs-core";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { type Backend, BackendError, openBackend } from "@rill/rill/models";
import { requestAdapter } from "../../models/kernels/_adapter.ts";
import { openWebgpu } from "../../models/kernels/_open_webgpu.ts";
import {
  DISCRETE,
  type GemmParameters,
  SOFTWARE,
  SOFTWARE_SUBGROUPS,
} from "../../models/kernels/webgpu/_gemm_parameters.ts";
import { gemmCode, gemmKey } from "../../models/kernels/webgpu/_gemm_code.ts";
import { tuning, useTuning } from "../../models/kernels/webgpu/_tuning.ts";
import { onCpu } from "./_cpu_backend.ts";
import { assertClose, numbers, withBackend } from "./_helpers.ts";
import { gpuBackend } from "./_programs.ts";
import { adapterTest, webgpuTest } from "./_webgpu.ts";

/** Registers a test that needs an adapter with half precision. */
function mixedTest(name: string, fn: (backend: Backend) => void | Promise<void>): void {
  webgpuTest(name, async () => {
    const found = await requestAdapter();
    if (!found!.adapter.features.has("shader-f16")) return;
    await withBackend("webgpu", fn, { precision: "mixed" });
  });
}

/** Sets with shared memory in all ways to load it, which nobody would choose. */
const ODD: readonly GemmParameters[] = [
  { threads: [4, 3], block: [3, 2], depth: 3, operands: "global", vector: 2, speed: 1 },
  { threads: [3, 5], block: [2, 4], depth: 7, operands: "shared", vector: 2, speed: 1 },
  { threads: [2, 2], block: [5, 1], depth: 4, operands: "shared", vector: 1, speed: 1 },
  { threads: [1, 8], block: [16, 4], depth: 2, operands: "subgroup", vector: 4, speed: 1 },
];

type Operand = (shape: readonly number[], seed: number) => tf.Tensor;

/** Numbers of sizes that half precision has, and some that it rounds to what is not normal. */
const operand = (round: (x: number) => number): Operand => (shape, seed) =>
  tf.tensor(
    numbers(tf.util.sizeFromShape([...shape]), seed).map((x, i) =>
      round(Math.fround(i % 17 === 0 ? x * 2e-6 : x))
    ),
    [...shape],
    "float32",
  );

/** Products in all layouts, with odd sizes and in fours, whole and split; convolutions and their gradients. */
function products(operand: Operand): Record<string, tf.Tensor> {
  const results: Record<string, tf.Tensor> = {};
  for (const [rows, inner, columns] of [[1, 1, 1], [67, 33, 10], [5, 1100, 3], [12, 36, 40]]) {
    for (const [transposeA, transposeB] of [[0, 0], [0, 1], [1, 0], [1, 1]]) {
      results[`${rows}x${inner}x${columns} ${transposeA}${transposeB}`] = tf.matMul(
        operand(transposeA ? [inner, rows] : [rows, inner], 1),
        operand(transposeB ? [columns, inner] : [inner, columns], 2),
        !!transposeA,
        !!transposeB,
      );
    }
  }
  for (
    const [image, kernel, filters, strides, pad] of [
      [[3, 7, 6, 5], 3, 9, 1, 1],
      [[2, 23, 27, 1], 11, 17, 4, 0],
      [[2, 5, 6, 4], 3, 8, 1, 1],
    ] as const
  ) {
    const x = operand(image, 1) as tf.Tensor4D;
    const filter = operand([kernel, kernel, image[3], filters], 2) as tf.Tensor4D;
    const y = tf.conv2d(x, filter, strides, pad);
    const dy = operand(y.shape, 3);
    const attrs = { strides, pad, dataFormat: "NHWC", dilations: 1 };
    const run = (kernel: string, inputs: object, more: object) =>
      tf.engine().runKernel(
        kernel,
        inputs as tf.NamedTensorMap,
        { ...attrs, ...more } as tf.NamedAttrMap,
      ) as tf.Tensor;
    results[`${image}`] = y;
    results[`${image}, input`] = run("Conv2DBackpropInput", { dy, filter }, { inputShape: image });
    results[`${image}, filter`] = run("Conv2DBackpropFilter", { x, dy }, {
      filterShape: filter.shape,
    });
  }
  return results;
}

const read = (results: Record<string, tf.Tensor>) =>
  Promise.all(Object.values(results).map((tensor) => tensor.data<"float32">()));

for (const set of [...SOFTWARE, ...SOFTWARE_SUBGROUPS, ...DISCRETE, ...ODD]) {
  const { threads, block, operands } = set;
  mixedTest(
    `products of half precision: ${operands}, ${threads.join("x")} threads of ${block.join("x")}`,
    async () => {
      const { device } = gpuBackend();
      const { subgroups } = tuning(gpuBackend());
      if (operands === "subgroup" && subgroups === undefined) return;
      const expected = await onCpu(() => read(tf.tidy(() => products(operand(Math.f16round)))));
      for (const groups of [1, 64]) {
        useTuning(device, { sets: [set], groups, subgroups });
        const results = tf.tidy(() => products(operand((x) => x)));
        const actual = await read(results);
        for (const [i, what] of Object.keys(results).entries()) {
          // Much closer than without rounding, or with sums in half precision.
          assertClose(actual[i], expected[i], 1e-6, what);
        }
      }
    },
  );
}

mixedTest("what half precision can't hold is infinite in a product", async () => {
  const { device } = gpuBackend();
  const usual = tuning(gpuBackend());
  for (const sets of [usual.sets, DISCRETE, SOFTWARE]) {
    useTuning(device, { ...usual, sets });
    const a = tf.tensor([65504, 0, 0, 0, 65520, -7e4, 1e30, Infinity, NaN], [9, 1]);
    const [data] = await read({ y: tf.matMul(a as tf.Tensor2D, tf.ones([1, 1])) });
    const { Infinity: inf } = globalThis;
    assertEquals([...data], [65504, 0, 0, 0, inf, -inf, inf, inf, NaN]);
  }
});

mixedTest("the backend says its precision", (backend) => {
  assert(backend.description.endsWith(", mixed precision"), backend.description);
});

Deno.test("a program in float32 says nothing of half precision", () => {
  for (const parameters of [...SOFTWARE, ...DISCRETE]) {
    const variant = {
      parameters,
      layout: { left: "inner", right: "columns" },
      width: { left: false, right: false },
      epilogue: "none",
    } as const;
    assert(!gemmCode({ ...variant, half: false }).includes("f16"));
    assert(gemmCode({ ...variant, half: true }).startsWith("enable f16;\n"));
    assertEquals(
      gemmKey({ ...variant, half: true }),
      `${gemmKey({ ...variant, half: false })}-half`,
    );
  }
});

const refuse = async (open: () => Promise<Backend>, message: string) => {
  assertEquals((await assertRejects(open, BackendError)).message, message);
};

Deno.test("mixed precision is refused on WASM, and with tfjs's kernels", async () => {
  await refuse(
    () => openBackend("wasm", { precision: "mixed" }),
    "Cannot use --precision mixed on WASM (asked for by name): it computes in float32 only",
  );
  await refuse(
    () => openBackend("webgpu", { precision: "mixed", kernels: "stock" }),
    "Cannot use --precision mixed with --kernels stock: tfjs's kernels compute in float32 only",
  );
});

adapterTest("mixed precision is refused where the adapter lacks it", async () => {
  const found = await requestAdapter();
  if (!found) return;
  const { adapter, device } = found;
  const lacking = Object.create(adapter, { features: { value: new Set<string>() } });
  await refuse(
    () => openWebgpu(lacking, device, "a test", { precision: "mixed" }),
    `Cannot use --precision mixed as ${device.description} lacks shader-f16`,
  );
});
