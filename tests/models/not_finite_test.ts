// NaN, infinity, and numbers that lie far apart, against PyTorch's values: on every backend with either's kernels, and on the
// plain loops that the others are compared with.
import * as tf from "@tensorflow/tfjs-core";
import { assertEquals } from "@std/assert";
import {
  adam,
  build,
  conv2d,
  crossEntropy,
  dropout,
  evalStep,
  flatten,
  importParams,
  initOptimizerState,
  initTrainState,
  linear,
  maxPool2d,
  openBackend,
  type Params,
  randomKey,
  readMetrics,
  relu,
  sequential,
  sgd,
  type StoredTensor,
  type Tensor,
  toTensor,
  trainStep,
} from "@rill/rill/models";
import * as publicOps from "@rill/rill/models/ops";
import * as ops from "../../models/ops/_ops.ts";
import { onCpu } from "./_cpu_backend.ts";
import {
  assertClose,
  fromReference,
  getOrThrow,
  measureExamples,
  numbers,
  readReferences,
  type Reference,
  take,
  update,
  withBackend,
} from "./_helpers.ts";
import { webgpuTest, withFastCompiler } from "./_webgpu.ts";

interface References {
  readonly pools: readonly Record<"input" | "output" | "gradient", Reference>[];
  readonly relu: Record<"input" | "outputGradient" | "output" | "gradient", Reference>;
  readonly losses: readonly {
    readonly logits: Reference;
    readonly label: number;
    readonly loss: Reference;
    readonly gradient: Reference;
    readonly prediction: number;
  }[];
  readonly optimizers: readonly { readonly name: string; readonly after: readonly Reference[] }[];
  readonly products: readonly Record<"input" | "weight" | "output", Reference>[];
  readonly convolution: Record<"input" | "weight" | "output", Reference>;
}

const references = await readReferences<References>("not_finite.json");

/** Registers a test for every backend with either's kernels, and for plain loops. */
function everywhere(name: string, fn: () => Promise<void>): void {
  for (const kernels of ["rill", "stock"] as const) {
    for (const backendName of ["wasm", "webgpu"] as const) {
      const test = async () => {
        const backend = await openBackend(backendName, { kernels });
        try {
          await fn();
          await backend.sync();
        } finally {
          await backend.close();
        }
      };
      const what = `${name}, on ${backendName} with ${kernels} kernels`;
      if (backendName === "wasm") Deno.test(what, test);
      else webgpuTest(what, test, ...kernels === "stock" ? [withFastCompiler] : []);
    }
  }
  Deno.test(`${name}, on CPU`, () => onCpu(fn));
}

/** Fails unless what isn't finite is the same, and the rest close. */
function assertSame(actual: ArrayLike<number>, expected: ArrayLike<number>, what: string): void {
  const isFinite = Number.isFinite;
  const others = (data: ArrayLike<number>) => Array.from(data, (x) => isFinite(x) ? 0 : x);
  const finite = (data: ArrayLike<number>) => Array.from(data, (x) => isFinite(x) ? x : 0);
  assertEquals(others(actual), others(expected), what);
  assertClose(finite(actual), finite(expected), 1e-6, what);
}

/** Sets an image of 2 x 2 three times side by side. */
function repeatAcross(data: Float32Array, channels: number): Float32Array {
  const line = (at: number) => data.subarray(at * 2 * channels, (at + 1) * 2 * channels);
  return Float32Array.from([0, 0, 0, 1, 1, 1].flatMap((at) => [...line(at)]));
}

/** Computes the gradient of the sum of what `fn` gives, each number times one of `weights`. */
function differentiate(x: Tensor, weights: Float32Array, fn: (x: Tensor) => Tensor): Tensor {
  const weigh = (y: Tensor) => {
    const product = tf.mul(
      y as unknown as tf.Tensor,
      tf.tensor(weights, y.shape, "float32"),
    );
    return tf.sum(product) as unknown as Tensor;
  };
  const { value, gradients } = ops.tidy(() =>
    ops.valueAndGradients({ x }, ({ x }) => weigh(fn(x)))
  );
  value.dispose();
  return gradients.x;
}

everywhere(
  "a maximum over a window with NaN is NaN, and the last one takes the gradient",
  async () => {
    // As many channels as come one by one, four or eight at a time, and others whose last four overlap.
    for (const channels of [1, 3, 4, 5, 8, 13]) {
      for (const { input, output, gradient } of references.pools) {
        const repeat = (reference: Reference) =>
          Float32Array.from(
            [...fromReference(reference).data].flatMap((x) => Array(channels).fill(x)),
          );
        const x = toTensor(repeat(input), [1, 2, 2, channels]);
        const pool = (x: Tensor) => publicOps.maxPool2d(x, 2);
        const what = `${fromReference(input).data} in ${channels} channels`;
        assertSame(await take(ops.tidy(() => pool(x))), repeat(output), what);
        const weights = new Float32Array(channels).fill(3);
        assertSame(await take(differentiate(x, weights, pool)), repeat(gradient), what);
        x.dispose();
        // As one window of several, for which backends have other programs.
        const wide = toTensor(repeatAcross(repeat(input), channels), [1, 2, 6, channels]);
        const pooled = await take(ops.tidy(() => pool(wide)));
        const expected = [...repeat(output)];
        assertSame(pooled, [...expected, ...expected, ...expected], `${what}, three times`);
        wide.dispose();
      }
    }
  },
);

everywhere("maxima are also found below -1e20", async () => {
  const x = toTensor(new Float32Array(6 * 6 * 4).fill(-3e38), [1, 6, 6, 4]);
  const y = await take(ops.tidy(() => publicOps.maxPool2d(x, 3, { strides: 2 })));
  assertEquals(y, Array(2 * 2 * 4).fill(Math.fround(-3e38)));
  x.dispose();
});

everywhere("a rectifier lets NaN pass, and its gradient is that of what it lets pass", async () => {
  const { length } = fromReference(references.relu.input).data;
  // Four at a time and one by one, few and many.
  for (const count of [length, 8, 21 * length]) {
    const part = (reference: Reference) => {
      const { data } = fromReference(reference);
      return Float32Array.from({ length: count }, (_, i) => data[i % length]!);
    };
    const x = toTensor(part(references.relu.input), [count]);
    assertSame(
      await take(ops.tidy(() => publicOps.relu(x))),
      part(references.relu.output),
      "output",
    );
    const dx = differentiate(x, part(references.relu.outputGradient), publicOps.relu);
    assertSame(await take(dx), part(references.relu.gradient), "gradient");
    x.dispose();
  }
});

everywhere("losses, their gradients, and what counts as right", async () => {
  for (const reference of references.losses) {
    const { shape, data } = fromReference(reference.logits);
    const classes = data.length;
    const { label, prediction } = reference;
    const labels = Int32Array.of(label);
    const loss = fromReference(reference.loss).data;
    const gradient = fromReference(reference.gradient).data;
    const what = `${data} with label ${label}`;
    const x = toTensor(data, shape);
    const measured = ops.tidy(() =>
      ops.valueAndGradients(
        { x },
        ({ x }) => ops.crossEntropyAndCorrect(x, ops.createIndices(labels)),
        { length: 2 },
      )
    );
    const right = prediction === label ? 1 : 0;
    assertSame(await take(measured.value), [loss[0]!, right], what);
    assertSame(await take(measured.gradients.x), gradient, what);
    const alone = ops.tidy(() =>
      ops.valueAndGradients({ x }, ({ x }) => crossEntropy()(x, { labels, size: 1 }).sum)
    );
    assertSame(await take(alone.value), loss, what);
    assertSame(await take(alone.gradients.x), gradient, what);
    x.dispose();
    const evaluate = evalStep(getOrThrow(build(flatten(), [classes])));
    const batch = { images: { data, shape }, labels, size: 1 };
    const { means } = await evaluate({ params: {}, buffers: {} }, batch);
    assertSame([means.loss.sum], loss, what);
    assertEquals(means.accuracy, { sum: right, weight: 1 }, what);
  }
});

everywhere("a batch's loss isn't finite where a row's isn't, and other rows count", async () => {
  const network = getOrThrow(build(sequential({ fc: linear(3) }), [1]));
  const weight = { shape: [3, 1], data: Float32Array.of(1, 0, 0) };
  const bias = { shape: [3], data: Float32Array.of(0, -Infinity, 0) };
  const variables = getOrThrow(importParams(network, { "fc.weight": weight, "fc.bias": bias }));
  const optimizer = sgd({ learningRate: 0 });
  const state = initTrainState(network, optimizer, randomKey(0), { variables });
  // By rows [2, -Infinity, 0], [NaN, ...], [-3, -Infinity, 0].
  const images = { data: Float32Array.of(2, NaN, -3), shape: [3, 1] };
  const batch = { images, labels: Int32Array.of(0, 0, 2), size: 3 };
  const evaluation = await evalStep(network)(variables, batch);
  const { losses, predictions } = measureExamples(evaluation, batch.labels);
  assertEquals(evaluation.means, {
    loss: { sum: NaN, weight: 3 },
    accuracy: { sum: 3, weight: 3 },
  });
  assertSame(losses, [Math.log1p(Math.exp(-2)), NaN, Math.log1p(Math.exp(-3))], "losses");
  assertEquals([...predictions], [0, 0, 2]);
  const [next, metrics] = trainStep(network, optimizer)(state, batch);
  assertEquals(await readMetrics([metrics]), [{ step: 1, size: 3, loss: NaN, accuracy: 1 }]);
  for (const tensor of Object.values(next.params)) tensor.dispose();
});

everywhere("updates by gradients that aren't finite", async () => {
  const byName = {
    adam: adam({ learningRate: 0.1 }),
    sgd: sgd({ learningRate: 0.1 }),
    momentum: sgd({ learningRate: 0.1, momentum: 0.9 }),
  };
  for (const { name, after } of references.optimizers) {
    const optimizer = byName[name as keyof typeof byName];
    let params: Params = { p: toTensor(new Float32Array(5).fill(1), [5]) };
    let state = initOptimizerState(optimizer, params);
    const gradients = [[NaN, Infinity, -Infinity, 1e30, 1], [1, 1, 1, 1, 1]];
    for (const [i, gradient] of gradients.entries()) {
      const g = toTensor(Float32Array.from(gradient), [5]);
      [params, state] = update(optimizer, params, { p: g }, state);
      g.dispose();
      const expected = fromReference(after[i]!).data;
      assertSame(await params.p!.data() as Float32Array, expected, `update ${i} by ${name}`);
    }
    for (const tensors of [params, ...Object.values(state.slots)]) {
      for (const tensor of Object.values(tensors)) tensor.dispose();
    }
  }
});

everywhere(
  "products and convolutions carry what isn't finite, and keep it in its place",
  async () => {
    const run = async (
      layer: Parameters<typeof build>[0],
      input: StoredTensor,
      weight: StoredTensor,
    ) => {
      const network = getOrThrow(build(layer, input.shape.slice(1)));
      const [units = 0] = weight.shape;
      const bias = { shape: [units], data: new Float32Array(units) };
      const variables = getOrThrow(importParams(network, { weight, bias }));
      const x = toTensor(input.data, input.shape);
      const y = await take(network.apply(variables, x).output);
      for (const tensor of [x, ...Object.values(variables.params)]) tensor.dispose();
      return y;
    };
    for (const reference of references.products) {
      const [input, weight, output] = [reference.input, reference.weight, reference.output]
        .map(fromReference);
      assertSame(await run(linear(3), input!, weight!), output!.data, `${input!.data}`);
    }
    const { input, weight, output } = references.convolution;
    // One channel in and out: NCHW is NHWC.
    const image = { ...fromReference(input), shape: [1, 3, 3, 1] };
    const y = await run(conv2d({ filters: 1, kernelSize: 2 }), image, fromReference(weight));
    assertSame(y, fromReference(output).data, "convolution");
  },
);

everywhere("NaN goes through a network of every layer to its loss", async () => {
  const network = getOrThrow(build(
    sequential([
      conv2d({ filters: 4, kernelSize: 3, padding: 1 }),
      relu(),
      maxPool2d({ poolSize: 2 }),
      conv2d({ filters: 8, kernelSize: 3, padding: 1 }),
      relu(),
      maxPool2d({ poolSize: 2 }),
      flatten(),
      linear(8),
      relu(),
      dropout(0.2),
      linear(3),
    ]),
    [8, 8, 1],
  ));
  const optimizer = sgd({ learningRate: 0.1 });
  const step = trainStep(network, optimizer);
  for (
    const [at, value] of [[0, NaN], [9, NaN], [63, NaN], [27, Infinity], [36, -Infinity]] as const
  ) {
    const data = numbers(64, 3);
    data[at] = value;
    const batch = { images: { data, shape: [1, 8, 8, 1] }, labels: Int32Array.of(1), size: 1 };
    const state = initTrainState(network, optimizer, randomKey(0));
    const { outputs, means } = await evalStep(network)(state, batch);
    assertEquals([...outputs.data], [NaN, NaN, NaN], `${value} at ${at}`);
    assertEquals(means.loss, { sum: NaN, weight: 1 });
    const [next, metrics] = step(state, batch);
    const [{ loss } = { loss: 0 }] = await readMetrics([metrics]);
    assertEquals(loss, NaN, `${value} at ${at}`);
    // Where the whole gradient is NaN no parameter is left as it was.
    assertEquals([...await next.params["10.bias"]!.data()], [NaN, NaN, NaN]);
    for (const tensor of Object.values(next.params)) tensor.dispose();
  }
});

everywhere("dropout sets to 0 whatever it drops, and lets the rest pass", async () => {
  const data = Float32Array.from({ length: 40 }, (_, i) => [NaN, Infinity, -Infinity, 1][i % 4]!);
  const mask = { rate: 0.5, key: randomKey(1), offset: 0 };
  const ones = toTensor(new Float32Array(40).fill(1), [40]);
  const kept = await take(ops.tidy(() => ops.dropout(ones, mask)));
  assertEquals([...new Set(kept)].sort(), [0, 2]);
  const expected = data.map((x, i) => kept[i] === 0 ? 0 : 2 * x);
  const x = toTensor(data, [40]);
  assertEquals(await take(ops.tidy(() => ops.dropout(x, mask))), [...expected]);
  const gradient = await take(differentiate(ones, data, (x) => ops.dropout(x, mask)));
  assertEquals(gradient, [...expected]);
  for (const tensor of [x, ones]) tensor.dispose();
});

/** An image of ones under a filter of ones, but for one weight. */
const applyWeight = async (weight: number) => {
  const network = getOrThrow(build(conv2d({ filters: 1, kernelSize: 3, padding: 1 }), [3, 3, 1]));
  const data = new Float32Array(9).fill(1);
  data[0] = weight;
  const variables = getOrThrow(importParams(network, {
    weight: { shape: [1, 1, 3, 3], data },
    bias: { shape: [1], data: new Float32Array(1) },
  }));
  const x = toTensor(new Float32Array(9).fill(1), [1, 3, 3, 1]);
  return await take(network.apply(variables, x).output);
};

Deno.test("WASM leaves the taps beyond an image's edge out, whatever the weight", () =>
  withBackend("wasm", async () => {
    assertEquals(await applyWeight(Infinity), [
      4,
      6,
      4,
      6,
      Infinity,
      Infinity,
      4,
      Infinity,
      Infinity,
    ]);
    assertEquals(await applyWeight(NaN), [4, 6, 4, 6, NaN, NaN, 4, NaN, NaN]);
  }));

webgpuTest(
  "WebGPU multiplies zeros beyond an image's edge, as PyTorch does",
  () =>
    withBackend("webgpu", async () => {
      assertEquals(
        await applyWeight(Infinity),
        [NaN, NaN, NaN, NaN, Infinity, Infinity, NaN, Infinity, Infinity],
      );
      assertEquals(await applyWeight(NaN), Array(9).fill(NaN));
    }),
);
