import { assertEquals } from "@std/assert";
import {
  batchNorm2d,
  build,
  conv2d,
  dropout,
  findNotFinite,
  flatten,
  importParams,
  lambda,
  type Layer,
  linear,
  maxPool2d,
  randomKey,
  relu,
  residual,
  sequential,
  type StoredTensor,
  type Variables,
} from "@rill/rill/models";
import * as publicOps from "@rill/rill/models/ops";
import * as ops from "../../../models/ops/_ops.ts";
import { backendTest, getOrThrow, randomBatch } from "../_helpers.ts";

/** Batches of one number each, of class 0. */
const batchOf = (...numbers: number[]) => ({
  images: { data: Float32Array.from(numbers), shape: [numbers.length, 1] },
  labels: new Int32Array(numbers.length),
  size: numbers.length,
});

/** The same without classes, for losses that take none. */
const unlabelled = (...numbers: number[]) => {
  const { images, size } = batchOf(...numbers);
  return { images, size };
};

/** Builds a network of one input, with parameters that are all of one number each. */
const fill = (layer: Layer, numbers: Readonly<Record<string, number>>) => {
  const network = getOrThrow(build(layer, [1]));
  const tensors = Object.fromEntries(network.parameters.map(({ name, shape }) => {
    const data = new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(numbers[name] ?? 0);
    return [name, { shape, data } satisfies StoredTensor];
  }));
  return { network, variables: getOrThrow(importParams(network, tensors)) };
};

const release = ({ params, buffers }: Variables) => {
  for (const tensor of [...Object.values(params), ...Object.values(buffers)]) tensor.dispose();
};

/** Finds the place in a network that is filled so, and asserts that nothing is left behind. */
const find = async (
  layer: Layer,
  numbers: Readonly<Record<string, number>>,
  batch = batchOf(1),
  training = true,
) => {
  const before = ops.countTensors();
  const { network, variables } = fill(layer, numbers);
  const place = await findNotFinite(network, variables, batch, { training });
  release(variables);
  assertEquals(ops.countTensors(), before);
  return place;
};

const exp = () => lambda(publicOps.exp, { description: "Exp()" });

backendTest(
  "findNotFinite() finds the layer whose output overflows, in layers in layers",
  async () => {
    const inner = sequential({ fc: linear(2), power: exp(), off: relu() });
    const network = sequential({
      head: linear(1),
      block: residual(inner, { shortcut: linear(2) }),
    });
    const numbers = { "head.weight": 1, "block.body.fc.weight": 1 };
    assertEquals(await find(network, numbers), undefined);
    for (const training of [true, false]) {
      assertEquals(await find(network, { ...numbers, "head.weight": 100 }, undefined, training), {
        where: "forward",
        layer: "block.body.power",
        subject: "the output of block.body.power, Exp()",
      });
    }
  },
);

backendTest("findNotFinite() finds a NaN in the input, and in a parameter", async () => {
  const network = sequential({ fc: linear(2), off: relu(), out: linear(2) });
  assertEquals(await find(network, { "fc.weight": 1 }, batchOf(1, NaN, 2)), {
    where: "input",
    subject: "the network's input",
  });
  assertEquals(await find(network, { "fc.weight": 1, "out.bias": -Infinity }), {
    where: "parameter",
    layer: "out",
    parameter: "out.bias",
    subject: "out.bias",
  });
});

backendTest("findNotFinite() finds the loss, where the outputs are finite", async () => {
  // One logit is so far above the other that their difference is too large for a float.
  const { network, variables } = fill(linear(2), {});
  const place = await findNotFinite(network, variables, unlabelled(1), {
    loss: (output) => ({
      sum: publicOps.exp(publicOps.add(publicOps.sum(output), 1000)),
      weight: 1,
    }),
  });
  assertEquals(place, { where: "loss", subject: "the loss" });
  release(variables);
});

backendTest(
  "findNotFinite() finds the gradient that overflows where the loss doesn't",
  async () => {
    // The slope of a root is infinite at 0.
    const root = () => lambda(publicOps.sqrt, { description: "Sqrt()" });
    const { network, variables } = fill(
      sequential({ fc: linear(2), root: root(), out: linear(1) }),
      { "out.weight": 1 },
    );
    const loss = (output: Parameters<typeof publicOps.sum>[0]) => ({
      sum: publicOps.sum(output),
      weight: 1,
    });
    const findIn = () => findNotFinite(network, variables, unlabelled(1), { loss });
    assertEquals(await findIn(), {
      where: "backward",
      layer: "root",
      subject: "the gradient of the input of root, Sqrt()",
    });
    release(variables);
  },
);

backendTest("findNotFinite() finds the parameter whose gradient overflows", async () => {
  const { network, variables } = fill(sequential({ fc: linear(1), out: linear(1) }), {
    "fc.weight": 1e-20,
    "out.weight": 1e10,
  });
  const loss = (output: Parameters<typeof publicOps.sum>[0]) => ({
    sum: publicOps.multiply(publicOps.sum(output), 1e10),
    weight: 1,
  });
  // The gradient of fc's output is 1e20, and that of its weight 1e20 times the input.
  const place = await findNotFinite(network, variables, unlabelled(1e20), { loss });
  assertEquals(place, {
    where: "backward",
    layer: "fc",
    parameter: "fc.weight",
    subject: "the gradient of fc.weight",
  });
  release(variables);
});

backendTest(
  "findNotFinite() finds nothing in layers of every kind, and sees what a step sees",
  async () => {
    const network = getOrThrow(build(
      sequential([
        conv2d({ filters: 4, kernelSize: 3, padding: 1, bias: false }),
        batchNorm2d(),
        relu(),
        maxPool2d({ poolSize: 2 }),
        flatten(),
        linear(8),
        relu(),
        dropout(0.5),
        linear(3),
      ]),
      [8, 8, 1],
    ));
    const batch = randomBatch(4, [8, 8, 1], 3, 1);
    const variables = network.init(randomKey(0));
    assertEquals(await findNotFinite(network, variables, batch, { key: randomKey(1) }), undefined);
    // Of the fused pair of convolution and normalization the one that overflows is told.
    const weight = variables.params["1.weight"]!;
    const far = {
      ...variables,
      params: { ...variables.params, "1.weight": publicOps.multiply(weight, 3e38) },
    };
    const place = await findNotFinite(network, far, batch, { key: randomKey(1) });
    assertEquals([place?.where, place?.layer], ["forward", "1"]);
    far.params["1.weight"]!.dispose();
    release(variables);
  },
);
