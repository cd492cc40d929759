// A row's, or an image's, numbers are the same bits however many others are computed with it.
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { conv2d, matMul, slice, tidy, valueAndGrad } from "@rill/rill/models/ops";
import * as ops from "@rill/rill/models/ops";
import { type Tensor, toTensor } from "@rill/rill/models";
import {
  FILTER_GRADIENT_ROWS,
  MULTIPLY_COLUMNS,
} from "../../../models/kernels/definitions/_kernel_names.ts";
import { withBatchPart } from "../../../models/kernels/definitions/_whole_batch.ts";
import { runKernel } from "../../../models/ops/_base/tfjs.ts";
import { numbers, withBackend } from "../_helpers.ts";
import { describeConvolution, sumUp } from "./_sum_convolution.ts";

const make = (shape: readonly number[], seed: number, factor = 1): Tensor =>
  toTensor(numbers(shape.reduce((a, b) => a * b, 1), seed).map((x) => x * factor), shape);

/** Asserts that a function of rows gives each part of them what it gives all. */
async function assertSameRows(
  x: Tensor,
  parts: readonly (readonly [start: number, end: number])[],
  fn: (x: Tensor) => Tensor,
): Promise<void> {
  const [whole = 0] = x.shape;
  const all = tidy(() => fn(x));
  const expected = await all.data();
  const each = expected.length / whole;
  for (const [start, end] of parts) {
    const part = withBatchPart(
      { examples: end - start, whole },
      () =>
        tidy(() =>
          fn(slice(x, [start, ...x.shape.slice(1).map(() => 0)], [end, ...x.shape.slice(1)]))
        ),
    );
    assertEquals(await part.data(), expected.subarray(start * each, end * each), `${start} ${end}`);
    part.dispose();
  }
  all.dispose();
}

Deno.test("rows of products are the same bits with few other rows, and at the edges of tiles", () =>
  withBackend("wasm", async () => {
    // Several blocks of the inner dimension, columns that tiles don't divide, and few.
    for (const [depth, columns] of [[1000, 37], [1500, 9], [7, 130], [2100, 3]] as const) {
      const x = make([23, depth], 1);
      const w = make([depth, columns], 2);
      const turned = make([columns, depth], 3);
      const parts = [[0, 1], [3, 5], [5, 10], [0, 6], [7, 22], [22, 23]] as const;
      await assertSameRows(x, parts, (x) => matMul(x, w));
      await assertSameRows(x, parts, (x) => matMul(x, turned, { transposeB: true }));
    }
  }));

Deno.test("some columns of products are those among all: the same bits, and nearly so by tfjs's kernels", async () => {
  for (const [kernels, tolerance] of [["rill", 0], ["stock", 1e-4]] as const) {
    await withBackend("wasm", async () => {
      for (const [rows, depth, width] of [[23, 1000, 37], [3, 40, 130]] as const) {
        const [x, weight] = [make([rows, depth], 1), make([depth, width], 2)];
        const all = matMul(x, weight);
        for (const [start, end] of [[0, width], [8, 24], [32, width], [5, 6]] as const) {
          const some = runKernel(MULTIPLY_COLUMNS, { x, weight }, { start, end });
          assertEquals(some.shape, [rows, end - start]);
          const expected = await slice(all, [0, start], [rows, end]).data();
          const given = await some.data();
          given.forEach((number, i) => assertAlmostEquals(number, expected[i]!, tolerance));
        }
      }
    }, { kernels });
  }
});

Deno.test("some rows of a filter's gradient are those among all: the same bits, and nearly so by tfjs's kernels", async () => {
  for (const [kernels, tolerance] of [["rill", 0], ["direct", 0], ["stock", 1e-4]] as const) {
    await withBackend("wasm", async () => {
      // Also images smaller than the windows, windows that reach no pixel, and channels that tiles don't divide.
      for (
        const [side, inputs, outputs, kernel, padding, stride] of [
          [2, 16, 24, 3, 1, 1],
          [1, 8, 40, 3, 1, 1],
          [5, 7, 13, 3, 0, 2],
          [4, 12, 9, 5, 2, 2],
          [3, 20, 8, 1, 0, 1],
        ] as const
      ) {
        const shape = [11, side, side, inputs] as const;
        const convolution = describeConvolution(shape, outputs, kernel, padding, stride);
        const rows = kernel * kernel * inputs;
        const { rows: { output } } = convolution;
        const [x, dy] = [make(shape, 1), make([11, output, output, outputs], 2)];
        const attrs = {
          ...{ strides: [stride, stride], dataFormat: "NHWC", dilations: [1, 1] },
          pad: [[0, 0], [padding, padding], [padding, padding], [0, 0]],
          filterShape: [kernel, kernel, inputs, outputs],
        };
        const compute = (start: number, end: number) =>
          runKernel(FILTER_GRADIENT_ROWS, { x, dy }, { ...attrs, start, end });
        const all = compute(0, rows);
        const data = {
          ...{ x: await x.data(), dy: await dy.data() },
          filter: new Float32Array(rows * outputs),
        } as Record<"x" | "dy" | "filter", Float32Array>;
        const sums = sumUp(convolution, data)[2]!;
        (await all.data()).forEach((number, i) => assertAlmostEquals(number, sums[i]!, 1e-4));
        for (
          const [start, end] of [[0, rows], [4, 8], [rows - 4, rows], [1, rows - 2], [
            4,
            4,
          ]] as const
        ) {
          const some = compute(start, end);
          assertEquals(some.shape, [end - start, outputs]);
          const expected = await slice(all, [start, 0], [end, outputs]).data();
          const given = await some.data();
          given.forEach((number, i) => assertAlmostEquals(number, expected[i]!, tolerance));
        }
      }
    }, { kernels });
  }
});

for (const side of [8, 14]) {
  Deno.test(`images of ${side} x ${side} are convolved to the same bits, whatever the share`, () =>
    withBackend("wasm", async () => {
      const x = make([19, side, side, 16], 4);
      const parts = [[0, 1], [1, 3], [3, 10], [18, 19]] as const;
      for (const kernelSize of [1, 3, 5]) {
        const filter = make([kernelSize, kernelSize, 16, 24], 5, 0.1);
        const convolve = (x: Tensor) => conv2d(x, filter, { padding: (kernelSize - 1) / 2 });
        await assertSameRows(x, parts, convolve);
        await assertSameRows(
          x,
          parts,
          (x) => valueAndGrad({ x }, ({ x }) => ops.sum(ops.square(convolve(x)))).gradients.x,
        );
      }
    }));
}

Deno.test("an image that isn't finite leaves the others their bits", () =>
  withBackend("wasm", async () => {
    const x = make([12, 16, 16, 16], 6);
    const data = await x.data();
    data[3 * 16 * 16 * 16 + 70] = Infinity;
    const spoiled = toTensor(Float32Array.from(data), x.shape);
    const filter = make([3, 3, 16, 16], 7, 0.1);
    const convolve = (x: Tensor) => conv2d(x, filter, { padding: 1 });
    const [clean, other] = [await convolve(x).data(), await convolve(spoiled).data()];
    const each = 16 * 16 * 16;
    assertEquals(other.subarray(0, 3 * each), clean.subarray(0, 3 * each));
    assertEquals(other.subarray(4 * each), clean.subarray(4 * each));
    assertEquals(other.subarray(3 * each, 4 * each).includes(Infinity), true);
  }));
