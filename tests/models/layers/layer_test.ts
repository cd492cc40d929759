import * as tf from "@tensorflow/tfjs-core";
import { assert, assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import {
  build,
  constant,
  conv2d,
  dropout,
  exportParams,
  importParams,
  type Layer,
  layer,
  linear,
  type Pass,
  randomKey,
  relu,
  sequential,
  ShapeError,
  type Tensor,
  toTensor,
} from "@rill/rill/models";
import * as ops from "../../../models/ops/_ops.ts";
import { runLayer } from "../_gradients.ts";
import {
  assertClose,
  backendTest,
  getError,
  getOrThrow,
  numbers,
  take,
  withBackend,
} from "../_helpers.ts";
import { batchNorm, compute, counter, scale } from "../_own_parts.ts";

/** Describes a layer that adds what goes in to what comes out. */
const skip = (body: Layer, change: (pass: Pass) => Pass = (pass) => pass): Layer =>
  layer("Skip()", (input, sub) => {
    const built = sub("body", body, input);
    return {
      outputShape: built.outputShape,
      apply: (x, _, pass) => compute(tf.add, x, built(x, change(pass))),
    };
  });

const ones = (...shape: number[]): Tensor =>
  toTensor(new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1), shape);

backendTest("a layer of one's own has parameters, and their gradients", async () => {
  const input = { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) };
  const weights = Float32Array.of(1, 1, 1, 1, 1, 2);
  const { output, inputGradient, gradients } = await runLayer(scale(), input, {
    params: { weight: { shape: [3], data: Float32Array.of(2, 3, -4) } },
    weights,
  });
  assertClose(output, [2, 6, -12, 8, 15, -24], 1e-6);
  assertClose(inputGradient, [2, 3, -4, 2, 3, -8], 1e-6);
  assertEquals(Object.keys(gradients), ["weight"]);
  assertClose(gradients.weight!, [5, 7, 15], 1e-6);
});

backendTest("a layer has children, whose variables are named after it", async () => {
  const network = getOrThrow(build(sequential({ a: skip(sequential([linear(3)])) }), [3]));
  const names = ["a.body.0.weight", "a.body.0.bias"];
  assertEquals(network.parameters.map(({ name }) => name), names);
  const variables = getOrThrow(importParams(network, {
    "a.body.0.weight": { shape: [3, 3], data: Float32Array.of(0, 1, 0, 0, 0, 1, 1, 0, 0) },
    "a.body.0.bias": { shape: [3], data: Float32Array.of(0, 0, 100) },
  }));
  const x = toTensor(Float32Array.of(1, 2, 3), [1, 3]);
  assertClose(await take(network.apply(variables, x).output), [3, 5, 104], 1e-6);
});

backendTest("a child that is applied twice is one layer", async () => {
  const twice = layer("Twice()", (input, sub) => {
    const child = sub("it", scale(3), input);
    return { outputShape: input, apply: (x, _, pass) => child(child(x, pass), pass) };
  });
  const input = { shape: [1, 2], data: Float32Array.of(1, 2) };
  const { output, gradients } = await runLayer(twice, input, { weights: Float32Array.of(1, 1) });
  assertClose(output, [9, 18], 1e-6);
  // Of w * w * x.
  assertClose(gradients["it.weight"]!, [6, 12], 1e-6);
});

backendTest("a training pass gives new buffers, a pass in use the same", async () => {
  const network = getOrThrow(build(sequential({ a: counter(), b: sequential([counter()]) }), [1]));
  assertEquals(network.buffers.map(({ name }) => name), ["a.passes", "b.0.passes"]);
  assertEquals(network.parameters, []);
  const variables = network.init(randomKey(0));
  const x = ones(1, 1);
  const read = async ({ buffers }: { buffers: Readonly<Record<string, Tensor>> }) =>
    (await Promise.all(Object.values(buffers).map((buffer) => buffer.data()))).map(([n]) => n);
  assertEquals(await read(variables), [0, 0]);
  const first = network.apply(variables, x, { training: true, key: randomKey(1) });
  assertEquals(await read(first), [1, 1]);
  // Those that it was given are as they were.
  assertEquals(await read(variables), [0, 0]);
  const next = { params: {}, buffers: first.buffers };
  const second = network.apply(next, x, { training: true });
  assertEquals([await read(second), await take(second.output)], [[2, 2], [3]]);
  const used = network.apply(next, x);
  assertEquals([await take(used.output), used.buffers], [[3], first.buffers]);
  const stored = await exportParams(network, next);
  assertEquals(stored["b.0.passes"], { shape: [], data: Float32Array.of(1) });
  assertEquals(await read(getOrThrow(importParams(network, stored))), [1, 1]);
});

backendTest("a layer with buffers that is applied twice goes on from the first time", async () => {
  const thrice = layer("Thrice()", (input, sub) => {
    const child = sub("it", counter(), input);
    return {
      outputShape: input,
      apply: (x, _, pass) => child(child(child(x, pass), pass), pass),
    };
  });
  const network = getOrThrow(build(thrice, [1]));
  const x = toTensor(Float32Array.of(10), [1, 1]);
  const { output, buffers } = network.apply(network.init(randomKey(0)), x, { training: true });
  assertEquals([await take(output), await take(buffers["it.passes"]!)], [[10 + 0 + 1 + 2], [3]]);
});

backendTest("normalization over the batch is what loops compute", async () => {
  const shape = [6, 3];
  const data = numbers(18);
  const network = getOrThrow(build(batchNorm(), [3]));
  const variables = network.init(randomKey(0));
  const x = toTensor(data, shape);
  const { output, buffers } = network.apply(variables, x, { training: true });
  const columns = [0, 1, 2].map((c) => [...data].filter((_, i) => i % 3 === c));
  const means = columns.map((column) => column.reduce((a, b) => a + b, 0) / 6);
  const variances = columns.map((column, c) =>
    column.reduce((sum, x) => sum + (x - means[c]!) ** 2, 0) / 6
  );
  const expected = [...data].map((x, i) =>
    (x - means[i % 3]!) / Math.sqrt(variances[i % 3]! + 1e-3)
  );
  assertClose(await take(output), expected, 1e-5);
  assertClose(await take(buffers.mean!), means.map((mean) => 0.1 * mean), 1e-6);
  assertClose(await take(buffers.variance!), variances.map((x) => 0.9 + 0.1 * x), 1e-6);
  // In use the statistics are those of the buffers.
  const used = await take(network.apply(variables, x).output);
  assertClose(used, [...data].map((x) => x / Math.sqrt(1.001)), 1e-5);
});

Deno.test("a parameter that is undefined doesn't exist", () =>
  withBackend("wasm", async () => {
    const network = getOrThrow(build(linear(2, { bias: false }), [3]));
    assertEquals(network.parameters.map(({ name }) => name), ["weight"]);
    const { output } = network.apply(network.init(randomKey(0)), ones(1, 3));
    assertEquals((await take(output)).length, 2);
  }));

Deno.test("children get a key each, and a pass that is changed for them", () =>
  withBackend("wasm", async () => {
    const run = async (tested: Layer, training: boolean) => {
      const network = getOrThrow(build(tested, [200]));
      const x = ones(1, 200);
      const variables = { params: {}, buffers: {} };
      return await take(network.apply(variables, x, { training, key: randomKey(1) }).output);
    };
    const both = layer("Both()", (input, sub) => {
      const [a, b] = [sub("a", dropout(0.5), input), sub("b", dropout(0.5), input)];
      return {
        outputShape: input,
        apply: (x, _, pass) => compute((a, b) => tf.sub(a!, b!), a(x, pass), b(x, pass)),
      };
    });
    // Two masks that differ.
    assert((await run(both, true)).some((x) => x !== 0));
    assertEquals(new Set(await run(both, false)), new Set([0]));
    const calm = skip(dropout(0.5), (pass) => ({ ...pass, training: false }));
    assertEquals(new Set(await run(calm, true)), new Set([2]));
    const wild = skip(dropout(0.5));
    assertEquals(new Set(await run(wild, true)), new Set([1, 3]));
    // The same key gives the same mask, another one another.
    assertEquals(await run(wild, true), await run(wild, true));
    const other = skip(dropout(0.5), (pass) => ({ ...pass, key: randomKey(9) }));
    assert(String(await run(other, true)) !== String(await run(wild, true)));
  }));

Deno.test("a layer is told whether it trains, its key, and its place in the batch", () =>
  withBackend("wasm", () => {
    const passes: Pass[] = [];
    const spy = layer("Spy()", (input) => ({
      outputShape: input,
      apply: (x, _, pass) => {
        passes.push(pass);
        return x;
      },
    }));
    const network = getOrThrow(build(spy, [2]));
    const x = ones(3, 2);
    network.apply({ params: {}, buffers: {} }, x);
    network.apply({ params: {}, buffers: {} }, x, { training: true, first: 4, size: 9 });
    assertEquals(
      passes.map(({ training, first, size }) => [training, first, size]),
      [[false, 0, 3], [true, 4, 9]],
    );
  }));

Deno.test("what a layer gives must be what its plan says", () =>
  withBackend("wasm", () => {
    const apply = (tested: Layer, training = true) => {
      const network = getOrThrow(build(sequential({ it: tested }), [2]));
      const x = ones(3, 2);
      const before = ops.countTensors();
      const variables = network.init(randomKey(0));
      try {
        network.apply(variables, x, { training });
      } finally {
        assertEquals(ops.countTensors() - before, network.buffers.length);
      }
    };
    const wide = layer("Wide()", () => ({ outputShape: [3], apply: (x) => compute(tf.relu, x) }));
    assertThrows(
      () => apply(wide),
      RangeError,
      "Cannot go on after the output of it as it is a tensor of 3 x 2: the layer's plan says 3 x 3",
    );
    const sum = layer("Sum()", () => ({
      outputShape: [],
      apply: (x) => compute((x) => tf.sum(x!), x),
    }));
    assertThrows(() => apply(sum), RangeError, "a tensor of no dimension: the layer's plan says 3");
    const withBuffers = (buffers: (x: Tensor) => Record<string, Tensor>) =>
      layer<never, "total">("Total()", (input) => ({
        outputShape: input,
        buffers: { total: { shape: [2] } },
        apply: (x) => ({ output: x, buffers: buffers(x) }),
      }));
    assertThrows(
      () => apply(withBuffers((x) => ({ total: compute((x) => tf.sum(x!), x) }))),
      RangeError,
      "Cannot go on after buffer it.total as it is a tensor of no dimension: the layer's plan says 2",
    );
    assertThrows(
      () => apply(withBuffers((x) => ({ sum: compute((x) => tf.sum(x!, 0), x) }))),
      RangeError,
      "Cannot take a buffer sum from it: its plan has none",
    );
  }));

Deno.test("a sum over the batch is over examples", () =>
  withBackend("wasm", () => {
    const tested = layer("Sum()", (input) => ({
      outputShape: input,
      apply: (x, _, { sumOverBatch }) => {
        sumOverBatch(compute((x) => tf.reshape(x!, [-1, 1]), x));
        return x;
      },
    }));
    const network = getOrThrow(build(tested, [2]));
    assertThrows(
      () => network.apply({ params: {}, buffers: {} }, ones(3, 2)),
      RangeError,
      "Cannot sum a tensor of 6 x 1 over the batch: its first dimension must be that of the 3 examples",
    );
  }));

Deno.test("a shape error has the name of the layer below all others", () => {
  const block = (strides: number) =>
    layer("Block()", (input, sub) => {
      const built = sub("conv1", conv2d({ filters: 2, kernelSize: 3, strides }), input);
      return { outputShape: built.outputShape, apply: (x, _, pass) => built(x, pass) };
    });
  const stages = sequential({
    layer1: sequential([block(1), block(1)]),
    layer2: sequential([block(2)]),
  });
  const error = getError(build(stages, [6, 6, 1]));
  assertInstanceOf(error, ShapeError);
  assertEquals([error.layer, error.got], ["layer2.0.conv1", [2, 2, 2]]);
  assertEquals(
    error.message,
    "Cannot build layer layer2.0.conv1, Conv2d(2, 2, kernel 3, stride 2), for an input of 2 x 2 x 2: " +
      "it needs at least 3 x 3 pixels",
  );
  const own = layer("Pair()", ([features]) =>
    features === 2 ? "other than two features" : {
      outputShape: [1],
      apply: (x) => x,
    });
  assertEquals(getError(build(sequential({ a: own }), [2])).needed, "other than two features");
});

Deno.test("two children of one name are refused, and a child of another's tensors", () => {
  const both = (first: string, second: string, child = linear(2)) =>
    layer("Both()", (input, sub) => {
      const [a, b] = [sub(first, child, input), sub(second, child, input)];
      return { outputShape: [2], apply: (x, _, pass) => b(a(x, pass), pass) };
    });
  const cases: [Layer, string][] = [
    [both("a", "a"), "Cannot build two layers called a in the network"],
    [sequential({ x: both("a", "a") }), "Cannot build two layers called a in x"],
    [both("", ""), 'Cannot build two layers called "" in the network'],
    [both("", "a", sequential({ "": linear(2) })), ""],
    [both("a", "", sequential({ a: linear(2) })), ""],
    [
      sequential({ "": sequential({ a: counter() }), a: counter() }),
      "Cannot build a model with two tensors called a.passes",
    ],
  ];
  for (const [tested, message] of cases) {
    if (message) assertThrows(() => build(tested, [2]), RangeError, message);
    else getOrThrow(build(tested, [2]));
  }
});

Deno.test("a pass of one's own is refused: variables are found in the one that was given", () =>
  withBackend("wasm", () => {
    const own = (pass: Pass): Pass => ({
      training: pass.training,
      key: pass.key,
      first: pass.first,
      size: pass.size,
      sumOverBatch: pass.sumOverBatch,
    });
    const network = getOrThrow(build(skip(linear(2), own), [2]));
    assertThrows(
      () => network.apply(network.init(randomKey(0)), ones(1, 2)),
      RangeError,
      "Cannot apply body in a pass of one's own: hand on the one that apply was given, or { ...pass }",
    );
  }));

Deno.test("variables that are missing are named", () =>
  withBackend("wasm", () => {
    const network = getOrThrow(build(sequential([linear(2), counter()]), [2]));
    const { params, buffers } = network.init(randomKey(0));
    const { "0.bias": _, ...less } = params;
    assertThrows(
      () => network.apply({ params: less, buffers }, ones(1, 2)),
      RangeError,
      "Cannot find tensor 0.bias: there are 0.weight",
    );
    assertThrows(
      () => network.apply({ params, buffers: {} }, ones(1, 2)),
      RangeError,
      "Cannot find tensor 1.passes: there are no tensors",
    );
  }));

Deno.test("a network is a tree of layers, which say what they are", () => {
  const own = layer("Own()", (input, sub) => {
    const child = sub("inner", relu(), input);
    return {
      outputShape: input,
      params: { gain: { shape: [2, 3], initializer: constant(0) } },
      buffers: { seen: { shape: [5] } },
      kind: { type: "own", attributes: { sides: [1, 2], soft: true } },
      flops: 7,
      apply: (x, _, pass) => child(x, pass),
    };
  });
  const { root, layers } = getOrThrow(build(sequential({ a: own, b: linear(4) }), [2]));
  assertEquals([root.name, root.kind?.type, root.children.length], ["", "sequential", 2]);
  const [a] = root.children;
  assert(a);
  assertEquals([a.name, a.layer, a.parameters, a.buffers, a.flops], ["a", "Own()", 6, 5, 7]);
  assertEquals(a.kind, { type: "own", attributes: { sides: [1, 2], soft: true } });
  assertEquals(layers.map(({ name }) => name), ["a", "a.inner", "b"]);
  assertEquals(layers.at(-1)?.kind, { type: "linear", attributes: { units: 4, bias: true } });
});
