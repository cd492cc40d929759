// Rill's own WebGPU programs, with every set of parameters that they can be written with, against tfjs's plain JavaScript
// backend, whose kernels are loops: in sizes that no tile divides.
import * as tf from "@tensorflow/tfjs-core";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { BackendError } from "@rill/rill/models";
import { UPDATES } from "../../../models/kernels/definitions/_updates.ts";
import { updateOnHost as updateArrays } from "../../../models/kernels/host/_updates_on_host.ts";
import { describeAdamUpdate, number } from "./_updates.ts";
import { DROPOUT } from "../../../models/kernels/definitions/_kernel_names.ts";
import {
  chooseParameters,
  type GemmParameters,
  listCandidates,
  SOFTWARE_SUBGROUPS,
  takesFours,
} from "../../../models/kernels/webgpu/gemm/_gemm_parameters.ts";
import { registerWebgpuKernels } from "../../../models/kernels/_register_webgpu.ts";
import { getTuning, useTuning } from "../../../models/kernels/webgpu/gemm/_tuning.ts";
import { sample } from "../../_nightly.ts";
import { assertClose, numbers, withBackend } from "../_helpers.ts";
import { comparePrograms, gpuBackend, random, takeAll, withRoomFor } from "../_programs.ts";
import { webgpuTest } from "../_webgpu.ts";

/** Sets that nobody would choose. */
const ODD: readonly GemmParameters[] = [
  { threads: [1, 1], block: [1, 1], depth: 1, operands: "global", vector: 1, speed: 1 },
  { threads: [4, 3], block: [3, 2], depth: 3, operands: "global", vector: 2, speed: 1 },
  { threads: [3, 5], block: [2, 4], depth: 7, operands: "shared", vector: 2, speed: 1 },
  {
    threads: [2, 2],
    block: [5, 1],
    depth: 4,
    operands: "shared",
    vector: 1,
    prefetch: true,
    speed: 1,
  },
  {
    threads: [2, 3],
    block: [4, 4],
    depth: 4,
    operands: "shared",
    vector: 4,
    prefetch: true,
    speed: 1,
  },
  { threads: [1, 8], block: [40, 4], depth: 2, operands: "subgroup", vector: 4, speed: 1 },
];

/** One for each way to load. */
const LOADS = ODD.filter((_, i) => [0, 3, 5].includes(i));

/** The limits that every WebGPU device has. */
const LEAST_LIMITS = {
  maxComputeInvocationsPerWorkgroup: 256,
  maxComputeWorkgroupSizeX: 256,
  maxComputeWorkgroupSizeY: 256,
  maxComputeWorkgroupStorageSize: 16384,
};

/** All sets that are in use, or that tuning tries, where there is room for them. */
const ROOM = {
  limits: { ...LEAST_LIMITS, maxComputeWorkgroupStorageSize: 32768 },
  subgroups: true,
};
const ALL = [...listCandidates(true, ROOM), ...listCandidates(false, ROOM)];

/** Those that are tested at each change: of those that take fours, which take longest to compile, a smaller one of the odd does. */
const TESTED = sample(ALL, ...ALL.filter((set) => !takesFours(set)));

/** How much the backend holds. */
const dataCount = () => (tf.backend() as tf.KernelBackend).numDataIds();

const run = (kernel: string, inputs: object, attrs: object = {}) =>
  tf.engine().runKernel(
    kernel,
    inputs as tf.NamedTensorMap,
    attrs as tf.NamedAttrMap,
  ) as tf.Tensor;

/** Registers a test for each set of parameters, with the inner dimension split or not. */
function parametersTest(
  name: string,
  sets: readonly GemmParameters[],
  fn: () => Promise<void>,
): void {
  for (const set of sets) {
    const { threads, block, depth, operands, vector, prefetch } = set;
    const what = `${operands}, ${threads.join("x")} threads of ${
      block.join("x")
    }, depth ${depth}, vectors of ${vector}${prefetch ? ", prefetch" : ""}`;
    const test = () =>
      withBackend("webgpu", async () => {
        const { device } = gpuBackend();
        const { subgroups } = getTuning(gpuBackend());
        for (const groups of [1, 64]) {
          useTuning(device, { sets: [set], groups, subgroups });
          const before = dataCount();
          await fn();
          assertEquals(dataCount(), before);
        }
      });
    webgpuTest(`${name}: ${what}`, test, withRoomFor(set));
  }
}

const SIZES: readonly (readonly [rows: number, inner: number, columns: number])[] = [
  [1, 1, 1],
  [1, 9, 4],
  [67, 33, 10],
  [9, 1, 131],
  [130, 2, 67],
  [5, 1100, 3],
  // In fours.
  [8, 4, 4],
  [12, 36, 40],
  [4, 1100, 8],
];

parametersTest("a sum of more terms than lavapipe's loops have turns is whole", LOADS, async () => {
  const a = tf.ones([3, 70_000]);
  const b = tf.ones([70_000, 5]);
  const [dense] = await takeAll([tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D)]);
  assertEquals(new Set(dense), new Set([70_000]));
  const x = tf.ones([3, 81, 300, 2]);
  const dy = tf.ones([3, 81, 300, 4]);
  const [filter] = await takeAll([
    run("Conv2DBackpropFilter", { x, dy }, {
      strides: 1,
      pad: 0,
      dataFormat: "NHWC",
      dilations: 1,
      filterShape: [1, 1, 2, 4],
    }),
  ]);
  assertEquals(new Set(filter), new Set([3 * 81 * 300]));
  for (const tensor of [a, b, x, dy]) tensor.dispose();
});

parametersTest("products", ODD, () =>
  comparePrograms(() => {
    const results: Record<string, tf.Tensor> = {};
    for (const [rows, inner, columns] of SIZES) {
      for (const [transposeA, transposeB] of [[0, 0], [0, 1], [1, 0], [1, 1]] as const) {
        const a = random(transposeA ? [inner, rows] : [rows, inner], 1);
        const b = random(transposeB ? [columns, inner] : [inner, columns], 2);
        results[`${rows}x${inner}x${columns} ${transposeA}${transposeB}`] = tf.matMul(
          a,
          b,
          !!transposeA,
          !!transposeB,
        );
      }
    }
    // Batches, one operand for all of them, and what isn't finite, which stays in its rows and columns.
    results["a batch"] = tf.matMul(random([3, 5, 7], 1), random([3, 7, 9], 2));
    results["the same left operand"] = tf.matMul(
      random([1, 5, 7], 1),
      random([3, 9, 7], 2),
      false,
      true,
    );
    results["the same right operand"] = tf.matMul(random([2, 7, 5], 1), random([1, 7, 9], 2), true);
    const a = tf.buffer([10, 300], "float32", numbers(3000, 1));
    const b = tf.buffer([300, 11], "float32", numbers(3300, 2));
    a.set(NaN, 9, 299);
    a.set(0, 1, 2);
    b.set(Infinity, 2, 10);
    results["not finite"] = tf.matMul(a.toTensor(), b.toTensor());
    return results;
  }, { name: "products" }));

type Case = [
  image: [batch: number, height: number, width: number, channels: number],
  kernel: [height: number, width: number],
  filters: number,
  strides: number | [number, number],
  pad: "valid" | "same" | number | [[0, 0], [number, number], [number, number], [0, 0]],
];

const CONVOLUTIONS: Case[] = [
  [[1, 1, 1, 1], [1, 1], 1, 1, "valid"],
  [[2, 1, 9, 3], [1, 1], 5, 2, "valid"],
  [[3, 7, 6, 5], [3, 3], 9, 1, 1],
  [[2, 4, 3, 20], [3, 3], 35, 1, "same"],
  [[2, 9, 7, 6], [5, 5], 11, 1, 2],
  [[2, 12, 13, 3], [5, 5], 4, 2, 2],
  [[2, 23, 27, 1], [11, 11], 17, 4, "valid"],
  [[1, 15, 13, 2], [11, 11], 3, 4, 5],
  [[2, 10, 11, 4], [3, 2], 6, [2, 3], "valid"],
  [[2, 10, 11, 4], [2, 5], 6, [3, 1], "same"],
  [[1, 9, 8, 3], [3, 3], 2, 3, 1],
  // Windows apart from each other, so that there are pixels that none covers.
  [[1, 9, 9, 2], [2, 2], 3, 4, "valid"],
  // Channels and filters in fours, together and not.
  [[2, 5, 6, 4], [3, 3], 8, 1, 1],
  [[1, 11, 9, 8], [3, 3], 4, 2, "same"],
  [[2, 7, 7, 4], [2, 2], 3, 3, "valid"],
  // A number would be for square windows: tfjs reckons the width with the window's height.
  [[1, 6, 5, 3], [3, 2], 12, 1, [[0, 0], [2, 2], [2, 2], [0, 0]]],
];

/** Convolutions of a list, and their gradients for the input and the filter. */
function convolutions(
  cases: readonly Case[],
  wanted: readonly string[] = ["", "input", "filter"],
): Record<string, tf.Tensor> {
  const results: Record<string, tf.Tensor> = {};
  for (const [image, kernel, filters, strides, pad] of cases) {
    const x = random(image, 1) as tf.Tensor4D;
    const filter = random([...kernel, image[3], filters], 2) as tf.Tensor4D;
    const y = tf.conv2d(x, filter, strides, pad);
    const dy = random(y.shape, 3);
    const attrs = { strides, pad, dataFormat: "NHWC", dilations: 1 };
    const what = `${image} by ${kernel}, ${filters} filters, strides ${strides}, padding ${pad}`;
    if (wanted.includes("")) results[what] = y;
    if (wanted.includes("input")) {
      const more = { ...attrs, inputShape: image };
      results[`${what}, input`] = run("Conv2DBackpropInput", { dy, filter }, more);
    }
    if (wanted.includes("filter")) {
      const more = { ...attrs, filterShape: filter.shape };
      results[`${what}, filter`] = run("Conv2DBackpropFilter", { x, dy }, more);
    }
  }
  return results;
}

parametersTest("convolutions and their gradients", ODD, () =>
  comparePrograms(() => {
    const results = convolutions(CONVOLUTIONS);
    const x = tf.buffer([2, 6, 7, 3], "float32", numbers(252, 1));
    x.set(NaN, 1, 5, 0, 2);
    x.set(-Infinity, 0, 2, 3, 1);
    results["not finite"] = tf.conv2d(
      x.toTensor() as tf.Tensor4D,
      random([3, 3, 3, 4], 2) as tf.Tensor4D,
      1,
      1,
    );
    return results;
  }, { name: "convolutions" }));

// What is in use has large tiles, of which each program takes long to compile: these make do with five programs, which have
// every way to load an operand.
parametersTest("a set in use or tried", TESTED, () =>
  comparePrograms(() => {
    const results = convolutions([
      [[1, 1, 1, 1], [1, 1], 1, 1, "valid"],
      [[2, 9, 8, 3], [5, 5], 11, 1, 2],
      [[3, 23, 27, 1], [11, 11], 17, 4, "valid"],
      [[1, 10, 11, 3], [3, 2], 2, [2, 3], "same"],
    ], ["", "input"]);
    Object.assign(
      results,
      convolutions([
        [[2, 7, 11, 4], [3, 3], 8, 1, 1],
        [[1, 11, 9, 8], [3, 3], 12, 2, "same"],
        [[1, 9, 9, 4], [2, 2], 4, 4, "valid"],
      ]),
    );
    const product = (rows: number, inner: number, columns: number, batch = 1) => {
      // Both ways to lie in memory: neighbours along the inner dimension, or down the rows.
      const lies = inner % 4 === 0;
      const a = random(lies ? [batch, rows, inner] : [batch, inner, rows], 1);
      return tf.matMul(a, random([batch, columns, inner], 2), !lies, true);
    };
    results["one number"] = product(1, 1, 1);
    results["one row"] = product(1, 33, 259);
    results["one column"] = product(259, 33, 1);
    results["nothing to sum up"] = product(9, 1, 131);
    results["beyond a tile"] = product(133, 33, 131);
    results["split"] = product(5, 1101, 3);
    results["a batch"] = product(5, 7, 9, 3);
    results["in fours, one row"] = product(1, 36, 260);
    results["in fours, one column"] = product(259, 36, 1);
    results["in fours, beyond a tile"] = product(134, 68, 137);
    results["in fours, split"] = product(5, 1100, 3);
    results["in fours, a batch"] = product(5, 8, 9, 3);
    for (const inner of [300, 301]) {
      const lies = inner % 4 === 0;
      const a = tf.buffer(lies ? [10, inner] : [inner, 10], "float32", numbers(10 * inner, 1));
      const b = tf.buffer([11, inner], "float32", numbers(11 * inner, 2));
      a.set(NaN, ...lies ? [9, inner - 1] : [inner - 1, 9]);
      b.set(Infinity, 10, 2);
      results[`not finite, ${inner}`] = tf.matMul(a.toTensor(), b.toTensor(), !lies, true);
    }
    return results;
  }, { name: "in use" }));

Deno.test("only what a device has room for is tried", () => {
  const room = { limits: LEAST_LIMITS, subgroups: false };
  assert(listCandidates(true, room).every(({ operands }) => operands !== "subgroup"));
  assert(listCandidates(true, room).length > 0);
  const large = listCandidates(false, ROOM).length;
  assert(listCandidates(false, room).length < large, "tiles of 128 x 128 x 16 take 16.5 KiB");
  const few = { ...ROOM, limits: { ...ROOM.limits, maxComputeInvocationsPerWorkgroup: 128 } };
  for (const { threads } of listCandidates(false, few)) assert(threads[0] * threads[1] <= 128);
});

webgpuTest("the set of parameters that wastes least is chosen", () => {
  const [large, wide, small] = SOFTWARE_SUBGROUPS;
  assertEquals(chooseParameters(SOFTWARE_SUBGROUPS, 1024, 1024, 1024), large);
  assertEquals(chooseParameters(SOFTWARE_SUBGROUPS, 1024, 1024, 32), wide);
  assertEquals(chooseParameters(SOFTWARE_SUBGROUPS, 1024, 96, 1024), small);
  assertEquals(chooseParameters(SOFTWARE_SUBGROUPS, 8, 4096, 1024).block, [8, 16]);
  const chooseFours = (rows: number, columns: number, inner: number) =>
    chooseParameters(SOFTWARE_SUBGROUPS, rows, columns, inner, () => true).block;
  assertEquals(chooseFours(72, 384, 384), [72, 8]);
  assertEquals(chooseFours(392, 96, 256), [56, 12]);
  assertEquals(chooseFours(6400, 4096, 8), [32, 16]);
});

webgpuTest(
  "sums over the first dimensions, in slices too",
  () =>
    withBackend("webgpu", () =>
      comparePrograms(() => ({
        few: tf.sum(random([3, 5], 1), 0),
        images: tf.sum(random([2, 30, 40, 7], 2), [0, 1, 2], true),
        many: tf.sum(random([9001, 1], 3), 0),
        wide: tf.sum(random([2, 70000], 4), 0),
        others: tf.sum(random([4, 5, 6], 5), [1]),
      }))),
);

webgpuTest(
  "the gradient of relu is one program, and passes on that of NaN",
  () =>
    withBackend("webgpu", async () => {
      const gradient = tf.grad((x) => tf.mul(tf.relu(x), [1, 2, 3, 4, NaN, 6]));
      const dx = gradient(tf.tensor([-1, 0, 1e-30, NaN, 5, -3]));
      assertEquals([...await dx.data()], [0, 0, 3, 4, NaN, 0]);
      await comparePrograms(() => ({
        odd: tf.grad(tf.relu)(random([3, 5, 7], 1)),
        even: tf.grad(tf.relu)(random([70, 1000], 2)),
      }));
    }),
);

webgpuTest(
  "integers that were cast are not taken for floats",
  () =>
    withBackend("webgpu", () =>
      comparePrograms(() => {
        const a = tf.cast(tf.tensor([1, 2, 3, 4], [2, 2], "int32"), "float32");
        return { product: tf.matMul(a, a), sum: tf.sum(a, 0) };
      })),
);

const SETTINGS = describeAdamUpdate({ stepSize: 0.01, scale: 1 / 0.03 });

/** A parameter and its running means. */
interface AdamState<T> {
  readonly parameter: T;
  readonly m: T;
  readonly v: T;
}

const onDevice = ({ parameter, m, v }: AdamState<Float32Array>): AdamState<tf.Tensor> => ({
  parameter: tf.tensor(parameter.slice()),
  m: tf.tensor(m.slice()),
  v: tf.tensor(v.slice()),
});

const randomState = (size: number): AdamState<Float32Array> => ({
  parameter: numbers(size, 1),
  m: numbers(size, 2),
  v: numbers(size, 3).map(Math.abs),
});

/** Updates on the host, into new arrays. */
function updateOnHost(
  state: AdamState<Float32Array>,
  gradient: Float32Array,
): AdamState<Float32Array> {
  const [parameter, m, v] = [state.parameter.slice(), state.m.slice(), state.v.slice()] as const;
  updateArrays(SETTINGS, [parameter, m, v], gradient);
  return { parameter, m, v };
}

/** Updates by the kernel. */
function update(state: AdamState<tf.Tensor>, gradient: tf.Tensor): AdamState<tf.Tensor> {
  const results: unknown = run(UPDATES, number({ ...state, gradient }), SETTINGS);
  const [parameter, m, v] = results as [tf.Tensor, tf.Tensor, tf.Tensor];
  return { parameter, m, v };
}

async function assertSame(
  actual: AdamState<tf.Tensor>,
  expected: AdamState<Float32Array>,
  what: string,
): Promise<void> {
  for (const name of ["parameter", "m", "v"] as const) {
    assertClose(await actual[name].data(), expected[name], 1e-6, `${name} of ${what}`);
  }
}

/** Two updates, of which the host makes the same. */
async function checkAdam(size: number): Promise<void> {
  let host = randomState(size);
  let state = onDevice(host);
  const before = tf.memory().numTensors;
  for (const seed of [4, 5]) {
    const gradient = numbers(size, seed);
    const dy = tf.tensor(gradient);
    host = updateOnHost(host, gradient);
    const next = update(state, dy);
    for (const tensor of [...Object.values(state), dy]) tensor.dispose();
    state = next;
    // Read each time: what was read before an update is not what is there after it.
    await assertSame(state, host, `${size}`);
  }
  assertEquals(tf.memory().numTensors, before);
  for (const tensor of Object.values(state)) tensor.dispose();
}

webgpuTest("Adam updates in place", () =>
  withBackend("webgpu", async () => {
    for (const size of [0, 1, 64, 1027, 66_000]) await checkAdam(size);
  }));

webgpuTest("Adam leaves alone what others hold", () =>
  withBackend("webgpu", async () => {
    const host = randomState(6);
    const expected = updateOnHost(host, numbers(6, 4));
    for (const name of ["parameter", "m", "v"] as const) {
      const state = onDevice(host);
      const held = tf.clone(state[name]);
      await assertSame(update(state, random([6], 4)), expected, `the update, ${name} being held`);
      assertEquals(await held.data(), host[name]);
    }
  }));

webgpuTest(
  "Adam takes integers that were cast for what they are",
  () =>
    withBackend("webgpu", async () => {
      const host = {
        parameter: Float32Array.of(1, 2, 3),
        m: Float32Array.of(0, 1, 0),
        v: Float32Array.of(1, 0, 2),
      };
      const cast = (data: Float32Array) => tf.cast(tf.tensor1d([...data], "int32"), "float32");
      const { parameter, m, v } = host;
      const actual = update(
        { parameter: cast(parameter), m: cast(m), v: cast(v) },
        cast(Float32Array.of(4, -5, 6)),
      );
      await assertSame(actual, updateOnHost(host, Float32Array.of(4, -5, 6)), "the update");
    }),
);

webgpuTest("kernels take empty tensors", () =>
  withBackend("webgpu", () => {
    const attrs = { rate: 0.5, key0: 1, key1: 2 };
    assertEquals(run(DROPOUT, { x: tf.zeros([0, 3]) }, attrs).shape, [0, 3]);
    const x = tf.zeros([0, 4, 4, 2]) as tf.Tensor4D;
    assertEquals(tf.grad((x) => tf.maxPool(x as tf.Tensor4D, 2, 2, "valid"))(x).shape, x.shape);
  }));

webgpuTest("what a device cannot bind or dispatch is refused", () =>
  withBackend("webgpu", () => {
    const { device } = gpuBackend();
    const { limits } = device;
    const few = (lower: Record<string, number>) =>
      Object.defineProperty(device, "limits", {
        configurable: true,
        value: new Proxy(limits, {
          get: (from, name) => lower[name as string] ?? Reflect.get(from, name),
        }),
      });
    const a = random([40, 40], 1);
    few({ maxStorageBufferBindingSize: 6399 });
    const error = assertThrows(() => tf.matMul(a, a), BackendError, "6400 bytes");
    assertEquals(error.backend, "webgpu");
    few({ maxComputeWorkgroupsPerDimension: 2 });
    assertThrows(
      () => tf.matMul(random([3, 4, 4], 1), random([3, 4, 4], 1)),
      BackendError,
      "3 wor",
    );
    few({});
  }));

webgpuTest(
  "tfjs's own kernels can be had for comparison, and Rill's back",
  () =>
    withBackend("webgpu", async () => {
      const x = random([1, 5, 5, 2], 1) as tf.Tensor4D;
      const filter = random([3, 3, 2, 3], 2) as tf.Tensor4D;
      const ours = await tf.conv2d(x, filter, 1, 0).data();
      const kernels = () => tf.getKernelsForBackend("webgpu").map(({ kernelFunc }) => kernelFunc);
      const names = () => tf.getKernelsForBackend("webgpu").map(({ kernelName }) => kernelName);
      const all = names();
      registerWebgpuKernels({ stock: true });
      try {
        const own = all.filter((name) => !names().includes(name));
        assert(own.length > 0);
        assertEquals(
          own.filter((name) => !name.startsWith("Rill")),
          [],
          "tfjs has kernels for them",
        );
        assertClose(await tf.conv2d(x, filter, 1, 0).data(), ours, 1e-5);
      } finally {
        registerWebgpuKernels({ stock: false });
      }
      assertEquals(names().toSorted(), all.toSorted());
      const registered = kernels();
      registerWebgpuKernels();
      assertEquals(kernels(), registered);
    }),
);
