import {
  adaptiveAvgPool2d,
  alexnet2012,
  alexnetTorchvision,
  avgPool2d,
  batchNorm1d,
  batchNorm2d,
  type Combine,
  constant,
  conv2d,
  type Conv2dOptions,
  densenet121,
  gelu,
  type GeluOptions,
  googlenet,
  identity,
  kaimingNormal,
  type KaimingOptions,
  kaimingUniform,
  type Layer,
  layerNorm,
  leakyRelu,
  lenet,
  type LenetOptions,
  linear,
  localResponseNorm,
  maxPool2d,
  mobilenetV2,
  nin,
  normal,
  parallel,
  type Pool2dOptions,
  relu,
  residual,
  resnet18,
  resnet34,
  resnet50,
  resnet8,
  squeezenet1_1,
  uniform,
  vgg11,
  vgg16,
  xavierNormal,
  xavierUniform,
} from "@rill/rill/models";
import { assertEquals, assertThrows } from "@std/assert";

Deno.test("layers refuse settings out of range, and say what they take", () => {
  const conv = (options: object) =>
    conv2d({ filters: 2, kernelSize: 3, ...options } as Conv2dOptions);
  const pool = (options: object) => maxPool2d({ poolSize: 3, ...options } as Pool2dOptions);
  const cases: [() => unknown, string][] = [
    [() => conv({ filters: 1.5 }), "a convolution with filters 1.5: it must be an integer of"],
    [() => conv({ kernelSize: [3, 0] }), "a convolution with kernelSize 3 x 0: it must be one or"],
    [() => conv({ kernelSize: [3, 3, 3] }), "a convolution with kernelSize 3 x 3 x 3: it must be"],
    [() => conv({ strides: [1, -1] }), "a convolution with strides 1 x -1: it must be one or two"],
    [() => conv({ dilation: 0 }), "a convolution with dilation 0: it must be one or two integers"],
    [() => conv({ groups: 0 }), "a convolution with groups 0: it must be an integer of at least 1"],
    [() => conv({ groups: 3 }), "a convolution with 3 groups: they must divide its 2 filters"],
    [
      () => conv({ padding: [1, 2, 3] }),
      "a convolution with padding 1,2,3: it must be one, two or four integers of at least 0, " +
      '"same" or "valid"',
    ],
    [() => conv({ padding: "full" }), "a convolution with padding full: it must be one, two or"],
    [() => pool({ poolSize: [0, 1] }), "a pooling layer with poolSize 0 x 1: it must be one or"],
    [
      () => pool({ padding: 3 }),
      "a pooling layer with padding 3: it must be less than the window of 3 x 3",
    ],
    [
      () => avgPool2d({ poolSize: [2, 4], padding: [0, 2, 3, 0] }),
      "a pooling layer with padding 0,2,3,0: it must be less than the window of 2 x 4",
    ],
    [() => adaptiveAvgPool2d(0), "adaptive pooling with outputSize 0: it must be one or two"],
    [() => linear(0), "a linear layer with units 0: it must be an integer of at least 1"],
    [() => leakyRelu(NaN), "a leaky rectifier with slope NaN: it must be finite"],
    [
      () => gelu({ approximate: "erf" } as unknown as GeluOptions),
      'gelu with approximate erf: it must be "none" or "tanh"',
    ],
    [() => batchNorm2d({ epsilon: -1 }), "BatchNorm2d with epsilon -1: it must be at least 0 and"],
    [() => batchNorm1d({ momentum: 2 }), "BatchNorm1d with momentum 2: it must be from 0 to 1, or"],
    [() => batchNorm2d({ initialWeight: NaN }), "BatchNorm2d with initialWeight NaN: it must be"],
    [() => layerNorm({ dimensions: 0 }), "layer normalization with dimensions 0: it must be an"],
    [() => layerNorm({ epsilon: NaN }), "layer normalization with epsilon NaN: it must be at"],
    [() => localResponseNorm({ size: 1.5 }), "local response normalization with size 1.5: it must"],
    [
      () => localResponseNorm({ size: 1, beta: NaN }),
      "local response normalization with beta NaN: it must be finite",
    ],
    [
      () => parallel([relu()], "sum" as unknown as Combine),
      'parallel layers with combine sum: it must be "concatenate" or "add"',
    ],
    [
      () => resnet18({ classes: 0 }),
      "resnet18 with classes 0: it must be an integer of at least 1",
    ],
    [
      () => resnet8({ filters: 0 }),
      "resnet8 with filters 0: it must be an integer of at least 1",
    ],
    [() => lenet({ classes: -1 }), "lenet with classes -1: it must be an integer of at least 1"],
    [
      () => lenet({ activation: "tanh" } as unknown as LenetOptions),
      'lenet with activation tanh: it must be "sigmoid" or "relu"',
    ],
    [() => alexnet2012({ classes: 0.5 }), "alexnet2012 with classes 0.5: it must be an integer of"],
    ...Object.entries({
      alexnetTorchvision,
      densenet121,
      googlenet,
      mobilenetV2,
      nin,
      resnet34,
      resnet50,
      squeezenet1_1,
      vgg11,
      vgg16,
    }).map(([name, describe]): [() => unknown, string] => [
      () => describe({ classes: 0 }),
      `${name} with classes 0: it must be an integer of at least 1`,
    ]),
    [() => alexnet2012({ dropout: 1 }), "a dropout layer with rate 1: it must be from 0 to less"],
  ];
  for (const [describe, message] of cases) {
    assertThrows(describe, RangeError, `Cannot describe ${message}`);
  }
});

Deno.test("layers say their settings where they aren't the usual ones", () => {
  const image = [8, 8, 4];
  const describe = (layer: Layer, input: number[] = image) => layer.describe(input);
  const small = conv2d({ filters: 8, kernelSize: 3 });
  assertEquals(describe(small), "Conv2d(4, 8, kernel 3)");
  assertEquals(describe(small, []), "Conv2d(?, 8, kernel 3)");
  assertEquals(
    describe(conv2d({
      filters: 8,
      kernelSize: [1, 3],
      strides: [2, 1],
      padding: "same",
      dilation: 2,
      groups: 4,
      bias: false,
    })),
    "Conv2d(4, 8, kernel 1 x 3, stride 2 x 1, padding same, dilation 2, groups 4, no bias)",
  );
  assertEquals(
    describe(maxPool2d({ poolSize: 3, strides: 2, padding: [0, 1, 0, 1], ceilMode: true })),
    "MaxPool2d(3, stride 2, padding 0 1 0 1, ceil mode)",
  );
  assertEquals(describe(avgPool2d({ poolSize: [2, 1] })), "AvgPool2d(2 x 1, stride 2 x 1)");
  assertEquals(
    describe(batchNorm2d({ epsilon: 1e-3, momentum: null, affine: false })),
    "BatchNorm2d(4, epsilon 0.001, momentum none, not affine)",
  );
  assertEquals(describe(layerNorm({ dimensions: 3 })), "LayerNorm(8 x 8 x 4)");
  assertEquals(describe(gelu({ approximate: "tanh" })), "GELU(tanh)");
  assertEquals(
    describe(residual(small, { shortcut: identity() })),
    "Residual(Conv2d(?, 8, kernel 3), Identity())",
  );
});

Deno.test("initializers refuse what isn't finite", () => {
  const cases: [() => unknown, string][] = [
    [() => constant(NaN), "constant with value NaN: it must be finite"],
    [() => uniform(0, Infinity), "uniform with high Infinity: it must be finite"],
    [() => normal(NaN), "normal with std NaN: it must be finite"],
    [() => kaimingNormal({ gain: NaN }), "kaimingNormal with gain NaN: it must be finite"],
    [
      () => kaimingUniform({ fan: "both" } as unknown as KaimingOptions),
      'kaimingUniform with fan both: it must be "in" or "out"',
    ],
    [() => xavierNormal(Infinity), "xavierNormal with gain Infinity: it must be finite"],
    [() => xavierUniform(NaN), "xavierUniform with gain NaN: it must be finite"],
  ];
  for (const [describe, message] of cases) {
    assertThrows(describe, RangeError, `Cannot describe ${message}`);
  }
});
