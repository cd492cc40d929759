// What someone who isn't held to types, or knows no better, may do: each is told, and nothing is computed from garbage.
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as models from "@rill/rill/models";
import * as ops from "@rill/rill/models/ops";
import { withBackend } from "./_helpers.ts";

const KEY = models.randomKey(0);

const batch = {
  images: { data: Float32Array.of(1, 0, 0, 1, 1, 1, 0, 0), shape: [4, 2] },
  labels: Int32Array.of(0, 1, 2, 0),
  size: 4,
};

const applyPlan = (plan: unknown) => {
  const layer = models.layer("Mine()", () => plan as string);
  const network = models.getOrThrow(models.build(layer, [2]));
  return network.apply(network.init(KEY), ops.ones([1, 2])).output;
};

const trainBy = (options: object, learningRate: models.Schedule | number = 0.1) => {
  const network = models.getOrThrow(models.build(models.linear(3), [2]));
  const optimizer = models.sgd({ learningRate });
  const step = models.trainStep(network, optimizer, options);
  return step(models.initTrainState(network, optimizer, KEY), batch);
};

const wasmTest = (name: string, fn: () => void | Promise<void>) =>
  Deno.test(name, () => withBackend("wasm", fn));

wasmTest("what kernels don't take is refused: more than six dimensions", async () => {
  const six = ops.ones([1, 1, 1, 1, 1, 2]);
  assertEquals([...await ops.add(six, six).data()], [2, 2]);
  const seven = [1, 1, 1, 1, 1, 1, 2];
  assertThrows(
    () => ops.toTensor(Float32Array.of(1, 2), seven),
    RangeError,
    "at most 6 dimensions",
  );
  assertThrows(() => ops.zeros(seven), RangeError, "at most 6 dimensions");
  assertThrows(() => ops.add(ops.reshape(six, seven), 1), RangeError, "at most 6 dimensions");
  assertThrows(() => ops.toTensor(Float32Array.of(1), [-1, -1]), RangeError, "integer from 0");
});

wasmTest("padding by NaN gives NaN, and spoils no other", async () => {
  const pad = async (
    value?: number,
  ) => [...await ops.pad(ops.ones([1, 1, 1, 2]), [[0, 0], [0, 0], [0, 0], [1, 0]], value).data()];
  assertEquals(await pad(NaN), [NaN, 1, 1]);
  assertEquals(await pad(), [0, 1, 1]);
  assertEquals(await pad(NaN), [NaN, 1, 1]);
  const { gradients } = ops.valueAndGrad(
    { x: ops.ones([2]) },
    ({ x }) => ops.sum(ops.slice(ops.pad(x, [[1, 1]], NaN), [1], [3])),
  );
  assertEquals([...await gradients.x.data()], [1, 1]);
});

wasmTest("a plan that is none is refused with what is wrong", () => {
  const outputShape = [2];
  const apply = (x: models.Tensor) => x;
  const cases: [plan: unknown, message: string][] = [
    [undefined, "it is undefined"],
    [{ apply }, "outputShape is undefined"],
    [{ apply, outputShape: [NaN] }, "outputShape is NaN"],
    [{ outputShape }, "no function apply"],
    [{ outputShape, apply, params: { a: {} } }, "the shape of a is undefined"],
    [{ outputShape, apply, buffers: { a: { shape: [-1] } } }, "the shape of a is -1"],
    [{ outputShape, apply, params: { a: { shape: [2, 3], order: [0, 0] } } }, "no permutation"],
  ];
  for (const [plan, message] of cases) assertThrows(() => applyPlan(plan), RangeError, message);
});

wasmTest("what a layer gives must be a tensor that can be computed with", () => {
  const give = (fn: (x: models.Tensor) => unknown) => applyPlan({ outputShape: [2], apply: fn });
  assertEquals(give((output) => ({ output })).shape, [1, 2]);
  const cases: [apply: (x: models.Tensor) => unknown, message: string][] = [
    [() => undefined, "the output of Mine() undefined: it is not a tensor"],
    [(x) => Promise.resolve(x), "it is not a tensor"],
    [(x) => ops.cast(x, "int32"), "a tensor of int32"],
    [(x) => {
      const y = ops.relu(x);
      y.dispose();
      return y;
    }, "it was disposed"],
  ];
  for (const [fn, message] of cases) assertThrows(() => give(fn), TypeError, message);
});

wasmTest("a network takes float32 tensors that are alive, as input and as variables", () => {
  const network = models.getOrThrow(models.build(models.linear(3), [2]));
  const variables = network.init(KEY);
  const indices = ops.toTensor(Int32Array.of(1, 2), [1, 2]) as unknown as models.Tensor;
  assertThrows(() => network.apply(variables, indices), TypeError, "a tensor of int32");
  const copy = { params: { ...variables.params }, buffers: {} };
  variables.params["weight"]!.dispose();
  assertThrows(() => network.apply(copy, ops.ones([1, 2])), TypeError, "weight, a tensor of 2 x 3");
});

wasmTest("losses and metrics that give no mean are refused", () => {
  const sumOf = (x: models.Tensor) => ops.sum(ops.square(x));
  const cases: [loss: (x: models.Tensor) => unknown, message: string][] = [
    [() => undefined, "Cannot take loss for a mean: it gave no { sum, weight }"],
    [(x) => sumOf(x), "it gave no { sum, weight }"],
    [() => ({ sum: 3, weight: 1 }), "the sum of loss 3: it is not a tensor"],
    [(x) => ({ sum: ops.cast(sumOf(x), "int32"), weight: 1 }), "a tensor of int32"],
    [(x) => ({ sum: sumOf(x), weight: "1" }), "the weight of loss 1: it is not a tensor"],
  ];
  for (const [fn, message] of cases) {
    const loss = (x: models.Tensor, { labels: _ }: models.Labels) => fn(x);
    assertThrows(() => trainBy({ loss }), TypeError, message);
  }
  const constant = (_: models.Tensor, { labels: __ }: models.Labels) => ({
    sum: ops.full([], 1),
    weight: 1,
  });
  assertThrows(() => trainBy({ loss: constant }), RangeError, "doesn't depend on any of them");
  const metric = (x: models.Tensor) => ({ sum: ops.sum(x), weight: 1 });
  const [, metrics] = trainBy({ metrics: { constructor: metric } });
  assertEquals([...metrics.names].sort(), ["accuracy", "constructor"]);
});

Deno.test("a schedule that gives no number, and a backend that there isn't, are refused", async () => {
  await withBackend("wasm", () => {
    assertThrows(() => trainBy({}, () => NaN), RangeError, "learningRate NaN at step 1");
  });
  await assertRejects(() => models.openBackend("cuda" as "wasm"), RangeError, 'backend "cuda"');
});

wasmTest("only what a network has is exported and imported", async () => {
  const build = (units: number) => models.getOrThrow(models.build(models.linear(units), [2]));
  const network = build(3);
  const variables = network.init(KEY);
  await assertRejects(
    () => models.exportParams(build(4), variables),
    RangeError,
    "Cannot export weight, a tensor of 2 x 3: the network has one of 4 x 2",
  );
  const stored = await models.exportParams(network, variables);
  const load = (bias: unknown) =>
    models.importParams(network, { ...stored, bias: bias as models.StoredTensor });
  assertThrows(() => load(3), TypeError, "Cannot load bias");
  assertThrows(() => load({ shape: [3], data: [1, 2, 3] }), TypeError, "Cannot load bias");
  variables.params["weight"]!.dispose();
  await assertRejects(() => models.exportParams(network, variables), TypeError, "it was disposed");
});
