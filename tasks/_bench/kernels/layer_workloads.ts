// The kernels of layers that AlexNet has none of, at sizes that the networks of the zoo have in their middle on images of 96 × 96.
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor } from "../../../models/mod.ts";
import { batchNormalize } from "../../../models/ops/_batch_norm.ts";
import { computeGradients } from "../../../models/ops/_base/tape.ts";
import * as ops from "../../../models/ops/mod.ts";
import {
  countElements,
  type KernelWorkload,
  makeNoise,
  NO_FLOPS,
  type Prepared,
  prepareKernel,
  type Shape,
} from "./kernel_workloads.ts";

/** Lists the kernels of layers besides convolutions, dense layers and maxima, for so many images. */
export function listLayerWorkloads(images: number): KernelWorkload[] {
  const shape = [images, 12, 12, 256];
  const parts = [192, 32, 32].map((channels) => [images, 12, 12, channels]);
  return [
    ...listFunctions("batch norm", [shape, [256], [256]], shape, normalize),
    ...listFunctions("residual add", [shape, shape], shape, ([a, b]) => ops.add(a!, b!)),
    ...Object.entries(ACTIVATIONS).flatMap(([name, apply]) =>
      listFunctions(name, [shape], shape, ([x]) => apply(x!))
    ),
    ...listFunctions("concat", parts, shape, (parts) => ops.concat(parts, -1)),
    ...listFunctions(
      "global avg pool",
      [shape],
      [images, 256],
      ([x]) => ops.mean(x!, { axis: [1, 2] }),
    ),
    ...listFunctions(
      "avg pool",
      [shape],
      [images, 6, 6, 256],
      ([x]) => ops.avgPool2d(x!, 2),
    ),
    ...listDepthwise("depthwise", [images, 12, 12, 192], 1),
    ...listDepthwise("depthwise, stride 2", [images, 24, 24, 144], 2),
  ];
}

const ACTIVATIONS: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  relu: ops.relu,
  relu6: ops.relu6,
  "leaky relu": (x) => ops.leakyRelu(x),
  sigmoid: ops.sigmoid,
  tanh: ops.tanh,
  silu: ops.silu,
  gelu: (x) => ops.gelu(x),
};

function normalize([x, weight, bias]: readonly Tensor[]): Tensor {
  const [images = 0, height = 0, width = 0, channels = 0] = x!.shape;
  const flat = ops.reshape(x!, [images, height * width, channels]);
  const { output } = batchNormalize(flat, weight!, bias!, {
    epsilon: 1e-5,
    size: images,
    sumOverBatch: (x) => ops.sum(x, { axis: 0 }),
  });
  return ops.reshape(output, x!.shape);
}

/** Lists a function's pass alone, and with the one for its gradients behind it. */
function listFunctions(
  name: string,
  inputs: readonly Shape[],
  output: Shape,
  apply: (inputs: readonly Tensor[]) => Tensor,
): KernelWorkload[] {
  const numbers = [...inputs, output].reduce((sum, shape) => sum + countElements(shape), 0);
  return [{
    name: `${name} forward`,
    ...NO_FLOPS,
    bytes: 4 * numbers,
    prepare: () => prepareFunction(inputs, (tensors) => apply(tensors)),
  }, {
    name: `${name} both ways`,
    ...NO_FLOPS,
    bytes: 8 * numbers,
    prepare: () => prepareFunction([...inputs, output], (tensors) => differentiate(tensors, apply)),
  }];
}

/** Computes a function's gradients for its inputs, given those and the gradient of its result. */
function differentiate(
  tensors: readonly Tensor[],
  apply: (inputs: readonly Tensor[]) => Tensor,
): unknown {
  const inputs = tensors.slice(0, -1);
  const known = tensors as unknown as tf.Tensor[];
  const compute = () => apply(inputs) as unknown as tf.Tensor;
  return computeGradients(compute, known.slice(0, -1), known.at(-1)).gradients;
}

function prepareFunction(
  shapes: readonly Shape[],
  run: (tensors: readonly Tensor[]) => unknown,
): Prepared {
  const tensors = shapes.map(makeNoise);
  return {
    run: () => {
      tf.dispose(tf.tidy(() => run(tensors as unknown as Tensor[]) as tf.TensorContainer));
    },
    release: () => tf.dispose(tensors),
  };
}

/** Lists a depthwise convolution of 3 × 3, with padding of 1, and its gradients. */
function listDepthwise(name: string, input: Shape, strides: number): KernelWorkload[] {
  const [images = 0, height = 0, width = 0, channels = 0] = input;
  const output = [images, height / strides, width / strides, channels];
  const filter = [3, 3, channels, 1];
  const flops = 18 * countElements(output);
  // The first row and column of taps fall on padding, and with a stride of 1 the last ones too.
  const usefulTaps = (outputs: number) => (3 * outputs - (strides === 1 ? 2 : 1)) / (3 * outputs);
  const attrs = {
    strides: [strides, strides],
    pad: [[0, 0], [1, strides === 1 ? 1 : 0], [1, strides === 1 ? 1 : 0], [0, 0]],
    dataFormat: "NHWC",
    dilations: [1, 1],
  };
  const workload = (
    what: string,
    kernel: string,
    shapes: Record<string, Shape>,
    more: object = {},
  ): KernelWorkload => ({
    name: `${name} ${what}`,
    flops,
    usefulFlops: flops * usefulTaps(height / strides) * usefulTaps(width / strides),
    bytes: 4 * (countElements(input) + countElements(filter) + countElements(output)),
    prepare: () => prepareKernel(kernel, shapes, { ...attrs, ...more }),
  });
  const native = "DepthwiseConv2dNative";
  return [
    workload("forward", native, { x: input, filter }),
    workload("input gradient", `${native}BackpropInput`, { dy: output, filter }, {
      inputShape: input,
    }),
    workload("filter gradient", `${native}BackpropFilter`, { x: input, dy: output }, {
      filterShape: filter,
    }),
  ];
}
