// Layers, losses, optimizers and a small model against numbers that PyTorch computed, in PyTorch's names and layouts.
import { assert, assertEquals } from "@std/assert";
import {
  adam,
  build,
  conv2d,
  crossEntropy,
  dropout,
  evalStep,
  exportParams,
  flatten,
  importParams,
  initOptimizerState,
  initTrainState,
  type Layer,
  linear,
  maxPool2d,
  type Network,
  type Optimizer,
  type Params,
  randomKey,
  readMetrics,
  relu,
  sequential,
  sgd,
  type StoredTensor,
  toTensor,
  trainStep,
} from "@rill/rill/models";
import * as ops from "../../../models/ops/_ops.ts";
import { invert, permute, reorder } from "../../../models/weights/_permute.ts";
import { onCpu } from "../_cpu_backend.ts";
import { runLayer } from "../_gradients.ts";
import {
  assertClose,
  backendTest,
  fromReference,
  fromReferences,
  getOrThrow,
  readReferences,
  type Reference,
  take,
  update,
} from "../_helpers.ts";

/** Converts NCHW to NHWC. */
function toChannelsLast({ shape, data }: StoredTensor): StoredTensor {
  if (shape.length !== 4) return { shape, data };
  const order = [0, 2, 3, 1];
  return { shape: reorder(shape, order), data: permute(data, shape, order) };
}

/** Reorders the elements of NHWC as in NCHW. */
function toChannelsFirst(data: number[], { shape }: StoredTensor): Float32Array {
  if (shape.length !== 4) return Float32Array.from(data);
  const order = [0, 2, 3, 1];
  return permute(Float32Array.from(data), reorder(shape, order), invert(order));
}

type LayerDescription =
  | {
    kind: "conv2d";
    filters: number;
    kernelSize: number;
    strides: number;
    padding: number;
    groups?: number;
  }
  | { kind: "maxPool2d"; poolSize: number; strides: number }
  | { kind: "linear"; units: number }
  | { kind: "relu" }
  | { kind: "flatten" };

function describe(description: LayerDescription): Layer {
  switch (description.kind) {
    case "conv2d":
      return conv2d(description);
    case "maxPool2d":
      return maxPool2d(description);
    case "linear":
      return linear(description.units);
    case "relu":
      return relu();
    case "flatten":
      return flatten();
  }
}

interface LayerReference {
  layer: LayerDescription;
  input: Reference;
  params: Record<string, Reference>;
  output: Reference;
  outputGradient: Reference;
  inputGradient: Reference;
  gradients: Record<string, Reference>;
}

backendTest("layers and their gradients are PyTorch's", () => compareLayers("layers.json"));

backendTest(
  "convolutions in groups are PyTorch's",
  () => compareLayers("grouped_convolutions.json"),
);

Deno.test(
  "convolutions in groups are PyTorch's, on CPU",
  () => onCpu(() => compareLayers("grouped_convolutions.json")),
);

async function compareLayers(file: string): Promise<void> {
  for (const reference of await readReferences<LayerReference[]>(file)) {
    const what = JSON.stringify(reference.layer);
    const layer = describe(reference.layer);
    const input = fromReference(reference.input);
    const expected = fromReference(reference.output);
    const pass = await runLayer(layer, toChannelsLast(input), {
      params: fromReferences(reference.params),
      weights: toChannelsLast(fromReference(reference.outputGradient)).data,
    });
    assertClose(toChannelsFirst(pass.output, expected), expected.data, 1e-6, `output of ${what}`);
    assertClose(
      toChannelsFirst(pass.inputGradient, input),
      fromReference(reference.inputGradient).data,
      1e-6,
      `input gradient of ${what}`,
    );
    const { parameters } = getOrThrow(build(layer, toChannelsLast(input).shape.slice(1)));
    assertEquals(parameters.map(({ name }) => name), Object.keys(reference.gradients));
    for (const { name, shape, order } of parameters) {
      const gradient = fromReference(reference.gradients[name]!);
      assertEquals([...shape], [...gradient.shape]);
      const inMemory = permute(gradient.data, shape, order);
      assertClose(pass.gradients[name]!, inMemory, 1e-6, `${name} gradient of ${what}`);
    }
  }
}

backendTest("crossEntropy() is PyTorch's, for large logits too", async () => {
  const cases = await readReferences<
    { logits: Reference; labels: number[]; loss: number; gradient: Reference }[]
  >("cross_entropy.json");
  for (const { logits, labels, loss, gradient } of cases) {
    const { shape, data } = fromReference(logits);
    const size = labels.length;
    const x = toTensor(data, shape);
    const { value, gradients } = ops.tidy(() =>
      ops.valueAndGradients(
        { x },
        ({ x }) => crossEntropy()(x, { labels: Int32Array.from(labels), size }).sum,
      )
    );
    x.dispose();
    // The reference is of the mean.
    const divide = (numbers: number[]) => numbers.map((number) => number / size);
    assertClose(divide(await take(value)), [loss], 1e-6, "loss");
    assertClose(divide(await take(gradients.x)), fromReference(gradient).data, 1e-6, "gradient");
  }
});

interface OptimizerReferences {
  start: Record<string, Reference>;
  gradients: Record<string, Reference>[];
  cases: { name: string; settings: object; after: Record<string, number[]>[] }[];
}

async function compareOptimizers(): Promise<void> {
  const { start, gradients, cases } = await readReferences<OptimizerReferences>("optimisers.json");
  const toTensors = (references: Record<string, Reference>) =>
    Object.fromEntries(
      Object.entries(fromReferences(references)).map(([name, { shape, data }]) =>
        [name, toTensor(data, shape)] as const
      ),
    );
  for (const { name, settings, after } of cases) {
    const optimizer: Optimizer = name === "adam" ? adam(settings) : sgd(settings);
    let params: Params = toTensors(start);
    let state = initOptimizerState(optimizer, params);
    assertEquals(after.length, gradients.length);
    for (const [step, expected] of after.entries()) {
      const gradient = toTensors(gradients[step]!);
      [params, state] = update(optimizer, params, gradient, state);
      assertEquals(state.step, step + 1);
      for (const key of Object.keys(expected)) {
        const what = `${key} after step ${step + 1} of ${name} ${JSON.stringify(settings)}`;
        assertClose(await params[key]!.data() as Float32Array, expected[key]!, 1e-6, what);
        gradient[key]!.dispose();
      }
    }
    for (const record of [params, ...Object.values(state.slots)]) {
      for (const tensor of Object.values(record)) tensor.dispose();
    }
  }
}

backendTest("adam and sgd move parameters as PyTorch's do", compareOptimizers);

Deno.test("adam and sgd move parameters as PyTorch's do, on CPU", () => onCpu(compareOptimizers));

/** Describes the chapter's AlexNet with few and small layers, as `make_references.py` has it. */
function smallAlexnet(rate: number): Network {
  return getOrThrow(build(
    sequential({
      conv: sequential([
        conv2d({ filters: 4, kernelSize: 3, strides: 2 }),
        relu(),
        maxPool2d({ poolSize: 3, strides: 2 }),
        conv2d({ filters: 6, kernelSize: 5, padding: 2 }),
        relu(),
        maxPool2d({ poolSize: 3, strides: 2 }),
      ]),
      flatten: flatten(),
      fc: sequential([linear(8), relu(), dropout(rate), linear(10)]),
    }),
    [23, 23, 1],
  ));
}

backendTest("a model with PyTorch's weights gives its logits, and trains as it does", async () => {
  const reference = await readReferences<{
    params: Record<string, Reference>;
    images: Reference;
    labels: number[];
    logits: Reference;
    losses: number[];
    trained: Record<string, Reference>;
  }>("chapter.json");
  const batch = {
    images: toChannelsLast(fromReference(reference.images)),
    labels: Int32Array.from(reference.labels),
    size: reference.labels.length,
  };
  const params = fromReferences(reference.params);

  const network = smallAlexnet(0.5);
  const loaded = getOrThrow(importParams(network, params));
  const { outputs } = await evalStep(network)(loaded, batch);
  assertClose(outputs.data, fromReference(reference.logits).data, 1e-6, "logits");
  assertEquals(await exportParams(network, loaded), params);
  for (const tensor of Object.values(loaded.params)) tensor.dispose();

  const trained = smallAlexnet(0);
  const optimizer = adam({ learningRate: 0.01 });
  const step = trainStep(trained, optimizer);
  let state = initTrainState(trained, optimizer, randomKey(0), {
    variables: getOrThrow(importParams(trained, params)),
  });
  const pending = [];
  for (let i = 0; i < reference.losses.length; i++) {
    const [next, metrics] = step(state, batch);
    state = next;
    pending.push(metrics);
  }
  const losses = (await readMetrics(pending)).map(({ loss }) => loss);
  assertClose(losses, reference.losses, 1e-5, "losses");
  assert(losses.at(-1)! < losses[0]!);
  const exported = await exportParams(trained, state);
  for (const [name, { data }] of Object.entries(fromReferences(reference.trained))) {
    assertClose(exported[name]!.data, data, 1e-5, `trained ${name}`);
  }
});
