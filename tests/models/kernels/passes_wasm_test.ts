// The passes of Rill's WASM module over images and activations, against plain loops in double precision, in sizes that no
// vector divides.
import * as tf from "@tensorflow/tfjs-core";
import { assert, assertEquals } from "@std/assert";
import {
  ACTIVATION,
  ACTIVATION_GRADIENT,
  ADD_BIAS,
  ADD_BIAS_GRADIENTS,
  ADD_TO,
  BLOCK_SUMS,
  CENTERED_PRODUCTS,
  CENTERED_SQUARES,
  COMBINE,
  LEAKY_RELU_GRADIENT,
  RECTIFIED_COMBINE,
  RECTIFIED_PRODUCTS,
  RECTIFIED_SCALE_AND_SHIFT,
  RELU6_GRADIENT,
  RELU_GRADIENT,
  REPEAT,
  SCALE_AND_SHIFT,
} from "../../../models/kernels/definitions/_kernel_names.ts";
import type { Shape4D } from "../../../models/kernels/definitions/_kernel_signatures.ts";
import {
  computeWindows,
  type PoolAttrs,
} from "../../../models/kernels/definitions/_pool_windows.ts";
import {
  computeDepthwiseFilterGradientOnHost,
  computeDepthwiseInputGradientOnHost,
  describeDepthwise,
} from "../../../models/kernels/host/_depthwise_on_host.ts";
import { useVariant } from "../../../models/kernels/wasm/_bound_module.ts";
import { PLAIN, RELAXED } from "../../../models/kernels/wasm/_module_bytes.ts";
import type { WasmBackend } from "../../../models/kernels/wasm/_wasm_backend.ts";
import { testUnless } from "../../_test_unless.ts";
import { assertClose, numbers, withBackend } from "../_helpers.ts";

/** Registers a test for each variant, which fails if a tensor stays behind. */
function variantTest(name: string, fn: () => void): void {
  for (const [variant, bytes] of [["relaxed", RELAXED], ["plain", PLAIN]] as const) {
    testUnless(
      !WebAssembly.validate(bytes) && `no ${variant} SIMD`,
      `${name}, with ${variant} SIMD`,
      () =>
        withBackend("wasm", () => {
          assert(useVariant(tf.backend() as unknown as WasmBackend, variant));
          const before = tf.memory().numTensors;
          fn();
          assertEquals(tf.memory().numTensors, before);
          return Promise.resolve();
        }),
    );
  }
}

/** Runs a kernel over numbers, and gives its results' numbers. */
function run(
  kernel: string,
  inputs: Readonly<Record<string, readonly [data: Float32Array, shape: readonly number[]]>>,
  attrs: object = {},
): Float32Array[] {
  const tensors = Object.fromEntries(
    Object.entries(inputs).map(([name, [data, shape]]) => [name, tf.tensor(data, [...shape])]),
  );
  const result: unknown = tf.engine().runKernel(kernel, tensors, attrs as tf.NamedAttrMap);
  const outputs = [result].flat() as tf.Tensor[];
  const data = outputs.map((tensor) => Float32Array.from(tensor.dataSync()));
  tf.dispose([tensors, outputs]);
  return data;
}

const f32 = (length: number, compute: (i: number) => number) =>
  Float32Array.from({ length }, (_, i) => compute(i));

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** The error function by its series, whose terms beyond 5 lose to rounding: it is 1 there. */
function erf(x: number): number {
  if (Math.abs(x) > 5) return Math.sign(x);
  let [sum, term] = [x, x];
  for (let n = 1; n < 120; n++) {
    term *= -x * x / n;
    sum += term / (2 * n + 1);
  }
  return sum * 2 / Math.sqrt(Math.PI);
}

const normal = (x: number) => (1 + erf(x * Math.SQRT1_2)) / 2;

/** The functions, and their gradients of what the kernels take: the sigmoid's result, and the others' inputs. */
const FUNCTIONS = {
  sigmoid: [sigmoid, (y: number) => y * (1 - y)],
  tanh: [Math.tanh, (x: number) => 1 / Math.cosh(x) ** 2],
  silu: [
    (x: number) => x * sigmoid(x),
    (x: number) => sigmoid(x) * (1 + x * (1 - sigmoid(x))),
  ],
  gelu: [
    (x: number) => x * normal(x),
    (x: number) => normal(x) + x * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI),
  ],
} as const;

const NAMES = { sigmoid: "Sigmoid", tanh: "Tanh", silu: ACTIVATION, gelu: ACTIVATION };

variantTest("activation functions and their gradients", () => {
  for (const [kind, [compute, slope]] of Object.entries(FUNCTIONS)) {
    for (const length of [1, 2, 3, 4, 7, 4001]) {
      // From small ones to those where everything is flat.
      const x = f32(length, (i) => Math.sinh((i / length - 0.5) * 10) + 1e-4);
      const dy = numbers(length, 2);
      const name = NAMES[kind as keyof typeof NAMES];
      const [y] = run(name, { x: [x, [length]] }, { kind });
      assertClose(y!, f32(length, (i) => compute(x[i]!)), 1e-6, `${kind} of ${length}`);
      const [dx] = run(ACTIVATION_GRADIENT, { x: [x, [length]], dy: [dy, [length]] }, { kind });
      const expected = f32(length, (i) => dy[i]! * slope(x[i]!));
      assertClose(dx!, expected, 1e-6, `gradient of ${kind} of ${length}`);
    }
  }
});

variantTest("activation functions of small numbers have the digits that these have", () => {
  const x = f32(101, (i) => 10 ** (-i / 4) * (i % 2 ? 1 : -1));
  const [tanh] = run("Tanh", { x: [x, [101]] });
  for (const [i, y] of tanh!.entries()) {
    assert(Math.abs(y - Math.tanh(x[i]!)) <= 3e-7 * Math.abs(x[i]!), `tanh(${x[i]}) is ${y}`);
  }
  // And so have the small ones of results, far from 0.
  for (const kind of ["tanh", "gelu"] as const) {
    for (const far of [-2, -3, -4]) {
      const inputs = { x: [Float32Array.of(far), [1]], dy: [Float32Array.of(1), [1]] } as const;
      const slope = FUNCTIONS[kind][1](Math.fround(far));
      const [dx] = run(ACTIVATION_GRADIENT, inputs, { kind });
      assert(Math.abs(dx![0]! - slope) < 3e-6 * Math.abs(slope), `slope of ${kind} at ${far}`);
    }
  }
});

variantTest("activation functions of what isn't finite", () => {
  const x = Float32Array.of(NaN, Infinity, -Infinity, 1000, -1000, 0);
  assertEquals(run("Sigmoid", { x: [x, [6]] }), [Float32Array.of(NaN, 1, 0, 1, 0, 0.5)]);
  assertEquals(run("Tanh", { x: [x, [6]] }), [Float32Array.of(NaN, 1, -1, 1, -1, 0)]);
  for (const kind of ["silu", "gelu"]) {
    const [y] = run(ACTIVATION, { x: [x, [6]] }, { kind });
    assertEquals(y!.map((y) => y + 0), Float32Array.of(NaN, Infinity, NaN, 1000, 0, 0), kind);
  }
  const dy = Float32Array.of(1, NaN, Infinity);
  assertEquals(
    run(ACTIVATION_GRADIENT, { x: [Float32Array.of(NaN, 0.5, 0.5), [3]], dy: [dy, [3]] }, {
      kind: "sigmoid",
    }),
    [Float32Array.of(NaN, NaN, Infinity)],
  );
});

const POOLS: readonly PoolAttrs[] = [
  { filterSize: 2, strides: 2, pad: "valid" },
  { filterSize: [3, 2], strides: [2, 1], pad: "same" },
  { filterSize: 3, strides: 1, pad: 1 },
  { filterSize: [7, 8], strides: 1, pad: "valid" },
  // Windows side by side that cover the image.
  { filterSize: [1, 2], strides: [1, 2], pad: "valid" },
  { filterSize: [7, 4], strides: [7, 4], pad: "valid" },
  // Windows apart from each other, and one that reaches over the edge, as in ceil mode.
  { filterSize: 1, strides: 3, pad: "valid" },
  { filterSize: 2, strides: 3, pad: [[0, 0], [0, 1], [1, 1], [0, 0]] },
];

variantTest("means over windows and their gradients, for any number of channels", () => {
  for (const attrs of POOLS) {
    for (const channels of [1, 2, 3, 4, 6, 9]) {
      for (const value of [0.5, NaN, Infinity]) {
        const shape = [2, 7, 8, channels];
        const x = numbers(2 * 7 * 8 * channels, 1);
        x[77] = value;
        const windows = computeWindows(shape, attrs);
        const outputs = [2, ...windows.output, channels];
        const dy = numbers(tf.util.sizeFromShape(outputs), 2);
        const y = new Float64Array(dy.length);
        const dx = new Float64Array(x.length);
        visitWindows(windows, (output, pixels) => {
          for (const pixel of pixels) {
            y[output]! += x[pixel]! / pixels.length;
            dx[pixel]! += dy[output]! / (windows.window[0] * windows.window[1]);
          }
        });
        const what = `${JSON.stringify(attrs)} ${channels}`;
        assertSame(run("AvgPool", { x: [x, shape] }, attrs)[0]!, y, what);
        const inputs = { dy: [dy, outputs], input: [x, shape] } as const;
        assertSame(run("AvgPoolGrad", inputs, attrs)[0]!, dx, what);
      }
    }
  }
});

/** Compares numbers: what isn't finite has to be the same, the rest close. */
function assertSame(actual: Float32Array, expected: Float64Array, what: string): void {
  const finite = (data: ArrayLike<number>) =>
    f32(data.length, (i) => Number.isFinite(data[i]!) ? data[i]! : 0);
  const others = (data: ArrayLike<number>) => Array.from(data, (x) => Number.isFinite(x) ? 0 : x);
  assertEquals(others(actual), others(expected), what);
  assertClose(finite(actual), finite(expected), 1e-6, what);
}

/** Visits the places of windows in the output, with those of their pixels that lie in the image. */
function visitWindows(
  { input: [batch, height, width, channels], output, window, strides, padding }: ReturnType<
    typeof computeWindows
  >,
  visit: (output: number, pixels: readonly number[]) => void,
): void {
  let at = 0;
  for (let image = 0; image < batch; image++) {
    for (let i = 0; i < output[0]; i++) {
      for (let j = 0; j < output[1]; j++) {
        for (let channel = 0; channel < channels; channel++, at++) {
          const pixels = [];
          for (let u = 0; u < window[0]; u++) {
            for (let v = 0; v < window[1]; v++) {
              const row = i * strides[0] - padding[0] + u;
              const column = j * strides[1] - padding[1] + v;
              if (row < 0 || row >= height || column < 0 || column >= width) continue;
              pixels.push(((image * height + row) * width + column) * channels + channel);
            }
          }
          visit(at, pixels);
        }
      }
    }
  }
}

const SIZES = [[1, 1, 1], [2, 3, 3], [3, 300, 9], [2, 5, 6], [2, 300, 35], [1, 3, 16]] as const;

variantTest("the passes of batch normalization", () => {
  for (const [batch, pixels, channels] of SIZES) {
    const shape = [batch, pixels, channels];
    const length = batch * pixels * channels;
    // Numbers far from 0, of which squares would lose digits.
    const x = numbers(length, 1).map((x) => x + 100);
    const dy = numbers(length, 2);
    const [mean, scale, slope, shift] = [3, 4, 5, 6].map((seed) =>
      numbers(channels, seed).map((x) => seed === 3 ? x + 100 : x)
    ) as [Float32Array, Float32Array, Float32Array, Float32Array];
    const sum = (term: (i: number, channel: number) => number) => {
      const sums = new Float64Array(batch * channels);
      for (let i = 0; i < length; i++) {
        const channel = i % channels;
        sums[Math.floor(i / (pixels * channels)) * channels + channel]! += term(i, channel);
      }
      return sums;
    };
    const images = [x, shape] as const;
    const per = (data: Float32Array) => [data, [channels]] as const;
    const what = shape.join();
    const [squares] = run(CENTERED_SQUARES, { x: images, mean: per(mean) });
    assertSame(squares!, sum((i, c) => (x[i]! - mean[c]!) ** 2), what);
    const [own, products] = run(CENTERED_PRODUCTS, {
      dy: [dy, shape],
      x: images,
      mean: per(mean),
    });
    assertSame(own!, sum((i) => dy[i]!), what);
    assertSame(products!, sum((i, c) => dy[i]! * (x[i]! - mean[c]!)), what);
    const [y] = run(SCALE_AND_SHIFT, { x: images, scale: per(scale), shift: per(shift) });
    const each = (compute: (i: number, channel: number) => number) =>
      Float64Array.from({ length }, (_, i) => compute(i, i % channels));
    assertSame(y!, each((i, c) => x[i]! * scale[c]! + shift[c]!), what);
    const [dx] = run(COMBINE, {
      dy: [dy, shape],
      scale: per(scale),
      x: images,
      slope: per(slope),
      shift: per(shift),
    });
    assertSame(dx!, each((i, c) => dy[i]! * scale[c]! + x[i]! * slope[c]! + shift[c]!), what);
  }
});

variantTest("the passes of batch normalization with a rectifier behind them", () => {
  for (const [rectifier, most] of [["relu", Infinity], ["relu6", 6]] as const) {
    for (const [batch, pixels, channels] of SIZES) {
      const shape = [batch, pixels, channels];
      const length = batch * pixels * channels;
      const x = numbers(length, 1).map((x) => 20 * x);
      x[length >> 1] = NaN;
      const dy = numbers(length, 2);
      const [mean, scale, slope, offset, shift] = [3, 4, 5, 6, 7].map((seed) =>
        numbers(channels, seed)
      ) as [Float32Array, Float32Array, Float32Array, Float32Array, Float32Array];
      const normalized = f32(
        length,
        (i) => Math.fround(x[i]! * scale[i % channels]!) + shift[i % channels]!,
      );
      const per = (data: Float32Array) => [data, [channels]] as const;
      const all = { dy: [dy, shape], x: [x, shape], scale: per(scale), shift: per(shift) } as const;
      const what = `${rectifier} ${shape}`;
      // NaN is within the limits.
      const passes = (i: number) => !(normalized[i]! <= 0 || normalized[i]! >= most);
      const passed = (i: number) => passes(i) ? dy[i]! : 0;
      const each = (compute: (i: number, channel: number) => number) =>
        Float64Array.from({ length }, (_, i) => compute(i, i % channels));
      const { dy: _, ...forward } = all;
      const [y] = run(RECTIFIED_SCALE_AND_SHIFT, forward, { rectifier });
      assertSame(y!, each((i) => Math.min(Math.max(normalized[i]!, 0), most)), what);
      const own = new Float64Array(batch * channels);
      const products = new Float64Array(batch * channels);
      for (let i = 0; i < length; i++) {
        const at = Math.floor(i / (pixels * channels)) * channels + i % channels;
        own[at]! += passed(i);
        products[at]! += passed(i) * (x[i]! - mean[i % channels]!);
      }
      const sums = run(RECTIFIED_PRODUCTS, { ...all, mean: per(mean) }, { rectifier });
      assertSame(sums[0]!, own, what);
      assertSame(sums[1]!, products, what);
      const [dx] = run(RECTIFIED_COMBINE, { ...all, slope: per(slope), offset: per(offset) }, {
        rectifier,
      });
      assertSame(
        dx!,
        each((i, c) => passed(i) * scale[c]! + x[i]! * slope[c]! + offset[c]!),
        what,
      );
    }
  }
});

variantTest("rectifiers and their gradients at limits and of what isn't finite", () => {
  const cases = {
    relu: ["Relu", RELU_GRADIENT, (x: number) => Math.max(x, 0), (x: number) => !(x <= 0)],
    relu6: [
      "Relu6",
      RELU6_GRADIENT,
      (x: number) => Math.min(Math.max(x, 0), 6),
      (x: number) => !(x <= 0 || x >= 6),
    ],
  } as const;
  const some = [-1, 0, 3, 6, 7, NaN, Infinity, -Infinity, 5.5, 1e-30, -1e-30];
  for (const [name, gradient, compute, passes] of Object.values(cases)) {
    for (const length of [1, 3, 4, 11, 111]) {
      const x = f32(length, (i) => some[i % some.length]!);
      const dy = f32(length, (i) => i % 5 === 4 ? NaN : i + 1);
      const [y] = run(name, { x: [x, [length]] });
      assertEquals(y, f32(length, (i) => compute(x[i]!)), name);
      const [dx] = run(gradient, { x: [x, [length]], dy: [dy, [length]] });
      assertEquals(dx, f32(length, (i) => passes(x[i]!) ? dy[i]! : 0), name);
    }
  }
  for (const alpha of [0.01, -2, 0]) {
    const x = Float32Array.of(-1, 2, NaN, Infinity, -3, 0.5, -0.25);
    const dy = numbers(7, 1);
    const [y] = run("LeakyRelu", { x: [x, [7]] }, { alpha });
    assertClose(y!.subarray(4), [-3 * alpha, 0.5, -0.25 * alpha], 1e-7);
    assertEquals(y!.subarray(1, 4), Float32Array.of(2, NaN, Infinity));
    const [dx] = run(LEAKY_RELU_GRADIENT, { x: [x, [7]], dy: [dy, [7]] }, { alpha });
    assertClose(dx!, Array.from(x, (x, i) => x > 0 ? dy[i]! : dy[i]! * alpha), 1e-7);
  }
});

variantTest("tensors that are put together, cut and repeated", () => {
  for (const dtype of ["float32", "int32"] as const) {
    for (const shape of [[2, 3, 5, 7], [3, 4], [6], [1, 9, 16]]) {
      for (let axis = 0; axis < shape.length; axis++) {
        const lengths = [2, 1, 4];
        const whole = shape.with(axis, 7);
        const data = f32(tf.util.sizeFromShape(whole), (i) => i);
        const stride = tf.util.sizeFromShape(whole.slice(axis + 1));
        let first = 0;
        const parts = lengths.map((length) => {
          const inside = (i: number) => {
            const place = Math.floor(i / stride) % 7;
            return place >= first && place < first + length;
          };
          const part = tf.tensor(data.filter(inside), shape.with(axis, length), dtype);
          first += length;
          return part;
        });
        const joined = tf.engine().runKernel("Concat", parts as unknown as tf.NamedTensorMap, {
          axis,
        }) as tf.Tensor;
        const what = `${dtype} ${shape} ${axis}`;
        assertEquals([joined.dtype, joined.shape], [dtype, whole], what);
        assertEquals(Float32Array.from(joined.dataSync()), data, what);
        const begin = whole.map((_, d) => d === axis ? 2 : 0);
        const cut = tf.slice(joined, begin, shape.with(axis, 1));
        assertEquals([cut.dtype, cut.shape], [dtype, shape.with(axis, 1)], what);
        assertEquals(cut.dataSync(), parts[1]!.dataSync(), what);
        tf.dispose([parts, joined, cut]);
      }
    }
  }
  const x = numbers(2 * 7, 1);
  assertEquals(run(REPEAT, { x: [x, [2, 1, 7]] }, { rows: 3 }), [
    f32(2 * 3 * 7, (i) => x[Math.floor(i / 21) * 7 + i % 7]!),
  ]);
});

variantTest("numbers that are added to others, in place unless those are another's too", () => {
  for (const length of [1, 7, 8, 21]) {
    const [a, b] = [numbers(length, 1), numbers(length, 2)];
    const sums = f32(length, (i) => a[i]! + b[i]!);
    const x = tf.tensor(b);
    for (const isShared of [false, true]) {
      const sum = tf.tensor(a);
      const other = isShared ? tf.clone(sum) : undefined;
      const result = tf.engine().runKernel(ADD_TO, { sum, x }) as tf.Tensor;
      assertEquals(result.dataSync(), sums);
      assertEquals(x.dataSync(), b);
      assertEquals(sum.dataSync(), isShared ? a : sums);
      tf.dispose([sum, result, other]);
    }
    x.dispose();
  }
});

variantTest(
  "a bias that is added to a product in place, with a rectifier, and their gradients",
  () => {
    for (const shape of [[1, 1], [3, 4], [2, 3, 5], [3, 100, 35], [300, 16]]) {
      const columns = shape.at(-1)!;
      const length = tf.util.sizeFromShape(shape);
      const data = numbers(length, 1);
      data[length >> 1] = NaN;
      const bias = numbers(columns, 2);
      for (const relu of [false, true]) {
        const x = tf.tensor(data, shape);
        const row = tf.tensor(bias);
        const y = tf.engine().runKernel(ADD_BIAS, { x, bias: row }, { relu }) as tf.Tensor;
        const sums = f32(length, (i) => data[i]! + bias[i % columns]!);
        assertEquals(y.dataSync(), sums.map((sum) => relu ? Math.max(sum, 0) : sum));
        assertEquals(x.dataSync(), y.dataSync());
        const shared = tf.engine().runKernel(ADD_BIAS, { x, bias: row }, { relu }) as tf.Tensor;
        assertEquals(x.dataSync(), y.dataSync());
        tf.dispose([x, row, y, shared]);
      }
      const y = data.map((x) => Math.max(x, 0));
      const dy = numbers(length, 3);
      const passed = f32(length, (i) => y[i]! <= 0 ? 0 : dy[i]!);
      const sums = new Float64Array(columns);
      for (const [i, value] of passed.entries()) sums[i % columns]! += value;
      const [dx, dBias] = run(ADD_BIAS_GRADIENTS, { dy: [dy, shape], y: [y, shape] });
      assertEquals(dx, passed);
      assertSame(dBias!, sums, `${shape}`);
      // The sums of two blocks, of which the first may have no row.
      const half = Math.floor(length / columns / 2);
      const ofBlocks = new Float64Array(2 * columns);
      for (const [i, value] of passed.entries()) {
        ofBlocks[(i < half * columns ? 0 : columns) + i % columns]! += value;
      }
      const ends = [half, length / columns];
      assertSame(run(BLOCK_SUMS, { x: [passed, shape] }, { ends })[0]!, ofBlocks, `${shape}`);
    }
  },
);

variantTest("a row that is added to others, and sums over dimensions in the middle", () => {
  for (const shape of [[3, 4], [2, 3, 5], [2, 3, 2, 9], [7, 3]]) {
    const columns = shape.at(-1)!;
    const x = numbers(tf.util.sizeFromShape(shape), 1);
    const row = numbers(columns, 2);
    x[1] = NaN;
    assertEquals(run("Add", { a: [x, shape], b: [row, [columns]] }), [
      f32(x.length, (i) => x[i]! + row[i % columns]!),
    ]);
  }
  const x = numbers(2 * 130 * 7, 1);
  x[5] = Infinity;
  const sums = new Float64Array(14);
  for (const [i, value] of x.entries()) sums[Math.floor(i / 910) * 7 + i % 7]! += value;
  for (const shape of [[2, 130, 7], [2, 10, 13, 7]]) {
    const axis = shape.slice(1, -1).map((_, i) => i + 1);
    assertSame(run("Sum", { x: [x, shape] }, { axis, keepDims: false })[0]!, sums, `${shape}`);
    const means = sums.map((sum) => sum / 130);
    assertSame(run("Mean", { x: [x, shape] }, { axis, keepDims: false })[0]!, means, `${shape}`);
  }
});

variantTest("gradients of depthwise convolutions, for any number of channels", () => {
  const settings = [
    { strides: 1, pad: "same" },
    { strides: [2, 1], pad: "valid" },
    { strides: 1, pad: [[0, 0], [2, 1], [0, 3], [0, 0]], dilations: [2, 1] },
  ] as const;
  for (const setting of settings) {
    for (const channels of [1, 3, 4, 6, 9]) {
      const attrs = setting as unknown as Parameters<typeof describeDepthwise>[2];
      const [shape, filterShape]: [Shape4D, Shape4D] = [[2, 7, 8, channels], [3, 2, channels, 1]];
      const info = describeDepthwise(shape, filterShape, attrs);
      const x = numbers(2 * 7 * 8 * channels, 1);
      const filter = numbers(6 * channels, 2);
      const dy = numbers(tf.util.sizeFromShape(info.outShape), 3);
      x[9] = NaN;
      dy[4] = Infinity;
      const dx = new Float32Array(x.length);
      computeDepthwiseInputGradientOnHost(dy, filter, dx, info);
      const dFilter = new Float32Array(filter.length);
      computeDepthwiseFilterGradientOnHost(x, dy, dFilter, info);
      const what = `${JSON.stringify(setting)} ${channels}`;
      const [actual] = run("DepthwiseConv2dNativeBackpropInput", {
        dy: [dy, info.outShape],
        filter: [filter, filterShape],
      }, { ...attrs, inputShape: shape });
      assertSame(actual!, Float64Array.from(dx), what);
      const [weights] = run("DepthwiseConv2dNativeBackpropFilter", {
        x: [x, shape],
        dy: [dy, info.outShape],
      }, { ...attrs, filterShape });
      assertSame(weights!, Float64Array.from(dFilter), what);
    }
  }
});
