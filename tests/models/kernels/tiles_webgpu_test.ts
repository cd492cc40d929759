// Convolutions by tiles against the same window by window, on WebGPU.
import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { makeOutput } from "../../../models/kernels/webgpu/device/_dispatch.ts";
import {
  type GpuBackend,
  usePrecision,
} from "../../../models/kernels/webgpu/device/_gpu_backend.ts";
import {
  computeFilterGradientDirectly,
  computeInputGradientDirectly,
  convolveDirectly,
} from "../../../models/kernels/webgpu/convolutions/_direct.ts";
import type { Convolution } from "../../../models/kernels/webgpu/convolutions/_shape.ts";
import {
  makeFilterMatrix,
  makeInputMatrix,
  makeOutputMatrix,
  type Matrix,
  turnOver,
} from "../../../models/kernels/webgpu/convolutions/_tile_matrices.ts";
import {
  computeFilterGradientByTiles,
  computeInputGradientByTiles,
  convolveTiles,
  isForTiles,
} from "../../../models/kernels/webgpu/convolutions/_tiles.ts";
import type { Epilogue } from "../../../models/kernels/webgpu/gemm/_epilogue.ts";
import { SOFTWARE } from "../../../models/kernels/webgpu/gemm/_gemm_parameters.ts";
import {
  getDiscreteTuning,
  getTuning,
  useTuning,
} from "../../../models/kernels/webgpu/gemm/_tuning.ts";
import { nightly } from "../../_nightly.ts";
import { countCalls } from "../_count_calls.ts";
import { assertClose, numbers, withBackend } from "../_helpers.ts";
import { gpuBackend } from "../_programs.ts";
import { webgpuTest } from "../_webgpu.ts";

/** Describes a convolution of stride 1. */
function describe(
  [batch, height, width, channels]: readonly [number, number, number, number],
  side: number,
  filters: number,
  padding: readonly [number, number],
): Convolution {
  return {
    batch,
    input: [height, width],
    channels,
    kernel: [side, side],
    strides: [1, 1],
    padding,
    filters,
    output: [height + 2 * padding[0] - side + 1, width + 2 * padding[1] - side + 1],
  };
}

/** Draws an image, a filter, a bias and a gradient for the output, of which some numbers are others. */
function makeOperands(
  { batch, input, channels, kernel, filters, output }: Convolution,
  others: Readonly<Record<string, readonly (readonly [at: number, value: number])[]>> = {},
) {
  const draw = (name: string, shape: number[], seed: number) => {
    const data = numbers(tf.util.sizeFromShape(shape), seed);
    for (const [at, value] of others[name] ?? []) data[(at + data.length) % data.length] = value;
    return tf.tensor(data, shape);
  };
  return {
    x: draw("x", [batch, ...input, channels], 1),
    filter: draw("filter", [...kernel, channels, filters], 2),
    dy: draw("dy", [batch, ...output, filters], 3),
    bias: draw("bias", [filters], 4),
  };
}

/** What follows the sums. */
type Activation = Pick<Extract<Epilogue, { kind: "activate" }>, "relu" | "dropout">;

type Operands = ReturnType<typeof makeOperands>;

/** Computes a convolution and its gradients by tiles, or window by window. */
function computeAll(
  gpu: GpuBackend,
  shape: Convolution,
  { x, filter, dy, bias }: Operands,
  byTiles: boolean,
  activation: Activation = { relu: true },
): Record<string, tf.TensorInfo> {
  const [convolve, gradient, filterGradient] = byTiles
    ? [convolveTiles, computeInputGradientByTiles, computeFilterGradientByTiles]
    : [convolveDirectly, computeInputGradientDirectly, computeFilterGradientDirectly];
  const sums = makeOutput(gpu, [shape.filters]);
  return {
    y: convolve(gpu, x, filter, shape, { kind: "activate", bias, ...activation }),
    dx: gradient(gpu, dy, filter, shape, { kind: "mask", mask: x, scale: 0.5 }),
    dFilter: filterGradient(gpu, x, dy, shape, { kind: "ones", sums, scale: 0.5 }),
    sums,
  };
}

/** Computes both ways: what isn't finite has to be the same, the rest close. */
async function compareWays(
  shape: Convolution,
  operands: Operands,
  activation?: Activation,
): Promise<void> {
  const gpu = gpuBackend() as GpuBackend & { read(id: object): Promise<Float32Array> };
  const [tiles, direct] = await Promise.all([true, false].map(async (byTiles) => {
    const results = computeAll(gpu, shape, operands, byTiles, activation);
    const read = Object.entries(results).map(async ([name, { dataId }]) => {
      const data = await gpu.read(dataId);
      gpu.disposeData(dataId);
      return [name, data] as const;
    });
    return Object.fromEntries(await Promise.all(read));
  }));
  for (const [name, expected] of Object.entries(direct!)) {
    const actual = tiles![name]!;
    const others = (data: Float32Array) =>
      [...data.entries()].filter(([, x]) => !Number.isFinite(x));
    assertEquals(others(actual), others(expected), name);
    const finite = expected.filter((x) => Number.isFinite(x));
    const largest = finite.reduce((most, x) => Math.max(most, Math.abs(x)), 1);
    const scale = (data: Float32Array) => data.map((x) => Number.isFinite(x) ? x / largest : 0);
    assertClose(scale(actual), scale(expected), 3e-5, name);
  }
}

Deno.test("matrices of tiles make convolutions", () => {
  for (const filter of [3, 5]) {
    const size = { output: 4, filter };
    const multiply = (matrix: Matrix, line: ArrayLike<number>) =>
      matrix.map((row) => row.reduce((sum, x, i) => sum + x * line[i]!, 0));
    const [line, taps] = [numbers(3 + filter, 1), numbers(filter, 2)];
    const points = multiply(makeInputMatrix(size), line);
    const products = multiply(makeFilterMatrix(size), taps).map((x, i) => x * points[i]!);
    assertClose(
      multiply(turnOver(makeOutputMatrix(size)), products),
      [0, 1, 2, 3].map((at) => taps.reduce((sum, x, i) => sum + x * line[at + i]!, 0)),
      1e-12,
    );
  }
});

for (const side of [3, 5]) {
  webgpuTest(
    `convolutions of ${side} x ${side} by tiles are convolutions`,
    () =>
      withBackend("webgpu", async () => {
        const gpu = gpuBackend();
        // Small programs for products, which compile fast.
        useTuning(gpu.device, { sets: [SOFTWARE[1]!], groups: 1 });
        const shape = describe([2, 9, 10, 4], side, 8, [1, 1]);
        await compareWays(shape, makeOperands(shape));
        // One dispatch each for images, filter or gradients, products and results; and what was made is used again.
        const { x, filter, dy } = makeOperands(shape);
        const passes = [
          () => convolveTiles(gpu, x, filter, shape),
          () => computeInputGradientByTiles(gpu, dy, filter, shape),
          () => computeFilterGradientByTiles(gpu, x, dy, shape),
        ];
        for (const [i, pass] of passes.entries()) {
          const run = () => gpu.disposeData(pass().dataId);
          const counts = [1, 2].map(() => {
            const calls = countCalls(gpu.device as unknown as GPUDevice, run);
            gpu.endComputePassEncoder();
            gpu.submitQueue();
            return calls;
          });
          const few = { dispatches: 4, submits: 0, uploads: 0, buffers: 0, reads: 0 };
          assertEquals(counts[1], few, `pass ${i}`);
        }
        // What isn't finite stays where it is; the sums of what is large are finite, but for those of a whole tile.
        for (
          const others of [
            { x: [[0, NaN], [333, -Infinity]], dy: [[-1, NaN], [200, Infinity]] },
            { filter: [[10, Infinity], [-1, NaN]] },
            { x: [[100, 3e38], [300, -2e38]], dy: [[300, 1e38], [-9, 3e38]] },
          ] as const
        ) await compareWays(shape, makeOperands(shape, others));
        // Small images with much padding, and large ones, of which the filter's gradient is computed in parts.
        for (
          const shape of [
            describe([1, 3, 5, 8], side, 4, [1, side - 1]),
            describe([3, 92, 91, 4], side, 4, [0, 1]),
          ]
        ) await compareWays(shape, makeOperands(shape));
      }),
  );
}

webgpuTest(
  "dropout follows a convolution by tiles",
  () =>
    withBackend("webgpu", async () => {
      useTuning(gpuBackend().device, { sets: [SOFTWARE[1]!], groups: 1 });
      const shape = describe([2, 7, 6, 4], 3, 8, [1, 1]);
      const dropout = { rate: 0.3, key0: 1, key1: 2, offset: 5 };
      await compareWays(shape, makeOperands(shape), { relu: false, dropout });
    }),
  () => nightly,
);

webgpuTest(
  "convolutions with many fewer multiplications by tiles are computed so, on software",
  () =>
    withBackend("webgpu", () => {
      const gpu = gpuBackend();
      useTuning(gpu.device, { ...getTuning(gpu), tiles: true });
      const conv2 = describe([8, 26, 26, 96], 5, 256, [2, 2]);
      const conv4 = describe([8, 12, 12, 384], 3, 384, [1, 1]);
      const decide = (...shapes: Convolution[]) => shapes.map((shape) => isForTiles(gpu, shape));
      assertEquals(decide(conv2, conv4), [true, true]);
      assertEquals(
        decide(
          { ...conv4, batch: 1 },
          { ...conv2, strides: [2, 2] },
          describe([8, 26, 26, 96], 1, 256, [0, 0]),
          describe([8, 3, 3, 384], 3, 384, [1, 1]),
          describe([8, 64, 64, 4], 3, 4, [1, 1]),
          describe([1, 300, 300, 1800], 3, 1800, [1, 1]),
          // Of which not even one image fits.
          describe([1, 1500, 1500, 64], 3, 64, [1, 1]),
        ),
        [false, false, false, false, false, false, false],
      );
      usePrecision(gpu.device, "mixed");
      assertEquals(decide(conv2), [false]);
      usePrecision(gpu.device, "float32");
      useTuning(gpu.device, getDiscreteTuning(gpu.device));
      assertEquals(decide(conv2, conv4), [false, false]);
    }),
);

webgpuTest("direct kernels convolve without tiles", async () => {
  const shape = describe([8, 12, 12, 384], 3, 384, [1, 1]);
  const decide = (kernels: "rill" | "direct") =>
    withBackend("webgpu", ({ hardware }) => [isForTiles(gpuBackend(), shape), !hardware], {
      kernels,
    });
  const [byTiles, isSoftware] = await decide("rill");
  assertEquals(byTiles, isSoftware);
  assertEquals((await decide("direct"))[0], false);
});
