// Mixed precision on WebGPU: products of operands in half precision, and what keeps small gradients from vanishing in it.
import * as tf from "@tensorflow/tfjs-core";
import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  adam,
  alexnet,
  type Backend,
  BackendError,
  build,
  conv2d,
  exportOptimizerState,
  exportParams,
  flatten,
  importOptimizerState,
  importParams,
  initOptimizerState,
  initTrainState,
  linear,
  maxPool2d,
  openBackend,
  type Optimizer,
  type OptimizerState,
  type Params,
  randomKey,
  readMetrics,
  relu,
  sequential,
  sgd,
  type StepMetrics,
  type StoredTensor,
  type Tensor,
  trainStep,
} from "@rill/rill/models";
import * as ops from "../../../models/ops/_ops.ts";
import { type Adapter, requestAdapter } from "../../../models/kernels/webgpu/device/_adapter.ts";
import { usePrecision } from "../../../models/kernels/webgpu/device/_gpu_backend.ts";
import { openWebgpu } from "../../../models/kernels/_open_webgpu.ts";
import {
  DISCRETE,
  type GemmParameters,
  SOFTWARE,
  SOFTWARE_SUBGROUPS,
  takesFours,
} from "../../../models/kernels/webgpu/gemm/_gemm_parameters.ts";
import { getTuning, useTuning } from "../../../models/kernels/webgpu/gemm/_tuning.ts";
import { onCpu } from "../_cpu_backend.ts";
import { countCalls } from "../_count_calls.ts";
import { sample } from "../../_nightly.ts";
import {
  assertClose,
  getError,
  getOrThrow,
  numbers,
  randomBatch,
  update,
  withBackend,
} from "../_helpers.ts";
import { gpuBackend, opaque, transparent, withRoomFor } from "../_programs.ts";
import { type Lack, webgpuTest, withFeature } from "../_webgpu.ts";

/** Registers a test that needs an adapter with half precision. */
function mixedTest(
  name: string,
  fn: (backend: Backend) => void | Promise<void>,
  ...lacks: readonly Lack[]
): void {
  webgpuTest(name, () => inMixed(fn), HALF, ...lacks);
}

const inMixed = <T>(fn: (backend: Backend) => T | Promise<T>): Promise<T> =>
  withBackend("webgpu", fn, { precision: "mixed" });

const HALF = withFeature("shader-f16");

/** A number that half precision rounds to 1. */
const FINE = 1 + 2 ** -12;

const multiplyFine = () => tf.matMul(tf.fill([1, 1], FINE), tf.ones([1, 1]));

/** Sets with shared memory in all ways to load it, which nobody would choose. */
const ODD: readonly GemmParameters[] = [
  { threads: [4, 3], block: [3, 2], depth: 3, operands: "global", vector: 2, speed: 1 },
  { threads: [3, 5], block: [2, 4], depth: 7, operands: "shared", vector: 2, speed: 1 },
  { threads: [2, 2], block: [5, 1], depth: 4, operands: "shared", vector: 1, speed: 1 },
  { threads: [1, 8], block: [16, 4], depth: 2, operands: "subgroup", vector: 4, speed: 1 },
];

type Operand = (shape: readonly number[], seed: number) => tf.Tensor;

/** Numbers of sizes that half precision has, and some that it rounds to subnormal ones. */
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
  const sizes = [[1, 1, 1], [67, 33, 10], [5, 1100, 3], [12, 36, 40]] as const;
  for (const [rows, inner, columns] of sizes) {
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

// Large blocks that take fours compile longest: a smaller one of the odd does at each change.
const SUBGROUPS = sample(
  SOFTWARE_SUBGROUPS,
  ...SOFTWARE_SUBGROUPS.filter((set) => !takesFours(set)),
);

for (const set of [...SOFTWARE, ...SUBGROUPS, ...DISCRETE, ...ODD]) {
  const { threads, block, operands } = set;
  mixedTest(
    `products of half precision: ${operands}, ${threads.join("x")} threads of ${block.join("x")}`,
    async () => {
      const { device } = gpuBackend();
      const { subgroups } = getTuning(gpuBackend());
      const expected = await onCpu(() => read(tf.tidy(() => products(operand(Math.f16round)))));
      for (const groups of [1, 64]) {
        useTuning(device, { sets: [set], groups, subgroups });
        const results = tf.tidy(() => products(operand((x) => x)));
        const actual = await read(results);
        for (const [i, what] of Object.keys(results).entries()) {
          // Much closer than without rounding, or with sums in half precision.
          assertClose(actual[i]!, expected[i]!, 1e-6, what);
        }
      }
    },
    withRoomFor(set),
  );
}

mixedTest("what half precision can't hold is infinite in a product", async () => {
  const { device } = gpuBackend();
  const usual = getTuning(gpuBackend());
  for (const sets of [usual.sets, DISCRETE, SOFTWARE]) {
    useTuning(device, { ...usual, sets });
    const a = tf.tensor([65504, 0, 0, 0, 65520, -7e4, 1e30, Infinity, NaN], [9, 1]);
    const [data] = await read({ y: tf.matMul(a as tf.Tensor2D, tf.ones([1, 1])) });
    const { Infinity: inf } = globalThis;
    assertEquals([...data!], [65504, 0, 0, 0, inf, -inf, inf, inf, NaN]);
  }
});

mixedTest("the backend says its precision", (backend) => {
  assert(backend.description.endsWith(", mixed precision"), backend.description);
});

webgpuTest("a device that lacks half precision computes in float32", async () => {
  const found = await requestAdapter();
  assert(found);
  const { adapter, device, info } = found;
  assert(adapter);
  const lacking: Adapter = {
    info,
    limits: adapter.limits,
    features: new Set<string>(),
    requestDevice: (descriptor) => adapter.requestDevice(descriptor),
  };
  const backend = await openWebgpu({ adapter: lacking, device, info }, "a test");
  try {
    assertEquals(gpuBackend().device.features.has("shader-f16"), false);
    const usual = getTuning(gpuBackend());
    for (const sets of [usual.sets, DISCRETE, SOFTWARE]) {
      useTuning(gpuBackend().device, { ...usual, sets });
      const [y] = await read({ y: multiplyFine() });
      assertEquals([...y!], [FINE]);
    }
    await backend.sync();
  } finally {
    await backend.close();
  }
});

mixedTest("a device goes from one precision to the other", async () => {
  const { device } = gpuBackend();
  for (const [precision, expected] of [["mixed", 1], ["float32", FINE], ["mixed", 1]] as const) {
    usePrecision(device, precision);
    const [y] = await read({ y: multiplyFine() });
    assertEquals([...y!], [expected], precision);
  }
});

const refuse = async (open: () => Promise<unknown>, message: string) => {
  const error = await assertRejects(open, BackendError);
  assertEquals(error.message, message);
  assertEquals([error.code, error.option], ["precision-unsupported", "precision"]);
};

Deno.test("mixed precision is refused on WASM, and with tfjs's kernels", async () => {
  await refuse(
    () => openBackend("wasm", { precision: "mixed" }),
    'Cannot use precision "mixed" on WASM (asked for by name): it computes in float32 only',
  );
  await refuse(
    () => openBackend("webgpu", { precision: "mixed", kernels: "stock" }),
    'Cannot use precision "mixed" with kernels "stock": tfjs\'s kernels compute in float32 only',
  );
});

webgpuTest("mixed precision is refused where the adapter lacks it", async () => {
  const found = await requestAdapter();
  assert(found);
  const lacking = { ...found, device: { ...found.device, features: [] } };
  await refuse(
    () => openWebgpu(lacking, "a test", { precision: "mixed" }),
    `Cannot use precision "mixed" as ${found.device.description} lacks shader-f16`,
  );
});

/** What a state of loss scaling says. */
async function scalingOf(state: OptimizerState) {
  const [scale, interval, steps, overflow, skipped] = await state.scaling!.data();
  return { scale, interval, steps, overflow, skipped };
}

/** Makes a state of loss scaling. */
function makeScaling(numbers: readonly number[]): Tensor {
  const scaling = ops.createLossScaling(numbers);
  assert(scaling);
  return scaling;
}

const OPTIMIZERS = [adam({ learningRate: 0.1 }), sgd(), sgd({ momentum: 0.9 })];

/** Parameters of sizes that have a dispatch of their own, or one together, in fours and not. */
const SIZES = [4, 66_000, 3, 66_001, 10];

for (const optimizer of OPTIMIZERS) {
  const { name, settings: { momentum = 0 } } = optimizer.rule;
  mixedTest(
    `a gradient that overflows stops all updates of ${name}${
      momentum ? " with momentum" : ""
    }, and halves the scale`,
    async () => {
      const named = (fill: (size: number, i: number) => Float32Array<ArrayBuffer>) =>
        Object.fromEntries(SIZES.map((size, i) => [`p${i}`, opaque(tf.tensor(fill(size, i)))]));
      const contents = async (record: Params) =>
        await Promise.all(Object.values(record).map(async (x) => [...await x.data()]));
      let params: Params = named(numbers);
      let state = initOptimizerState(optimizer, params);
      assertEquals(await scalingOf(state), {
        scale: 65536,
        interval: 2000,
        steps: 0,
        overflow: 0,
        skipped: 0,
      });
      const advance = async (gradients: Params) => {
        [params, state] = update(optimizer, params, gradients, state);
        for (const tensor of Object.values(gradients)) tensor.dispose();
        return await contents(params);
      };
      // The same without scaling, from gradients that are as much smaller as they were scaled.
      const good = (scale: number) =>
        named((size, i) => numbers(size, 10 + i).map((x) => x * scale));
      const unscaled = {
        params: named(numbers) as Params,
        state: initOptimizerState(optimizer, named(numbers)),
      };
      const { scaling: _, ...plain } = unscaled.state;
      const [expected] = update(optimizer, unscaled.params, good(1), plain);
      let before = await advance(good(65536));
      for (const [i, data] of (await contents(expected)).entries()) {
        assertClose(before[i]!, data, 1e-6, `parameter ${i}`);
      }
      let scale = 65536;
      let skipped = 0;
      for (const [i, size] of SIZES.entries()) {
        for (const [at, value] of [[0, NaN], [size - 1, -Infinity]] as const) {
          const gradients = named((size, j) => {
            const data = numbers(size, 10 + j);
            if (j === i) data[at] = value;
            return data;
          });
          const slots = await Promise.all(Object.values(state.slots).map(contents));
          assertEquals(await advance(gradients), before, `${value} at ${at} of parameter ${i}`);
          assertEquals(await Promise.all(Object.values(state.slots).map(contents)), slots);
          scale /= 2;
          skipped++;
          const expected = { scale, interval: 2000, steps: 0, overflow: 0, skipped };
          assertEquals(await scalingOf(state), expected);
        }
      }
      // The largest number doesn't overflow.
      const large = named((size) => new Float32Array(size).fill(3.4028234e38));
      before = await advance(large);
      const last = { scale, interval: 2000, steps: 1, overflow: 0, skipped };
      assertEquals(await scalingOf(state), last);
    },
  );
}

mixedTest("the scale doubles after so many steps without overflow, within bounds", async () => {
  const optimizer = sgd({ learningRate: 0 });
  const run = async (scaling: number[], gradients: number[]) => {
    let params: Params = { p: opaque(tf.tensor([1, 2])) };
    let state: OptimizerState = { step: 0, slots: {}, scaling: makeScaling(scaling) };
    const scales: number[] = [];
    for (const gradient of gradients) {
      [params, state] = update(optimizer, params, { p: opaque(tf.tensor([0, gradient])) }, state);
      scales.push((await scalingOf(state)).scale!);
    }
    return scales;
  };
  const one = [8, 3, 0, 0, 0];
  assertEquals(await run(one, [1, 1, 1, 1, 1, 1, 1]), [8, 8, 16, 16, 16, 32, 32]);
  // An overflow begins the count anew.
  assertEquals(await run(one, [1, 1, NaN, 1, 1, 1]), [8, 8, 4, 4, 4, 8]);
  const [most, least] = [2 ** 126, 2 ** -126];
  assertEquals(await run([most / 2, 1, 0, 0, 0], [1, 1, 1]), [most, most, most]);
  assertEquals(await run([least * 2, 1, 0, 0, 0], [NaN, NaN, 1]), [least, least, least * 2]);
});

mixedTest("what others hold is left alone by an update with scaling", async () => {
  for (const optimizer of OPTIMIZERS) {
    const params = { a: opaque(tf.tensor([1, 2, 3])), b: opaque(tf.tensor([4])) };
    const held = transparent(params.a).clone();
    const gradients = { a: opaque(tf.tensor([0, 65536, 65536])), b: opaque(tf.tensor([0])) };
    const before = tf.memory().numTensors;
    const [next, state] = update(
      optimizer,
      params,
      gradients,
      initOptimizerState(optimizer, params),
    );
    const made = Object.keys(optimizer.rule.slots).length * 2 + 1;
    assertEquals(tf.memory().numTensors, before + made);
    assertEquals([...await held.data()], [1, 2, 3]);
    const [, second] = await next.a!.data();
    assert(second! < 2, `${second}`);
    assertEquals((await scalingOf(state)).steps, 1);
  }
});

const network = getOrThrow(build(
  sequential([
    conv2d({ filters: 4, kernelSize: 3, padding: 1 }),
    relu(),
    maxPool2d({ poolSize: 2 }),
    flatten(),
    linear(16),
    relu(),
    linear(5),
  ]),
  [8, 8, 1],
));

/** Trains for so many steps on one batch, and gives the losses. */
async function train(
  optimizer: Optimizer,
  steps: number,
  start = initTrainState(network, optimizer, randomKey(1)),
  batch = randomBatch(10, [8, 8, 1], 5, 1),
) {
  const step = trainStep(network, optimizer);
  let state = start;
  const pending: StepMetrics[] = [];
  for (let i = 0; i < steps; i++) {
    const [next, metrics] = step(state, batch);
    state = next;
    pending.push(metrics);
  }
  return { state, losses: (await readMetrics(pending)).map(({ loss }) => loss) };
}

webgpuTest("a network learns its batch by heart, as in float32 at first", async () => {
  const optimizer = adam({ learningRate: 0.01 });
  const losses = await inMixed(async () => {
    const { losses, state } = await train(optimizer, 60);
    const { steps, scale } = await scalingOf(state.optimizer);
    assertEquals([steps, scale], [60, 65536]);
    return losses;
  });
  assert(losses[59]! < 0.02, `${losses[59]}`);
  const single = await withBackend("webgpu", () => train(optimizer, 10).then((r) => r.losses));
  assertClose(losses.slice(0, 10), single, 5e-3);
  assert(losses.slice(0, 10).some((loss, i) => loss !== single[i]));
}, HALF);

mixedTest("gradients that half precision would round to nothing are not lost", async () => {
  // The loss's gradients are of a 1e-8th, where half precision ends at 6e-8.
  const tiny = (scaling?: Tensor) => {
    const { gradients } = ops.tidy(() =>
      ops.valueAndGradients(
        { weight: opaque(tf.ones([1, 2])) },
        ({ weight }) => {
          assert(weight);
          const x = opaque(tf.tensor([1], [1, 1]));
          const bias = opaque(tf.tensor([0, 18]));
          return ops.crossEntropyAndCorrect(
            ops.linear(x, weight, bias),
            ops.createIndices(Int32Array.of(1)),
            { scaling },
          );
        },
        { length: 2 },
      )
    );
    return gradients.weight!.data();
  };
  assertEquals([...await tiny()].map(Math.abs), [0, 0]);
  // The other class's gradient is nothing in float32 too: 1 less a probability of 1.
  const [scaled] = await tiny(ops.createLossScaling());
  assertClose([scaled! / 65536], [Math.exp(-18)], 0.01, "gradient", 0);
});

mixedTest("a step that overflows is skipped, and those after it go on", async () => {
  const optimizer = sgd({ learningRate: 0.2 });
  const start = initTrainState(network, optimizer, randomKey(1));
  const before = await exportParams(network, start);
  const scaling = makeScaling([2 ** 40, 2000, 5, 0, 0]);
  const first = await train(optimizer, 1, { ...start, optimizer: { ...start.optimizer, scaling } });
  assertEquals(await exportParams(network, first.state), before);
  assertEquals(await scalingOf(first.state.optimizer), {
    scale: 2 ** 39,
    interval: 2000,
    steps: 0,
    overflow: 0,
    skipped: 1,
  });
  const { losses, state } = await train(optimizer, 60, first.state);
  assert(losses[59]! < 0.8 * losses[0]!, `${losses[0]} to ${losses[59]}`);
  const { scale, steps } = await scalingOf(state.optimizer);
  assert(scale! < 2 ** 30 && steps! > 30, `${scale} for ${steps} steps`);
});

mixedTest("the scale is stored with the optimizer's state, and goes on from there", async () => {
  const optimizer = adam();
  const scaling = makeScaling([1024, 4, 2, 0, 0]);
  const start = initTrainState(network, optimizer, randomKey(1));
  const two = { ...start, optimizer: { ...start.optimizer, scaling } };
  const { state } = await train(optimizer, 1, two);
  const stored = await exportOptimizerState(network, state.optimizer);
  assertEquals(stored.loss_scaling, {
    shape: [5],
    data: Float32Array.of(1024, 4, 3, 0, 0),
  });
  const params = await exportParams(network, state);
  const again = (from: Record<string, StoredTensor>) =>
    initTrainState(network, optimizer, randomKey(1), {
      variables: getOrThrow(importParams(network, params)),
      optimizer: getOrThrow(importOptimizerState(network, optimizer, from, 1)),
      step: 1,
    });
  const [straight, resumed] = [
    await train(optimizer, 3, state),
    await train(optimizer, 3, again(stored)),
  ];
  assertEquals(resumed.losses, straight.losses);
  assertEquals(await scalingOf(resumed.state.optimizer), {
    scale: 2048,
    interval: 4,
    steps: 2,
    overflow: 0,
    skipped: 0,
  });
  // A run in float32 has none: the scale begins.
  const { loss_scaling: _, ...without } = stored;
  assertEquals((await scalingOf(again(without).optimizer)).scale, 65536);
  const error = getError(importOptimizerState(
    network,
    optimizer,
    { ...stored, loss_scaling: { shape: [1], data: Float32Array.of(1) } },
    1,
  ));
  assertEquals(
    error.message,
    "Cannot load the optimizer's state as the tensors don't fit the model: of another shape loss_scaling (1 instead of 5)",
  );
  const other = { shape: [5], data: Float32Array.of(1024, 4, 2, 0, 2) };
  const tooMany = importOptimizerState(network, optimizer, { ...stored, loss_scaling: other }, 1);
  assertEquals(
    getError(tooMany).message,
    "Cannot load the optimizer's state as its loss_scaling can't be that after 1 updates: 1024, 4, 2, 0, 2",
  );
});

webgpuTest(
  "a scale that was stored is ignored in float32",
  () =>
    withBackend("webgpu", async () => {
      const optimizer = adam();
      const { optimizer: fresh } = initTrainState(network, optimizer, randomKey(1));
      const loss_scaling = { shape: [5], data: Float32Array.of(1024, 4, 3, 0, 0) };
      const stored = { ...await exportOptimizerState(network, fresh), loss_scaling };
      const state = getOrThrow(importOptimizerState(network, optimizer, stored, 3));
      assertEquals(state.scaling, undefined);
    }),
);

/** Rates that tell updates apart. */
const schedule = (step: number) => step / 16;

/** The same optimizers as `OPTIMIZERS`, with a schedule. */
const SCHEDULED = [
  adam({ learningRate: schedule }),
  sgd({ learningRate: schedule }),
  sgd({ learningRate: schedule, momentum: 0.9 }),
];

/** Gradients of three numbers, or nothing for one that overflows. */
const GRADIENTS: readonly (readonly number[] | undefined)[] = [
  undefined,
  undefined,
  undefined,
  [1, -2, 0.5],
  [2, 1, -0.25],
  undefined,
  [0, 1, 1],
  [-1, 0.5, 4],
];

/** Updates by gradients, those that overflow as such where there is loss scaling, and gives the parameters after each. */
async function updateBy(
  optimizer: Optimizer,
  gradients: typeof GRADIENTS,
  start?: { readonly params: Params; readonly state: OptimizerState },
) {
  let params = start?.params ?? { p: opaque(tf.tensor([1, 1, 1])) };
  let state = start?.state ?? initOptimizerState(optimizer, params);
  const after: number[][] = [];
  for (const gradient of gradients) {
    const [scale = 1] = await state.scaling?.data() ?? [];
    const scaled = gradient?.map((x) => x * scale) ?? [0, Infinity, 1];
    const p = opaque(tf.tensor(scaled));
    [params, state] = update(optimizer, params, { p }, state);
    p.dispose();
    after.push([...await params.p!.data()]);
  }
  return { params, state, after };
}

mixedTest("after skipped updates Adam's first one is of the learning rate", async () => {
  const optimizer = adam({ learningRate: 0.1 });
  const { after, state } = await updateBy(optimizer, [undefined, undefined, undefined, [1, -8, 2]]);
  for (const params of after.slice(0, 3)) assertEquals(params, [1, 1, 1]);
  // As PyTorch's does whose GradScaler has skipped them.
  assertClose(after[3]!, [0.9, 1.1, 0.9], 1e-7);
  assertEquals(state.step, 4);
  assertEquals((await scalingOf(state)).skipped, 3);
});

for (const [i, optimizer] of SCHEDULED.entries()) {
  webgpuTest(`updates by optimizer ${i} go by the number of those that were made`, async () => {
    const { after } = await inMixed(() => updateBy(optimizer, GRADIENTS));
    const made = GRADIENTS.filter((gradient) => gradient !== undefined);
    const expected = await withBackend("wasm", () => updateBy(optimizer, made));
    const changed = after.filter((_, i) => GRADIENTS[i] !== undefined);
    for (const [i, params] of expected.after.entries()) {
      assertClose(changed[i]!, params, 1e-6, `update ${i}`);
    }
    assertEquals(after[5], after[4]);
  }, HALF);
}

mixedTest("no more than 255 skipped updates go uncounted", async () => {
  const optimizer = sgd({ learningRate: schedule });
  for (const [skipped, number] of [[254, 746], [255, 745], [256, 745], [700, 745]] as const) {
    const params = { p: opaque(tf.tensor([0])) };
    const scaling = makeScaling([1, 2000, 0, 0, skipped]);
    const p = opaque(tf.tensor([1]));
    const [next] = update(optimizer, params, { p }, { step: 999, slots: {}, scaling });
    // The 1000th would have been the first of that many less.
    assertEquals([...await next.p!.data()], [-schedule(number)], `${skipped} skipped`);
  }
});

webgpuTest("skipped updates stay so in what is stored, here and in float32", async () => {
  const { parameters } = network;
  const optimizer = adam({ learningRate: schedule });
  const draw = (seed: number) =>
    Object.fromEntries(parameters.map(({ name, shape, order }, i) => {
      const size = shape.reduce((a, b) => a * b, 1);
      return [
        name,
        opaque(tf.tensor(numbers(size, seed + i), order.map((d) => shape[d]!), "float32")),
      ];
    }));
  const scaled = (seed: number, factor: number) =>
    Object.fromEntries(
      Object.entries(draw(seed)).map(([name, x]) => [name, opaque(tf.mul(transparent(x), factor))]),
    );
  /** Skips, makes and skips an update; and makes another, of which it gives what it is made from and what comes out. */
  const skip = async () => {
    let params: Params = draw(1);
    let state = initOptimizerState(optimizer, params);
    for (const factor of [Infinity, 32768, NaN]) {
      [params, state] = update(optimizer, params, scaled(20, factor), state);
    }
    const stored = await exportOptimizerState(network, state);
    assertEquals([...stored.loss_scaling!.data], [16384, 2000, 0, 0, 2]);
    const before = await exportParams(network, { params, buffers: {} });
    [params, state] = update(optimizer, params, scaled(40, 16384), state);
    return { stored, before, expected: await exportParams(network, { params, buffers: {} }) };
  };
  type Skipped = Awaited<ReturnType<typeof skip>>;
  const goOn = async ({ stored, before }: Skipped, factor: number) => {
    const loaded = getOrThrow(importOptimizerState(network, optimizer, stored, 3));
    const { params: own, buffers } = getOrThrow(importParams(network, before));
    const again = await exportOptimizerState(network, loaded);
    const [next, after] = update(optimizer, own, scaled(40, factor), loaded);
    return { loaded, again, after, params: await exportParams(network, { params: next, buffers }) };
  };
  const skipped = await inMixed(async () => {
    const skipped = await skip();
    const resumed = await goOn(skipped, 16384);
    assertEquals(resumed.params, skipped.expected);
    assertEquals(resumed.again, skipped.stored);
    return skipped;
  });
  for (const name of ["wasm", "webgpu"] as const) {
    const single = await withBackend(name, () => goOn(skipped, 1));
    assertEquals([single.loaded.skipped, single.loaded.scaling], [2, undefined]);
    assertEquals([...single.again.loss_scaling!.data], [65536, 2000, 0, 0, 2]);
    assertEquals([single.after.step, single.after.skipped], [4, 2]);
    for (const [key, { data }] of Object.entries(skipped.expected)) {
      assertClose(single.params[key]!.data, data, 1e-6, `${key} on ${name}`);
    }
  }
}, HALF);

mixedTest("a state from before skipped updates were counted goes on with none", async () => {
  const optimizer = sgd();
  const older = { loss_scaling: { shape: [4], data: Float32Array.of(1024, 2000, 7, 0) } };
  const state = getOrThrow(importOptimizerState(network, optimizer, older, 9));
  assertEquals(await scalingOf(state), {
    scale: 1024,
    interval: 2000,
    steps: 7,
    overflow: 0,
    skipped: 0,
  });
  for (
    const numbers of [[0, 2000, 7, 0], [NaN, 2000, 7, 0], [1, 2000, 7, 0, -1], [1, 2, 3, 0, 0.5]]
  ) {
    const loss_scaling = { shape: [numbers.length], data: Float32Array.from(numbers) };
    const error = getError(importOptimizerState(network, optimizer, { loss_scaling }, 9));
    assert(error.message.includes("loss_scaling can't be that after 9 updates"), error.message);
  }
});

webgpuTest("a step of alexnet in mixed precision is few calls", async () => {
  const alex = getOrThrow(build(alexnet(), [67, 67, 1]));
  const second = (optimizer: Optimizer) => {
    const { device } = gpuBackend();
    const step = trainStep(alex, optimizer);
    let state = initTrainState(alex, optimizer, randomKey(1));
    const count = (seed: number) =>
      countCalls(device as unknown as GPUDevice, () => {
        [state] = step(state, randomBatch(2, [67, 67, 1], 10, seed));
      });
    count(0);
    return { ...count(1), most: device.limits.maxStorageBuffersPerShaderStage };
  };
  const single = await withBackend("webgpu", () => second(adam()));
  const mixed = await withBackend("webgpu", () => second(adam()), { precision: "mixed" });
  // One look at each of the six large gradients, ten small ones together, and the next scale.
  const more = 6 + Math.ceil(10 / Math.min(16, mixed.most - 1)) + 1;
  assertEquals(mixed.dispatches, single.dispatches + more);
  assert(mixed.dispatches < 60, `${mixed.dispatches} dispatches`);
  assertEquals([mixed.submits, mixed.uploads, mixed.reads], [1, 0, 0]);
}, HALF);
