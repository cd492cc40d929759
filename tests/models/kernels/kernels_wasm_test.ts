// Rill's own WASM module, against tfjs's plain JavaScript backend, whose kernels are loops: both of its variants, in sizes
// that no tile or block divides.
import * as tf from "@tensorflow/tfjs-core";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { UPDATES } from "../../../models/kernels/definitions/_updates.ts";
import { updateOnHost } from "../../../models/kernels/host/_updates_on_host.ts";
import { describeAdamUpdate, number } from "./_updates.ts";
import {
  computeMaxPoolGradientOnHost,
  dropOnHost,
  takeMaximaOnHost,
} from "../../../models/kernels/host/_host_kernels.ts";
import { DROPOUT, RELU_GRADIENT } from "../../../models/kernels/definitions/_kernel_names.ts";
import { computeWindows } from "../../../models/kernels/definitions/_pool_windows.ts";
import { useVariant } from "../../../models/kernels/wasm/_bound_module.ts";
import { PLAIN, RELAXED } from "../../../models/kernels/wasm/_module_bytes.ts";
import type { WasmBackend } from "../../../models/kernels/wasm/_wasm_backend.ts";
import { testUnless } from "../../_test_unless.ts";
import { onCpu } from "../_cpu_backend.ts";
import { assertClose, numbers, withBackend } from "../_helpers.ts";

const VARIANTS = { relaxed: RELAXED, plain: PLAIN };

const wasm = () =>
  tf.backend() as unknown as WasmBackend & { numDataIds(): number; memory(): unknown };

const memory = () =>
  Object.values(wasm().wasm.asm).find((value) => value instanceof WebAssembly.Memory)!;

const random = (shape: readonly number[], seed: number) =>
  tf.tensor(numbers(tf.util.sizeFromShape([...shape]), seed), [...shape], "float32");

/** Registers a test for each variant, which fails if a tensor stays behind. */
function variantTest(name: string, fn: () => void | Promise<void>): void {
  for (const variant of ["relaxed", "plain"] as const) {
    const runs = WebAssembly.validate(VARIANTS[variant]);
    testUnless(
      !runs && `no ${variant} SIMD`,
      `${name}, with ${variant} SIMD`,
      () =>
        withBackend("wasm", async () => {
          assert(useVariant(wasm(), variant));
          const before = [tf.memory().numTensors, wasm().numDataIds()];
          await fn();
          assertEquals([tf.memory().numTensors, wasm().numDataIds()], before);
        }),
    );
  }
}

/** Runs a kernel. */
const run = (kernel: string, inputs: Record<string, tf.Tensor>, attrs: object = {}) =>
  tf.engine().runKernel(kernel, inputs, attrs as tf.NamedAttrMap) as tf.Tensor;

/** The numbers of tensors, which are released. */
function take(...tensors: tf.Tensor[]): Float32Array[] {
  return tensors.map((tensor) => {
    const data = Float32Array.from(tensor.dataSync());
    tensor.dispose();
    return data;
  });
}

/** Computes the same here and in plain loops, and compares: what isn't finite has to be the same, the rest close. */
async function compare(what: string, fn: () => tf.Tensor[]): Promise<void> {
  const actual = take(...tf.tidy(fn));
  const expected = await onCpu(() => Promise.resolve(take(...tf.tidy(fn))));
  for (const [i, data] of expected.entries()) {
    const finite = (numbers: Float32Array) => numbers.map((x) => Number.isFinite(x) ? x : 0);
    const others = (numbers: Float32Array) =>
      [...numbers.entries()].filter(([, x]) => !Number.isFinite(x));
    assertEquals(others(actual[i]!), others(data), `${what}, result ${i}`);
    assertClose(finite(actual[i]!), finite(data), 1e-5, `${what}, result ${i}`);
  }
}

const SIZES: readonly (readonly [rows: number, inner: number, columns: number])[] = [
  [1, 1, 1],
  [1, 9, 4],
  [5, 7, 3],
  [5, 386, 1027],
  [6, 1, 8],
  [7, 3, 9],
  [8, 16, 16],
  [67, 385, 10],
  [130, 33, 17],
  [9, 771, 519],
];

const TRANSPOSITIONS = [[false, false], [false, true], [true, false], [true, true]] as const;

variantTest("products of matrices with every transposition", async () => {
  for (const [rows, inner, columns] of SIZES) {
    for (const [transposeA, transposeB] of TRANSPOSITIONS) {
      await compare(`${rows}x${inner}x${columns} ${transposeA} ${transposeB}`, () => [
        tf.matMul(
          random(transposeA ? [inner, rows] : [rows, inner], 1),
          random(transposeB ? [columns, inner] : [inner, columns], 2),
          transposeA,
          transposeB,
        ),
      ]);
    }
  }
});

variantTest("products carry what isn't finite, and keep it to its rows and columns", async () => {
  for (const rows of [3, 10]) {
    for (const [transposeA, transposeB] of TRANSPOSITIONS) {
      await compare(`${rows} ${transposeA} ${transposeB}`, () => {
        const a = tf.buffer([rows, 6], "float32", numbers(rows * 6, 1));
        const b = tf.buffer([6, 11], "float32", numbers(66, 2));
        a.set(NaN, rows - 1, 5);
        a.set(0, 1, 2);
        b.set(Infinity, 2, 10);
        return [
          tf.matMul(
            transposeA ? tf.transpose(a.toTensor()) : a.toTensor(),
            transposeB ? tf.transpose(b.toTensor()) : b.toTensor(),
            transposeA,
            transposeB,
          ),
        ];
      });
    }
  }
});

type Pad = "valid" | "same" | number;
type Case = [
  image: [batch: number, height: number, width: number, channels: number],
  kernel: [height: number, width: number],
  filters: number,
  strides: number | [number, number],
  pad: Pad,
];

const CONVOLUTIONS: Case[] = [
  [[1, 1, 1, 1], [1, 1], 1, 1, "valid"],
  [[2, 1, 9, 3], [1, 1], 5, 2, "valid"],
  [[3, 7, 6, 5], [3, 3], 9, 1, 1],
  [[1, 3, 3, 70], [3, 3], 13, 1, 1],
  [[5, 3, 3, 4], [3, 3], 8, 1, "same"],
  [[2, 9, 7, 6], [5, 5], 11, 1, 2],
  [[2, 12, 13, 3], [5, 5], 4, 2, 2],
  [[2, 23, 27, 1], [11, 11], 17, 4, "valid"],
  [[1, 15, 13, 2], [11, 11], 3, 4, 5],
  [[2, 10, 11, 4], [3, 2], 6, [2, 3], "valid"],
  [[2, 10, 11, 4], [2, 5], 6, [3, 1], "same"],
  [[3, 28, 28, 1], [5, 5], 6, 1, 2],
  [[2, 17, 15, 3], [7, 7], 9, 2, 3],
  // A last row and column that no window reaches.
  [[2, 12, 12, 3], [3, 3], 5, 3, 1],
  // Windows apart from each other, so that there are pixels that none covers.
  [[2, 9, 10, 3], [1, 1], 4, 3, "valid"],
  [[2, 11, 10, 3], [2, 2], 4, 4, "valid"],
  // Padding beyond a kernel's size: whole windows of it.
  [[2, 4, 5, 3], [2, 2], 4, 1, 3],
  [[1, 3, 3, 2], [1, 1], 3, 2, 2],
  // More than a block of the inner dimension, of rows, and of columns.
  [[3, 6, 6, 50], [3, 3], 20, 1, 1],
  [[1, 2, 3, 5], [2, 2], 520, 1, 1],
  // By lines: with vectors that overlap those before, and with all paddings.
  [[2, 9, 18, 1], [3, 3], 2, 1, "valid"],
  [[2, 7, 20, 1], [1, 4], 7, 1, "same"],
  [[3, 6, 21, 1], [2, 2], 3, 1, "valid"],
  [[2, 5, 34, 1], [3, 3], 5, 1, 2],
  // By tiles: whole ones, ones that hang over, several blocks of them, with all paddings, and of images that aren't square.
  [[17, 8, 8, 16], [3, 3], 16, 1, 1],
  [[17, 7, 7, 24], [3, 3], 40, 1, 1],
  [[5, 14, 14, 16], [3, 3], 32, 1, "same"],
  [[11, 10, 14, 32], [3, 3], 16, 1, "valid"],
  [[6, 7, 12, 16], [3, 3], 24, 1, 2],
];

/** A convolution and its two gradients. */
function convolve(
  [image, kernel, filters, strides, pad]: Case,
  change: (x: Float32Array, filter: Float32Array, dy: Float32Array) => void = () => {},
): tf.Tensor[] {
  const filterShape = [...kernel, image[3], filters] as [number, number, number, number];
  const info = tf.backend_util.computeConv2DInfo(image, filterShape, strides, 1, pad);
  const draw = (shape: number[], seed: number) => numbers(tf.util.sizeFromShape(shape), seed);
  const data = [draw(image, 0), draw(filterShape, 1), draw(info.outShape, 2)] as const;
  change(...data);
  const x = tf.tensor(data[0], image, "float32");
  const filter = tf.tensor(data[1], filterShape, "float32");
  const dy = tf.tensor(data[2], info.outShape, "float32");
  const attrs = { strides, pad, dataFormat: "NHWC" };
  return [
    tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, strides, pad),
    run("Conv2DBackpropInput", { dy, filter }, { ...attrs, inputShape: image }),
    run("Conv2DBackpropFilter", { x, dy }, { ...attrs, filterShape }),
  ];
}

variantTest("convolutions and their gradients", async () => {
  for (const example of CONVOLUTIONS) {
    await compare(JSON.stringify(example), () => convolve(example));
  }
});

variantTest("convolutions carry what isn't finite, but nothing out of padding", async () => {
  for (const example of CONVOLUTIONS) {
    await compare(JSON.stringify(example), () =>
      convolve(example, (x, filter, dy) => {
        x.fill(0, 0, x.length / 2);
        x[x.length - 1] = NaN;
        filter[0] = Infinity;
        dy.fill(0, dy.length / 2);
        dy[0] = NaN;
      }));
  }
});

variantTest("a dilated convolution is left to tfjs", async () => {
  await compare("dilated", () => [
    tf.conv2d(
      random([2, 9, 9, 3], 1) as tf.Tensor4D,
      random([3, 3, 3, 4], 2) as tf.Tensor4D,
      1,
      "valid",
      "NHWC",
      2,
    ),
  ]);
});

variantTest("the same comes out every time", () => {
  const example: Case = [[3, 7, 6, 50], [3, 3], 9, 1, 1];
  assertEquals(
    take(...tf.tidy(() => convolve(example))),
    take(...tf.tidy(() => convolve(example))),
  );
});

variantTest("Adam makes the numbers that a loop over them makes, bit by bit", () => {
  for (const count of [1, 2, 3, 4, 5, 1003]) {
    const settings = describeAdamUpdate({ stepSize: 0.00123, scale: 1 / 0.0447 });
    const host = {
      parameter: numbers(count, 1),
      gradient: numbers(count, 2),
      m: numbers(count, 3),
      v: numbers(count, 4).map((x, i) => i % 3 ? Math.abs(x) : 0),
    };
    host.gradient[0] = count === 1003 ? NaN : 0;
    const upload = (data: Float32Array) => tf.tensor1d(data.slice());
    const gradient = upload(host.gradient);
    const own = { parameter: upload(host.parameter), m: upload(host.m), v: upload(host.v) };
    // Others that have the same numbers keep them.
    const snapshot = tf.clone(own.parameter);
    const results: unknown = run(UPDATES, number({ ...own, gradient }), settings);
    const actual = take(...results as tf.Tensor[]);
    assertEquals(take(snapshot, gradient), [host.parameter, host.gradient]);
    updateOnHost(settings, [host.parameter, host.m, host.v], host.gradient);
    assertEquals(actual, [host.parameter, host.m, host.v]);
    for (const tensor of Object.values(own)) tensor.dispose();
  }
});

variantTest(
  "after an update in place nothing goes on with packed copies of old weights",
  async () => {
    const settings = describeAdamUpdate({ stepSize: 0.1, scale: 1 });
    // A fused product is XNNPACK's.
    const product = (b: tf.Tensor, bias: tf.Tensor) =>
      tf.fused.matMul({ a: random([5, 6], 1), b, bias });
    const [parameter, gradient] = [random([6, 7], 3), random([6, 7], 4)];
    const [m, v] = [random([6, 7], 5), tf.ones([6, 7])];
    const bias = tf.zeros([7]);
    tf.tidy(() => void product(parameter, bias));
    const updated: unknown = run(UPDATES, number({ parameter, gradient, m, v }), settings);
    const [weights, ...means] = updated as [tf.Tensor, tf.Tensor, tf.Tensor];
    const data = Float32Array.from(weights.dataSync());
    const actual = take(tf.tidy(() => product(weights, bias)));
    const expected = await onCpu(() =>
      Promise.resolve(take(tf.tidy(() => product(tf.tensor(data, [6, 7]), tf.zeros([7])))))
    );
    assertClose(actual[0]!, expected[0]!, 1e-5);
    for (const tensor of [weights, ...means, parameter, gradient, m, v, bias]) tensor.dispose();
  },
);

variantTest("dropout drops what a loop over Threefry's words drops", () => {
  for (const count of [1, 2, 7, 8, 9, 16, 17, 1001]) {
    const cases = [[0, 0], [0.3, 0], [0.5, 1], [0.5, 6], [0.5, 2 ** 31 + 7]] as const;
    for (const [rate, offset] of cases) {
      const attrs = { rate, key0: -123456789, key1: 987654321, offset };
      const data = numbers(count, count);
      data[count - 1] = NaN;
      const expected = new Float32Array(count);
      dropOnHost(data, expected, attrs);
      const x = tf.tensor1d(data);
      assertEquals(take(run(DROPOUT, { x }, attrs), x), [expected, data]);
    }
  }
});

/** Lists windows that overlap, and those of 2 x 2 with a program of their own: where they fit, and where a line is left over. */
function poolings(channelCounts: readonly number[]) {
  const windows = [
    { filterSize: [3, 2], strides: [2, 1], height: 7 },
    { filterSize: [2, 2], strides: [2, 2], height: 7 },
    { filterSize: [2, 2], strides: [2, 2], height: 6 },
  ] satisfies { filterSize: [number, number]; strides: [number, number]; height: number }[];
  return windows.flatMap((window) =>
    channelCounts.flatMap((channels) =>
      (["valid", "same"] as const).map((pad) => ({ ...window, channels, pad }))
    )
  );
}

variantTest(
  "a maximum's gradient goes to the first of several, for any number of channels",
  async () => {
    for (const { filterSize, strides, height, channels, pad } of poolings([1, 3, 4, 6, 9])) {
      await compare(`${filterSize} ${height} ${channels} ${pad}`, () => {
        const x = tf.round(tf.mul(random([2, height, 8, channels], 1), 2)) as tf.Tensor4D;
        const weigh = (y: tf.Tensor) => tf.sum(tf.mul(y, random(y.shape, 2)));
        const pool = (x: tf.Tensor) => tf.maxPool(x as tf.Tensor4D, filterSize, strides, pad);
        return [tf.grad((x) => weigh(pool(x)))(x)];
      });
    }
  },
);

variantTest("maxima and their gradients with NaN in any place, for any number of channels", () => {
  for (const { height, ...attrs } of poolings([1, 3, 4, 8, 11, 16])) {
    const { channels, pad } = attrs;
    for (const value of [NaN, Infinity, -Infinity]) {
      const shape = [2, height, 8, channels] as const;
      const windows = computeWindows([...shape], attrs);
      const data = numbers(2 * height * 8 * channels, 1).map((x, i) => i % 5 === 0 ? value : x);
      const size = 2 * windows.output[0] * windows.output[1] * channels;
      const dy = numbers(size, 2);
      const expected = [new Float32Array(size), new Float32Array(data.length)] as const;
      takeMaximaOnHost(data, expected[0], windows);
      computeMaxPoolGradientOnHost(data, dy, expected[1], windows);
      assert(expected[0].some((x) => Object.is(x, value)) || value === -Infinity);
      const x = tf.tensor4d(data, [...shape]);
      const y = tf.tensor4d(dy, [2, ...windows.output, channels]);
      const actual = [run("MaxPool", { x }, attrs)];
      actual.push(run("MaxPoolGrad", { dy: y, input: x, output: actual[0]! }, attrs));
      assertEquals(
        take(...actual),
        [...expected],
        `${attrs.filterSize} ${channels} ${pad} ${value}`,
      );
      tf.dispose([x, y]);
    }
  }
});

variantTest("a rectifier's gradient is its output's where the input isn't at most 0", () => {
  const input = [-2, -0, 0, 1e-30, 3, Infinity, -Infinity, NaN, 1, -1, NaN];
  const gradient = [1, 2, 3, 4, 5, 6, NaN, 8, NaN, Infinity, -Infinity];
  for (let count = 1; count <= input.length; count++) {
    const x = tf.tensor1d(input.slice(0, count));
    const dy = tf.tensor1d(gradient.slice(0, count));
    const expected = [0, 0, 0, 4, 5, 6, 0, 8, NaN, 0, -Infinity].slice(0, count);
    assertEquals(take(run(RELU_GRADIENT, { x, dy }), x).slice(0, 1), [Float32Array.from(expected)]);
    dy.dispose();
  }
});

variantTest("sums over the first dimensions", async () => {
  for (const shape of [[1, 1], [300, 1], [5, 3, 2, 9], [3, 10], [2, 200, 16]]) {
    await compare(`sum of ${shape}`, () => {
      const x = random(shape, 1);
      return [
        tf.sum(x, 0),
        tf.sum(x, 0, true),
        tf.sum(x, shape.slice(1).map((_, i) => i)),
        tf.sum(x),
        tf.sum(x, 1),
      ];
    });
  }
});

variantTest("the heap may grow under a product, its operands, and its workspace", () => {
  const before = memory().buffer.byteLength;
  const small = tf.tidy(() => tf.matMul(random([20, 30], 1), random([30, 40], 2)));
  const expected = Float32Array.from(small.dataSync());
  // Its output is larger than all that the heap had.
  const columns = Math.ceil(before / 16 / 4 / 8) * 8 + 8;
  tf.tidy(() => {
    const large = tf.matMul(tf.ones([16, 3]), tf.ones([3, columns]));
    assert(memory().buffer.byteLength > before);
    assertEquals(
      tf.unique(tf.slice(tf.reshape(large, [-1]), [16 * columns - 999])).values.dataSync(),
      Float32Array.of(3),
    );
    // And so is this one's table of rows.
    const tall = tf.matMul(tf.ones([columns, 1]), tf.ones([1, 3]), false, false);
    assertEquals(tf.min(tall).dataSync(), Float32Array.of(1));
  });
  assertEquals(take(tf.tidy(() => tf.matMul(random([20, 30], 1), random([30, 40], 2)))), [
    expected,
  ]);
  small.dispose();
});

variantTest("a product that finds no memory leaves nothing behind", () => {
  const heap = wasm().wasm;
  const [a, b] = [random([10, 10], 1), random([10, 10], 2)];
  const allocate = heap._malloc;
  const before = wasm().numDataIds();
  // The result gets its memory, and the workspace none.
  let calls = 0;
  heap._malloc = (bytes) => ++calls > 1 ? 0 : allocate(bytes);
  try {
    assertThrows(() => tf.matMul(a, b), RangeError, "not enough memory in the WASM heap");
  } finally {
    heap._malloc = allocate;
  }
  assertEquals(wasm().numDataIds(), before);
  take(a, b);
});

Deno.test("a backend that is opened again gets a module of its own", async () => {
  const results: Float32Array[][] = [];
  for (let round = 0; round < 2; round++) {
    await withBackend("wasm", () => {
      results.push(take(tf.tidy(() => tf.matMul(random([9, 8], 1), random([8, 7], 2)))));
    });
  }
  assertEquals(results[0], results[1]);
});

Deno.test("the module has no memory of its own", () => {
  for (const bytes of [RELAXED, PLAIN].filter((bytes) => WebAssembly.validate(bytes))) {
    assertEquals(WebAssembly.Module.imports(new WebAssembly.Module(bytes)), [
      { module: "env", name: "memory", kind: "memory" },
    ]);
    const found = sections(bytes);
    // Types, imports, functions, globals, exports and code: no tables, start or data.
    assertEquals(found.map(({ kind }) => kind), [1, 2, 3, 6, 7, 10]);
    // Two vectors, in which a function gives what it has computed: neither is an address. Each is a type, that it changes, a
    // constant of 16 bytes behind its two of code, and an end.
    const globals = found[3]!.content;
    assertEquals([globals.length, globals[0], globals[1], globals[22]], [
      1 + 2 * 21,
      2,
      V128,
      V128,
    ]);
  }
});

/** The code of the type of vectors. */
const V128 = 0x7b;

/** The sections of a module. */
function sections(bytes: Uint8Array): { readonly kind: number; readonly content: Uint8Array }[] {
  const found = [];
  for (let at = 8; at < bytes.length;) {
    const kind = bytes[at++]!;
    let size = 0;
    for (let shift = 0;; shift += 7) {
      size |= (bytes[at]! & 127) << shift;
      if (bytes[at++]! < 128) break;
    }
    found.push({ kind, content: bytes.subarray(at, at + size) });
    at += size;
  }
  return found;
}
