import { assert } from "@std/assert";
import * as models from "@rill/rill/models";
import { assertClose, backendTest, numbers } from "../_helpers.ts";

const { batchNorm1d, batchNorm2d, conv2d, linear, relu, relu6, sequential } = models;

/** Products of every kind, and what may follow their normalization. */
const CASES: readonly (readonly [layers: readonly models.Layer[], input: readonly number[]])[] = [
  [[conv2d({ filters: 5, kernelSize: 3, padding: 1, bias: false }), batchNorm2d(), relu()], [
    7,
    6,
    3,
  ]],
  [[conv2d({ filters: 4, kernelSize: 3, strides: 2 }), batchNorm2d({ epsilon: 0.1 }), relu6()], [
    7,
    6,
    3,
  ]],
  [[conv2d({ filters: 6, kernelSize: 3, groups: 3, bias: false }), batchNorm2d(), relu()], [
    5,
    5,
    3,
  ]],
  [[conv2d({ filters: 4, kernelSize: 1, groups: 2 }), batchNorm2d({ affine: false })], [4, 3, 2]],
  [[conv2d({ filters: 4, kernelSize: [1, 3], padding: "same", dilation: 2 }), batchNorm2d()], [
    6,
    6,
    2,
  ]],
  [[conv2d({ filters: 3, kernelSize: 1 }), batchNorm2d(), batchNorm2d(), relu()], [3, 3, 2]],
  [[conv2d({ filters: 3, kernelSize: 1 }), relu(), batchNorm2d()], [3, 3, 2]],
  [[linear(6, { bias: false }), batchNorm1d(), relu()], [5]],
  [[linear(6), batchNorm1d({ affine: false })], [5]],
];

/** Draws all variables of a network, so that no statistic is that of the beginning. */
function drawVariables(network: models.Network): models.Variables {
  const stored = [...network.parameters, ...network.buffers].map(({ name, shape }, i) => {
    const count = shape.reduce((a, b) => a * b, 1);
    const data = numbers(count, i + 1).map((x) => name.endsWith("var") ? Math.abs(x) + 0.5 : x);
    return [name, { shape: [...shape], data }] as const;
  });
  return models.getOrThrow(models.importParams(network, Object.fromEntries(stored)));
}

backendTest(
  "normalization that is folded into the product before it is what it is by itself",
  async () => {
    for (const [i, [layers, input]] of CASES.entries()) {
      const network = models.getOrThrow(models.build(sequential(layers), input));
      const variables = drawVariables(network);
      const size = 3;
      const count = input.reduce((a, b) => a * b, size);
      const x = models.toTensor(numbers(count, 99), [size, ...input]);
      const folded = await network.apply(variables, x).output.data();
      // One after the other, each built by itself.
      let y = x;
      let shape = input;
      for (const [at, layer] of layers.entries()) {
        const alone = models.getOrThrow(models.build(layer, shape));
        const own = (all: models.Params) =>
          Object.fromEntries(
            Object.entries(all).filter(([name]) => name.startsWith(`${at}.`))
              .map(([name, tensor]) => [name.slice(name.indexOf(".") + 1), tensor]),
          );
        const { params, buffers } = variables;
        y = alone.apply({ params: own(params), buffers: own(buffers) }, y).output;
        shape = alone.outputShape;
      }
      const expected = await y.data();
      assert(expected.some((value) => value !== 0));
      assertClose(folded, expected, 1e-5, `case ${i}`, 0);
    }
  },
);
