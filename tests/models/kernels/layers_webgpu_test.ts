// The WebGPU programs of layers other than products, in shapes that are hard for them, against tfjs's plain JavaScript backend,
// whose kernels are loops.
import * as tf from "@tensorflow/tfjs-core";
import { assert, assertEquals } from "@std/assert";
import type { Tensor } from "@rill/rill/models";
import * as publicOps from "@rill/rill/models/ops";
import {
  BATCH_STATISTICS,
  CENTERED_PRODUCTS,
  CENTERED_SQUARES,
} from "../../../models/kernels/definitions/_kernel_names.ts";
import {
  batchNormalize,
  markWholeSum,
  normalizeBy,
  type Rectifier,
} from "../../../models/ops/_batch_norm.ts";
import {
  approachStatistics,
  computeNormalization,
} from "../../../models/ops/_running_statistics.ts";
import { assertClose, numbers, withBackend } from "../_helpers.ts";
import { comparePrograms, opaque, random, takeAll, transparent } from "../_programs.ts";
import { webgpuTest } from "../_webgpu.ts";

type Results = Record<string, tf.Tensor>;

const run = (kernel: string, inputs: object, attrs: object = {}): tf.Tensor[] =>
  [
    tf.engine().runKernel(kernel, inputs as tf.NamedTensorMap, attrs as tf.NamedAttrMap),
  ].flat();

/** Compares a record of results, and fails where a program has kept memory. */
const programsTest = (name: string, fn: () => Results, tolerance?: number) =>
  webgpuTest(name, () =>
    withBackend("webgpu", async () => {
      const count = () => (tf.backend() as tf.KernelBackend).numDataIds();
      const before = count();
      await comparePrograms(fn, tolerance === undefined ? {} : { tolerance });
      assertEquals(count(), before);
    }));

/** Computes a function and its gradients for a weighted sum of it. */
function differentiate(
  results: Results,
  what: string,
  inputs: readonly tf.Tensor[],
  fn: (...inputs: Tensor[]) => Tensor,
): void {
  const apply = (inputs: readonly tf.Tensor[]) => transparent(fn(...inputs.map(opaque)));
  const y = apply(inputs);
  const weights = random(y.shape, 77);
  const gradients = tf.grads((...inputs: tf.Tensor[]) => apply(inputs))([...inputs], weights);
  results[what] = y;
  for (const [i, dx] of gradients.entries()) results[`${what}, gradient ${i}`] = dx;
}

/** Draws numbers of which some aren't finite. */
function drawUnusual(shape: readonly number[], seed: number, every = 7): tf.Tensor {
  const data = numbers(tf.util.sizeFromShape([...shape]), seed).map((x) => 8 * x);
  const unusual = [NaN, Infinity, -Infinity, 0, -0, 6, 1e-40, -1e30];
  for (let i = 0; i * every < data.length; i++) data[i * every] = unusual[i % unusual.length]!;
  return tf.tensor(data, [...shape]);
}

const IMAGES: readonly (readonly [batch: number, pixels: number, channels: number])[] = [
  [1, 2, 1],
  [2, 1, 3],
  [3, 5, 7],
  [2, 16, 64],
  [5, 33, 20],
  [4, 1, 130],
  // Slices of which the last is shorter, and more of them than a workgroup has lanes.
  [3, 1003, 4],
  [1, 4001, 2],
];

const sumWhole = markWholeSum((x) => publicOps.sum(x, { axis: 0 }));
const sumParts = (x: Tensor) => publicOps.sum(x, { axis: 0 });

for (const [how, sumOverBatch] of [["a whole batch", sumWhole], ["parts", sumParts]] as const) {
  programsTest(`batch norm of ${how}, with its gradients and running statistics`, () => {
    const results: Results = {};
    for (const shape of IMAGES) {
      const [size, pixels, channels] = shape;
      for (const momentum of [0.1, null]) {
        const inputs = [random(shape, 1), random([channels], 2), random([channels], 3)];
        const normalize = (x: Tensor, weight: Tensor, bias: Tensor, rectifier?: Rectifier) =>
          batchNormalize(x, weight, bias, { epsilon: 1e-3, size, sumOverBatch, rectifier });
        const what = `${shape}, momentum ${momentum}`;
        differentiate(results, what, inputs, (x, w, b) => normalize(x, w, b).output);
        for (const rectifier of momentum === null ? ["relu", "relu6"] as const : []) {
          // Some beyond 6.
          const steep = [inputs[0]!, tf.mul(inputs[1]!, 9), inputs[2]!];
          differentiate(
            results,
            `${what}, ${rectifier}`,
            steep,
            (x, w, b) => normalize(x, w, b, rectifier).output,
          );
        }
        const { mean, variance } = normalize(...inputs.map(opaque) as [Tensor, Tensor, Tensor]);
        const running = approachStatistics(
          {
            mean: opaque(random([channels], 4)),
            variance: opaque(random([channels], 5)),
            tracked: opaque(tf.scalar(3)),
          },
          { mean, variance },
          momentum,
          size * pixels,
        );
        const all = { mean, variance, nextMean: running.mean, nextVariance: running.variance };
        for (const [name, x] of Object.entries(all)) results[`${what}, ${name}`] = transparent(x);
        results[`${what}, tracked`] = transparent(running.tracked);
      }
    }
    return results;
  });
}

programsTest("a channel that isn't finite leaves the others as they are in batch norm", () => {
  const results: Results = {};
  const shape = [3, 700, 8] as const;
  const x = tf.buffer([...shape], "float32", numbers(3 * 700 * 8, 1));
  x.set(NaN, 1, 3, 2);
  x.set(Infinity, 0, 699, 5);
  x.set(-Infinity, 2, 0, 6);
  const own = [random([8], 2), random([8], 3)];
  differentiate(
    results,
    "not finite",
    [x.toTensor(), ...own],
    (x, w, b) => batchNormalize(x, w, b, { epsilon: 1e-5, size: 3, sumOverBatch: sumWhole }).output,
  );
  for (const rectifier of ["relu", "relu6"] as const) {
    differentiate(
      results,
      rectifier,
      [x.toTensor(), ...own],
      (x, w, b) =>
        batchNormalize(x, w, b, { epsilon: 1e-5, size: 3, sumOverBatch: sumWhole, rectifier })
          .output,
    );
  }
  const { mean, variance } = batchNormalize(
    opaque(x.toTensor()),
    opaque(own[0]!),
    opaque(own[1]!),
    { epsilon: 1e-5, size: 3, sumOverBatch: sumWhole },
  );
  return { ...results, mean: transparent(mean), variance: transparent(variance) };
});

webgpuTest(
  "a batch's variance has its digits far from 0 and in long sums",
  () =>
    withBackend("webgpu", async () => {
      // More rows than lavapipe's loops have turns, one channel constant.
      const [batch, pixels, channels] = [3, 100_000, 3];
      const noise = numbers(batch * pixels * channels, 4);
      const data = noise.map((x, i) => i % 3 === 2 ? 0.1 : i % 3 === 1 ? 1000 + x : x);
      const x = tf.tensor(data, [batch, pixels, channels]);
      const [weight, bias] = [tf.ones([3]), tf.zeros([3])];
      const results = run(BATCH_STATISTICS, { x, weight, bias }, { epsilon: 1e-5 });
      const [mean, variance] = await takeAll(results);
      for (let c = 0; c < channels; c++) {
        const line = data.filter((_, i) => i % channels === c);
        const expected = line.reduce((sum, x) => sum + x, 0) / line.length;
        const spread = line.reduce((sum, x) => sum + (x - expected) ** 2, 0) / line.length;
        assertClose([mean![c]!], [expected], 1e-6, `mean of channel ${c}`, 0);
        assert(
          Math.abs(variance![c]! - spread) <= 2e-5 * spread + 1e-13,
          `variance of channel ${c} is ${variance![c]} instead of ${spread}`,
        );
      }
      for (const tensor of [x, weight, bias]) tensor.dispose();
    }),
);

programsTest("normalization by running statistics", () => {
  const results: Results = {};
  for (const [batch, pixels, channels] of IMAGES) {
    const mean = opaque(random([channels], 1));
    const variance = opaque(tf.abs(random([channels], 2)));
    const own = { weight: opaque(random([channels], 3)), bias: opaque(random([channels], 4)) };
    const images = opaque(random([batch, pixels, 1, channels], 5));
    for (const [what, some] of [["affine", own], ["plain", {}]] as const) {
      const factors = computeNormalization({ mean, variance }, some, 1e-3);
      const name = `${what} ${batch}, ${pixels}, ${channels}`;
      results[name] = transparent(normalizeBy(images, factors));
      for (const rectifier of ["relu", "relu6"] as const) {
        const inputs = [images, factors.scale, factors.shift].map(transparent);
        differentiate(
          results,
          `${name}, ${rectifier}`,
          inputs,
          (x, scale, shift) => normalizeBy(x!, { scale: scale!, shift: shift! }, rectifier),
        );
      }
      results[`${name}, scale`] = transparent(factors.scale);
      results[`${name}, shift`] = transparent(factors.shift);
    }
  }
  return results;
});

const FUNCTIONS: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  relu: publicOps.relu,
  relu6: publicOps.relu6,
  leakyRelu: (x) => publicOps.leakyRelu(x, { slope: 0.3 }),
  sigmoid: publicOps.sigmoid,
  tanh: publicOps.tanh,
  silu: publicOps.silu,
  gelu: publicOps.gelu,
};

programsTest("activations and their gradients", () => {
  const results: Results = {};
  for (const [name, fn] of Object.entries(FUNCTIONS)) {
    for (const shape of [[1], [3], [4], [5, 7], [2, 3, 4, 64]]) {
      const x = tf.mul(random(shape, 1), 8);
      differentiate(results, `${name} ${shape}`, [x], fn);
    }
  }
  return results;
});

programsTest("rectifiers of what isn't finite", () => {
  const results: Results = {};
  for (const name of ["relu", "relu6", "leakyRelu"]) {
    for (const size of [61, 64]) {
      differentiate(results, `${name} ${size}`, [drawUnusual([size], 1)], FUNCTIONS[name]!);
    }
  }
  return results;
});

programsTest("sums and products of tensors that are repeated", () => {
  const results: Results = {};
  const shapes: readonly (readonly [a: number[], b: number[]])[] = [
    [[1], [1]],
    [[7], [7]],
    [[2, 3, 4], [2, 3, 4]],
    [[5, 3], [3]],
    [[3], [5, 3]],
    [[2, 3, 8], [1, 1, 8]],
    [[2, 3, 8], [3, 8]],
    // Left to tfjs: another is repeated.
    [[2, 3, 8], [2, 1, 8]],
    [[2, 3, 8], [2, 3, 1]],
    [[1, 8], [3, 1]],
    [[4, 2], []],
  ];
  for (const [a, b] of shapes) {
    const inputs = [random(a, 1), random(b, 2)];
    differentiate(results, `${a} + ${b}`, inputs, (a, b) => publicOps.add(a, b));
    differentiate(results, `${a} * ${b}`, inputs, (a, b) => publicOps.multiply(a, b));
  }
  results["not finite"] = tf.add(drawUnusual([4, 9], 1), drawUnusual([9], 2, 4));
  return results;
});

programsTest("sums and means over neighboring dimensions", () => {
  const results: Results = {};
  const cases: readonly (readonly [shape: number[], axis: number[]])[] = [
    [[1, 1], [0]],
    [[3, 5], [0]],
    [[2, 3, 5], [1]],
    [[2, 7, 7, 64], [1, 2]],
    [[3, 4, 5, 6, 8], [1, 2, 3]],
    [[6, 2100, 3], [1]],
    [[2, 700, 12], [0, 1]],
  ];
  for (const [shape, axis] of cases) {
    const x = random(shape, 1);
    for (const keepDims of [true, false]) {
      const what = `${shape} over ${axis}${keepDims ? ", kept" : ""}`;
      differentiate(results, `sum ${what}`, [x], (x) => publicOps.sum(x, { axis, keepDims }));
      differentiate(results, `mean ${what}`, [x], (x) => publicOps.mean(x, { axis, keepDims }));
    }
  }
  return results;
});

type Pads = [[0, 0], [number, number], [number, number], [0, 0]];

const POOLS: readonly (readonly [
  image: number[],
  window: [number, number],
  strides: [number, number],
  pad: Pads | "valid",
])[] = [
  [[1, 1, 1, 1], [1, 1], [1, 1], "valid"],
  [[2, 7, 5, 3], [2, 3], [2, 1], "valid"],
  [[1, 9, 8, 4], [3, 3], [2, 2], [[0, 0], [1, 1], [1, 1], [0, 0]]],
  [[2, 6, 7, 8], [3, 2], [1, 3], [[0, 0], [2, 0], [0, 1], [0, 0]]],
  // Windows apart from each other, so that there are pixels that none covers.
  [[2, 9, 9, 5], [2, 2], [4, 3], "valid"],
  // The whole image, and more than it.
  [[3, 7, 7, 20], [7, 7], [1, 1], "valid"],
  [[2, 3, 4, 3], [4, 5], [1, 1], [[0, 0], [1, 0], [1, 0], [0, 0]]],
];

programsTest("average pools and their gradients", () => {
  const results: Results = {};
  for (const [image, filterSize, strides, pad] of POOLS) {
    const attrs = { filterSize, strides, pad };
    const x = random(image, 1);
    const what = `${image}, windows ${filterSize}, strides ${strides}, padding ${pad}`;
    const [y] = run("AvgPool", { x }, attrs);
    const [dx] = run("AvgPoolGrad", { dy: random(y!.shape, 2), input: x }, attrs);
    Object.assign(results, { [what]: y, [`${what}, gradient`]: dx });
    const unusual = { x: drawUnusual(image, 3, 11) };
    results[`${what}, not finite`] = run("AvgPool", unusual, attrs)[0]!;
  }
  return results;
});

const DEPTHWISE: readonly (readonly [
  image: number[],
  filter: [height: number, width: number, multiplier: number],
  strides: [number, number],
  dilations: [number, number],
  pad: Pads | "valid",
])[] = [
  [[1, 1, 1, 1], [1, 1, 1], [1, 1], [1, 1], "valid"],
  [[1, 1, 1, 4], [3, 3, 1], [1, 1], [1, 1], [[0, 0], [1, 1], [1, 1], [0, 0]]],
  [[2, 7, 6, 5], [3, 3, 1], [1, 1], [1, 1], [[0, 0], [1, 1], [1, 1], [0, 0]]],
  [[2, 8, 9, 12], [3, 3, 1], [2, 2], [1, 1], [[0, 0], [1, 1], [1, 1], [0, 0]]],
  [[1, 9, 7, 8], [5, 2, 1], [1, 3], [1, 2], [[0, 0], [2, 0], [0, 3], [0, 0]]],
  [[2, 8, 7, 4], [2, 3, 2], [2, 1], [3, 1], [[0, 0], [0, 2], [1, 1], [0, 0]]],
  [[1, 6, 6, 3], [3, 3, 3], [1, 2], [2, 2], "valid"],
  // More weights than are written out one by one.
  [[2, 9, 11, 4], [6, 5, 1], [1, 1], [1, 1], [[0, 0], [3, 2], [1, 2], [0, 0]]],
  [[1, 13, 12, 3], [5, 6, 2], [2, 1], [1, 2], [[0, 0], [0, 1], [4, 0], [0, 0]]],
  // More padding than a window needs.
  [[1, 3, 2, 4], [2, 2, 1], [1, 1], [1, 1], [[0, 0], [3, 2], [2, 4], [0, 0]]],
  // Windows apart from each other.
  [[2, 9, 9, 4], [2, 2, 1], [4, 3], [1, 1], "valid"],
  // A filter's gradient in slices, of rows that one thread takes more than one of.
  [[7, 13, 40, 4], [3, 3, 1], [1, 1], [1, 1], [[0, 0], [1, 1], [1, 1], [0, 0]]],
  [[5, 60, 3, 1], [3, 1, 2], [2, 1], [1, 1], "valid"],
];

programsTest("depthwise convolutions and their gradients", () => {
  const results: Results = {};
  const kernel = "DepthwiseConv2dNative";
  for (const [image, [height, width, multiplier], strides, dilations, pad] of DEPTHWISE) {
    const attrs = { strides, pad, dilations, dataFormat: "NHWC" };
    const filterShape = [height, width, image[3]!, multiplier];
    const [x, filter] = [random(image, 1), random(filterShape, 2)];
    const what = `${image} by ${filterShape}, strides ${strides}, dilation ${dilations}, ${pad}`;
    const [y] = run(kernel, { x, filter }, attrs);
    const dy = random(y!.shape, 3);
    const [dx] = run(`${kernel}BackpropInput`, { dy, filter }, { ...attrs, inputShape: image });
    const [dFilter] = run(`${kernel}BackpropFilter`, { x, dy }, { ...attrs, filterShape });
    Object.assign(results, { [what]: y, [`${what}, input`]: dx, [`${what}, filter`]: dFilter });
    const unusual = { x: drawUnusual(image, 4, 29), filter };
    results[`${what}, not finite`] = run(kernel, unusual, attrs)[0]!;
  }
  return results;
});

programsTest("tensors that are repeated, and summed again", () => {
  const results: Results = {};
  const cases: readonly (readonly [shape: number[], to: number[]])[] = [
    [[1], [7]],
    [[3, 1, 4], [3, 5, 4]],
    [[2, 1, 1, 5], [2, 3, 4, 5]],
    [[2, 1, 1, 8], [2, 3, 4, 8]],
    [[1, 6], [9, 6]],
    [[5, 1], [5, 3]],
    // Along dimensions that are no neighbors.
    [[1, 3, 1, 4], [2, 3, 5, 4]],
    [[1, 2, 1, 3, 1, 2], [2, 2, 2, 3, 3, 2]],
  ];
  for (const [shape, to] of cases) {
    const x = random(shape, 1);
    differentiate(results, `${shape} to ${to}`, [x], (x) => publicOps.broadcastTo(x, to));
  }
  results["longer dimensions, left to tfjs"] = tf.tile(random([2, 3], 1), [2, 3]);
  results["not finite"] = tf.tile(drawUnusual([4, 1, 9], 1), [1, 3, 1]);
  return results;
});

programsTest("tensors that are joined, and cut again", () => {
  const results: Results = {};
  const cases: readonly (readonly [shape: number[], axis: number, lengths: number[]])[] = [
    [[1], 0, [1, 1]],
    [[2, 3, 0], 2, [4, 8, 4]],
    [[2, 3, 0], 2, [1, 5, 2]],
    [[2, 0, 4], 1, [3, 1, 2]],
    [[0, 3], 0, [2, 5]],
    // More than one dispatch takes, in each width.
    [[3, 2, 0], 2, Array.from({ length: 20 }, (_, i) => 4 * (i % 3 + 1))],
    [[5, 0], 1, Array.from({ length: 17 }, (_, i) => i % 4 + 1)],
  ];
  for (const [shape, axis, lengths] of cases) {
    const inputs = lengths.map((length, i) => random(shape.with(axis, length), i));
    differentiate(
      results,
      `${lengths} along ${axis} of ${shape}`,
      inputs,
      (...tensors) => publicOps.concat(tensors, axis),
    );
  }
  const x = random([3, 5, 8], 1);
  const slice = (begin: number[], size: number[]) => tf.slice(x, begin, size);
  results["a part of all dimensions"] = slice([1, 2, 3], [2, 2, 4]);
  results["the end"] = slice([0, 3, 0], [-1, -1, -1]);
  results["all"] = slice([0, 0, 0], [3, 5, 8]);
  results["not finite"] = tf.slice(drawUnusual([4, 9], 1), [1, 0], [2, 9]);
  return results;
});

webgpuTest("more workgroups than one dimension has", () =>
  withBackend("webgpu", async () => {
    // A thread for each number, as none of these comes in fours.
    const [height, width] = [2051, 2049];
    assert(height * width / 64 > 65535);
    const data = numbers(height * width, 1);
    const [factor, term] = [0.75, -0.5];
    const attrs = { strides: [1, 1], pad: "valid", dilations: [1, 1], dataFormat: "NHWC" };
    const pool = { filterSize: [1, 1], strides: [1, 1], pad: "valid" };
    const results = tf.tidy(() => {
      const x = tf.tensor(data, [1, height, width, 1]);
      const scale = opaque(tf.tensor1d([factor]));
      const shift = opaque(tf.tensor1d([term]));
      const weights = tf.tensor4d([factor], [1, 1, 1, 1]);
      return {
        pool: run("AvgPool", { x }, pool)[0]!,
        depthwise: run("DepthwiseConv2dNative", { x, filter: weights }, attrs)[0]!,
        leaky: transparent(publicOps.leakyRelu(opaque(x), { slope: 0.25 })),
        sum: tf.add(x, x),
        joined: tf.concat([x, tf.ones([1, 1, width, 1])], 1),
        cut: tf.slice(x, [0, 1, 0, 0], [1, height - 1, width, 1]),
        normalized: transparent(normalizeBy(opaque(x), { scale, shift })),
      };
    });
    const expected: Record<keyof typeof results, Float32Array> = {
      pool: data,
      depthwise: data.map((x) => factor * x),
      leaky: data.map((x) => x > 0 ? x : 0.25 * x),
      sum: data.map((x) => x + x),
      joined: new Float32Array(data.length + width).fill(1),
      cut: data.subarray(width),
      normalized: data.map((x) => factor * x + term),
    };
    expected.joined.set(data);
    const names = Object.keys(expected) as (keyof typeof results)[];
    const actual = await takeAll(names.map((name) => results[name]));
    names.forEach((name, i) => assertClose(actual[i]!, expected[name], 1e-6, name));
  }));

programsTest("sums for each image of what batch norm takes", () => {
  const results: Results = {};
  for (const [batch, pixels, channels] of IMAGES) {
    const x = random([batch, pixels, channels], 1);
    const dy = random([batch, pixels, channels], 2);
    const mean = random([channels], 3);
    const apart = tf.sub(x, mean);
    const onHost = tf.getBackend() === "cpu";
    const squares = onHost ? tf.sum(tf.square(apart), 1) : run(CENTERED_SQUARES, { x, mean })[0]!;
    const [own, products] = onHost
      ? [tf.sum(dy, 1), tf.sum(tf.mul(dy, apart), 1)]
      : run(CENTERED_PRODUCTS, { dy, x, mean });
    const what = `${batch}, ${pixels}, ${channels}`;
    Object.assign(results, {
      [`${what}, squares`]: squares,
      [`${what}, own`]: own,
      [`${what}, products`]: products,
    });
  }
  return results;
});
