import { assert, assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import {
  adam,
  alexnet,
  build,
  conv2d,
  flatten,
  type Layer,
  linear,
  maxPool2d,
  relu,
  sequential,
  sgd,
  ShapeError,
} from "@rill/rill/models";
import * as ops from "../../models/ops/_ops.ts";
import { getError, getOrThrow } from "./_helpers.ts";

const parameters = (side: number) =>
  getOrThrow(build(alexnet(), [side, side, 1])).layers.reduce(
    (sum, layer) => sum + layer.parameters,
    0,
  );

Deno.test("alexnet has the chapter's parameters, in number, name and shape", () => {
  const network = getOrThrow(build(alexnet({ classes: 10 }), [224, 224, 1]));
  assertEquals(network.outputShape, [10]);
  assertEquals(network.parameters.map(({ name, shape }) => [name, ...shape]), [
    ["conv.0.weight", 96, 1, 11, 11],
    ["conv.0.bias", 96],
    ["conv.3.weight", 256, 96, 5, 5],
    ["conv.3.bias", 256],
    ["conv.6.weight", 384, 256, 3, 3],
    ["conv.6.bias", 384],
    ["conv.8.weight", 384, 384, 3, 3],
    ["conv.8.bias", 384],
    ["conv.10.weight", 256, 384, 3, 3],
    ["conv.10.bias", 256],
    ["fc.0.weight", 4096, 6400],
    ["fc.0.bias", 4096],
    ["fc.3.weight", 4096, 4096],
    ["fc.3.bias", 4096],
    ["fc.6.weight", 10, 4096],
    ["fc.6.bias", 10],
  ]);
  assertEquals(parameters(224), 46_764_746);
  assertEquals(parameters(99), 24_744_650);
  assertEquals(parameters(67), 21_598_922);
});

Deno.test("alexnet's layers have the chapter's names and output shapes", () => {
  const { layers } = getOrThrow(build(alexnet(), [224, 224, 1]));
  assertEquals(
    layers.map(({ name, layer, outputShape }) => `${name} ${layer} ${outputShape.join("x")}`),
    [
      "input Input() 224x224x1",
      "conv.0 Conv2d(1, 96, kernel 11, stride 4) 54x54x96",
      "conv.1 ReLU() 54x54x96",
      "conv.2 MaxPool2d(3, stride 2) 26x26x96",
      "conv.3 Conv2d(96, 256, kernel 5, padding 2) 26x26x256",
      "conv.4 ReLU() 26x26x256",
      "conv.5 MaxPool2d(3, stride 2) 12x12x256",
      "conv.6 Conv2d(256, 384, kernel 3, padding 1) 12x12x384",
      "conv.7 ReLU() 12x12x384",
      "conv.8 Conv2d(384, 384, kernel 3, padding 1) 12x12x384",
      "conv.9 ReLU() 12x12x384",
      "conv.10 Conv2d(384, 256, kernel 3, padding 1) 12x12x256",
      "conv.11 ReLU() 12x12x256",
      "conv.12 MaxPool2d(3, stride 2) 5x5x256",
      "flatten Flatten() 6400",
      "fc.0 Linear(6400, 4096) 4096",
      "fc.1 ReLU() 4096",
      "fc.2 Dropout(0.5) 4096",
      "fc.3 Linear(4096, 4096) 4096",
      "fc.4 ReLU() 4096",
      "fc.5 Dropout(0.5) 4096",
      "fc.6 Linear(4096, 10) 10",
    ],
  );
  const flops = layers.reduce((sum, layer) => sum + layer.flops, 0);
  assert(Math.abs(flops / 1.876e9 - 1) < 0.01, `${flops} floating-point operations`);
});

Deno.test("alexnet builds for every side from 67, and below names the layer that can't", () => {
  for (let side = 1; side < 67; side++) {
    const error = getError(build(alexnet(), [side, side, 1]));
    assertInstanceOf(error, ShapeError);
    const layer = side < 11 ? "conv.0" : side < 19 ? "conv.2" : side < 35 ? "conv.5" : "conv.12";
    assertEquals(error.layer, layer, `side ${side}`);
  }
  for (let side = 67; side <= 260; side++) {
    assertEquals(getOrThrow(build(alexnet(), [side, side, 1])).outputShape, [10]);
  }
});

Deno.test("a shape error says what the layer got and what it needs", () => {
  const error = getError(build(alexnet(), [66, 66, 1]));
  assertEquals(error.got, [2, 2, 256]);
  assertEquals(error.needed, "at least 3 x 3 pixels");
  assertEquals(
    error.message,
    "Cannot build layer conv.12, MaxPool2d(3, stride 2), for an input of 2 x 2 x 256: " +
      "it needs at least 3 x 3 pixels",
  );
  const colour = getError(build(alexnet(), [224, 224, 3]));
  assertEquals([colour.layer, colour.needed], ["input", "an image of 1 channel"]);
  assertEquals(
    getError(build(alexnet({ channels: 3 }), [224, 224])).needed,
    "an image of 3 channels",
  );
  const cases: [Layer, number[], string][] = [
    [linear(3), [2, 2, 1], "a vector of features: flatten() before it makes one"],
    [conv2d({ filters: 1, kernelSize: 3 }), [9], "an image: height x width x channels"],
    [conv2d({ filters: 1, kernelSize: 5, padding: 1 }), [9, 2, 1], "at least 3 x 3 pixels"],
    [conv2d({ filters: 2, kernelSize: 1, groups: 2 }), [9, 9, 3], "channels that 2 groups divide"],
    [maxPool2d({ poolSize: 2 }), [4], "an image: height x width x channels"],
    [relu(), [3, 0], "lengths of at least 1"],
    [flatten(), [2.5], "lengths of at least 1"],
  ];
  for (const [layer, shape, needed] of cases) {
    const error = getError(build(layer, shape));
    assertEquals([error.needed, error.got], [needed, shape]);
    assert(error.message.startsWith("Cannot build layer (top), "));
  }
});

Deno.test("building allocates nothing", () => {
  const before = ops.countTensors();
  build(alexnet(), [224, 224, 1]);
  assertEquals(ops.countTensors(), before);
});

Deno.test("sequential names layers as PyTorch does", () => {
  const inner = sequential([linear(2), sequential({ a: linear(3), "": linear(4) })]);
  const network = getOrThrow(build(sequential({ "": relu(), fc: inner }), [5]));
  assertEquals(
    network.layers.map(({ name }) => name),
    ["", "fc.0", "fc.1.a", "fc.1"],
  );
  assertEquals(getOrThrow(build(sequential([]), [5])).outputShape, [5]);
  assertThrows(
    () => build(sequential({ "": sequential([linear(2)]), "0": linear(2) }), [2]),
    RangeError,
    "Cannot build a model with two tensors called 0.weight",
  );
});

Deno.test("settings out of range are refused when a layer is described", () => {
  const describers: [() => unknown, string][] = [
    [() => conv2d({ filters: 0, kernelSize: 3 }), "a convolution with filters 0"],
    [() => conv2d({ filters: 1, kernelSize: 1.5 }), "a convolution with kernelSize 1.5"],
    [() => conv2d({ filters: 1, kernelSize: 3, strides: 0 }), "a convolution with strides 0"],
    [() => conv2d({ filters: 1, kernelSize: 3, padding: -1 }), "a convolution with padding -1"],
    [() => conv2d({ filters: 1, kernelSize: 3, groups: 0 }), "a convolution with groups 0"],
    [() => conv2d({ filters: 3, kernelSize: 3, groups: 2 }), "a convolution with 2 groups"],
    [() => maxPool2d({ poolSize: 0 }), "a pooling layer with poolSize 0"],
    [() => maxPool2d({ poolSize: 2, strides: NaN }), "a pooling layer with strides NaN"],
    [() => linear(-3), "a linear layer with units -3"],
    [() => alexnet({ classes: 0 }), "alexnet with classes 0"],
    [() => alexnet({ channels: 0 }), "alexnet with channels 0"],
    [() => alexnet({ dropout: 1 }), "a dropout layer with rate 1"],
    [() => adam({ learningRate: -1 }), "adam with learningRate -1"],
    [() => adam({ learningRate: Infinity }), "adam with learningRate Infinity"],
    [() => adam({ beta1: 1 }), "adam with beta1 1: it must be at least 0 and less than 1"],
    [() => adam({ beta2: NaN }), "adam with beta2 NaN"],
    [() => adam({ epsilon: -1e-8 }), "adam with epsilon -1e-8"],
    [() => sgd({ learningRate: NaN }), "sgd with learningRate NaN"],
    [() => sgd({ momentum: 1 }), "sgd with momentum 1"],
  ];
  for (const [describe, found] of describers) {
    assertThrows(describe, RangeError, `Cannot describe ${found}`);
  }
});
