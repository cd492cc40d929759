import {
  conv2d,
  crossEntropy,
  dropout,
  flatten,
  type Layer,
  linear,
  maxPool2d,
  relu,
  sequential,
  toTensor,
} from "@rill/rill/models";
import * as ops from "../../../models/ops/_ops.ts";
import { onCpu } from "../_cpu_backend.ts";
import { runLayer } from "../_gradients.ts";
import { assertClose, backendTest, numbers, take } from "../_helpers.ts";

// Sides that the stride divides and that it doesn't, windows with and without a middle, and more padding than a window
// needs, where gradients have to be cut instead of padded.
const CONVOLUTIONS: [input: number[], kernelSize: number, strides: number, padding: number][] = [
  [[2, 7, 8, 3], 3, 1, 0],
  [[2, 5, 5, 4], 5, 1, 2],
  [[1, 6, 5, 1], 3, 1, 1],
  [[3, 7, 8, 3], 3, 2, 0],
  [[2, 8, 9, 2], 3, 3, 1],
  [[2, 13, 12, 1], 5, 4, 2],
  [[2, 4, 5, 3], 1, 1, 0],
  [[2, 4, 5, 3], 1, 2, 0],
  [[2, 5, 4, 2], 2, 1, 2],
  [[1, 3, 3, 2], 2, 1, 3],
  [[2, 6, 6, 2], 2, 3, 2],
  [[5, 3, 3, 2], 3, 1, 0],
];

const POOLS: [input: number[], poolSize: number, strides: number][] = [
  [[2, 6, 7, 3], 2, 2],
  [[2, 7, 8, 2], 3, 2],
  [[1, 9, 9, 5], 3, 3],
  [[2, 7, 6, 1], 2, 3],
  [[2, 5, 6, 3], 3, 1],
];

const LAYERS: [name: string, layer: Layer, input: number[]][] = [
  ["relu", relu(), [3, 4, 5, 2]],
  ["linear", linear(7), [3, 10]],
  ["linear with one example", linear(3), [1, 5]],
  ["linear with more features than it makes", linear(4), [6, 300]],
  // A long sum into a small product: tfjs's own WebGPU kernel for this product is wrong.
  ["linear with thousands of units", linear(4096), [2, 256]],
  ["flatten", flatten(), [2, 3, 4, 5]],
  ["flatten of one pixel", flatten(), [2, 1, 1, 5]],
  ["dropout", dropout(0.4), [3, 5, 7]],
  [
    "a small network",
    sequential({
      conv: sequential([
        conv2d({ filters: 4, kernelSize: 3, strides: 2 }),
        relu(),
        maxPool2d({ poolSize: 3, strides: 2 }),
        conv2d({ filters: 6, kernelSize: 3, padding: 1 }),
        relu(),
      ]),
      flatten: flatten(),
      fc: sequential([linear(8), relu(), dropout(0.5), linear(5)]),
    }),
    [2, 15, 15, 1],
  ],
];

const CASES = [
  ...CONVOLUTIONS.map(([input, kernelSize, strides, padding]) =>
    [
      `conv2d of ${input}, kernel ${kernelSize}, stride ${strides}, padding ${padding}`,
      conv2d({ filters: 3, kernelSize, strides, padding }),
      input,
    ] as (typeof LAYERS)[number]
  ),
  ...POOLS.map(([input, poolSize, strides]) =>
    [
      `maxPool2d of ${input}, size ${poolSize}, stride ${strides}`,
      maxPool2d({ poolSize, strides }),
      input,
    ] as (typeof LAYERS)[number]
  ),
  ...LAYERS,
];

backendTest("every layer's output and gradients are those of plain loops", async () => {
  for (const [name, layer, shape] of CASES) {
    const data = numbers(shape.reduce((a, b) => a * b, 1), 1);
    // Thirds, so that windows have several maxima.
    if (name.startsWith("maxPool2d")) data.forEach((value, i) => data[i] = Math.round(3 * value));
    const actual = await runLayer(layer, { shape, data });
    const expected = await onCpu(() => runLayer(layer, { shape, data }));
    assertClose(actual.output, expected.output, 1e-5, `output of ${name}`);
    assertClose(actual.inputGradient, expected.inputGradient, 1e-5, `input gradient of ${name}`);
    for (const [param, gradient] of Object.entries(expected.gradients)) {
      assertClose(actual.gradients[param]!, gradient, 1e-5, `${param} gradient of ${name}`);
    }
  }
});

Deno.test("the plain loops agree with finite differences", () =>
  onCpu(async () => {
    const [, layer, shape] = LAYERS.at(-1)!;
    const count = shape.reduce((a, b) => a * b, 1);
    const weights = numbers(10, 7);
    const value = async (data: Float32Array<ArrayBuffer>) => {
      const { output } = await runLayer(layer, { shape, data }, { weights });
      return output.reduce((sum, y, i) => sum + y * weights[i]!, 0);
    };
    const data = numbers(count, 1);
    const { inputGradient } = await runLayer(layer, { shape, data }, { weights });
    // Small enough to meet no kink of the rectifiers, large enough to outweigh float32's rounding.
    const step = 1 / 512;
    for (let i = 0; i < count; i += 37) {
      const [up, down] = [data.slice(), data.slice()];
      up[i]! += step;
      down[i]! -= step;
      const slope = (await value(up) - await value(down)) / (up[i]! - down[i]!);
      assertClose([inputGradient[i]!], [slope], 2e-4, `input ${i}`);
    }
  }));

backendTest("crossEntropy()'s gradient is that of plain loops", async () => {
  const run = async () => {
    const logits = toTensor(numbers(21, 2).map((value) => 9 * value), [3, 7]);
    const { value, gradients } = ops.tidy(() =>
      ops.valueAndGradients(
        { logits },
        ({ logits }) => crossEntropy()(logits, { labels: Int32Array.of(6, 0, 3), size: 3 }).sum,
      )
    );
    logits.dispose();
    return [...await take(value), ...await take(gradients.logits)];
  };
  assertClose(await run(), await onCpu(run), 1e-6);
});
