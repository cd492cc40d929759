// The kernels of a training step, one by one. It calls the tensor library, as what is measured here are its
// kernels and those that Rill puts in their place.
import * as tf from "@tensorflow/tfjs-core";
import {
  adam,
  initTrainState,
  type Network,
  randomKey,
  updateByOptimizer,
} from "../../../models/mod.ts";

/** One kernel's work. */
export interface KernelWorkload {
  readonly name: string;
  /** Floating-point operations of a product; 0 where a kernel only moves numbers. */
  readonly flops: number;
  /** Those of them that are not on padding. */
  readonly usefulFlops: number;
  /** Bytes that have to be read and written at least. */
  readonly bytes: number;
  /** Makes the tensors that it works on. */
  readonly prepare: () => Prepared;
}

/** A kernel's work with all that it needs. */
export interface Prepared {
  /** Does it once. */
  run(): void;
  release(): void;
}

/** Strides and padding of the convolutions, which a network's description lacks. */
const WINDOWS = [
  { strides: 4, pad: 0 },
  { strides: 1, pad: 2 },
  { strides: 1, pad: 1 },
  { strides: 1, pad: 1 },
  { strides: 1, pad: 1 },
] as const;
/** The convolutions after which there is a pool of 3 × 3, with a stride of 2. */
const POOLED = [0, 1, 4];

/** The shape of a tensor. */
export type Shape = readonly number[];
/** Images, height, width, channels; or, of a filter, height, width, channels, filters. */
type Shape4 = readonly [number, number, number, number];

/** Lists the kernels of a training step of AlexNet, for so many images. */
export function listKernelWorkloads(network: Network, batchSize: number): KernelWorkload[] {
  const workloads: KernelWorkload[] = [];
  const weights = network.parameters.filter(({ name }) => name.endsWith("weight"));
  const [height = 0, width = 0, channels = 0] = network.inputShape;
  let shape: Shape4 = [batchSize, height, width, channels];
  for (const [i, { shape: weight }] of weights.entries()) {
    const window = WINDOWS[i];
    if (window === undefined) {
      const [outputs = 0, inputs = 0] = weight;
      workloads.push(...listProducts(`fc${i + 1 - WINDOWS.length}`, batchSize, inputs, outputs));
      continue;
    }
    const [filters = 0, channels = 0, height = 0, width = 0] = weight;
    const convolution = { filter: [height, width, channels, filters], ...window } as const;
    const output = computeShape(shape, convolution);
    workloads.push(...listConvolutions(`conv${i + 1}`, shape, convolution, output));
    shape = output;
    if (!POOLED.includes(i)) continue;
    const pooled = computeShape(shape, { filter: [3, 3, filters, filters], strides: 2, pad: 0 });
    workloads.push(...listPools(`pool${POOLED.indexOf(i) + 1}`, shape, pooled));
    shape = pooled;
  }
  workloads.push(describeAdam(network));
  return workloads;
}

/** A convolution's filters, and how they pass over the images. */
interface Convolution {
  readonly filter: Shape4;
  readonly strides: number;
  readonly pad: number;
}

function computeShape([images, ...size]: Shape4, { filter, strides, pad }: Convolution): Shape4 {
  const [down, across] = [0, 1].map((d) =>
    Math.floor((size[d]! + 2 * pad - filter[d]!) / strides) + 1
  );
  return [images, down!, across!, filter[3]];
}

function listConvolutions(
  name: string,
  input: Shape4,
  { filter, strides, pad }: Convolution,
  output: Shape4,
): KernelWorkload[] {
  const flops = 2 * countElements(output) * countElements(filter) / filter[3];
  // The part of an axis's taps that are not on padding.
  const usefulPart = (d: 1 | 2): number => {
    const [kernel, steps] = [filter[d - 1]!, output[d]];
    let inside = 0;
    for (let i = 0; i < steps * kernel; i++) {
      const at = Math.floor(i / kernel) * strides - pad + i % kernel;
      if (at >= 0 && at < input[d]) inside++;
    }
    return inside / (steps * kernel);
  };
  const attrs = { strides, pad, dataFormat: "NHWC", dilations: 1 };
  const workload = (
    what: string,
    kernel: string,
    shapes: Record<string, Shape>,
    more: object = {},
  ): KernelWorkload => ({
    name: `${name} ${what}`,
    flops,
    usefulFlops: flops * usefulPart(1) * usefulPart(2),
    bytes: 4 * (countElements(input) + countElements(filter) + countElements(output)),
    prepare: () => prepareKernel(kernel, shapes, { ...attrs, ...more }),
  });
  return [
    workload("forward", "Conv2D", { x: input, filter }),
    workload("input gradient", "Conv2DBackpropInput", { dy: output, filter }, {
      inputShape: input,
    }),
    workload("filter gradient", "Conv2DBackpropFilter", { x: input, dy: output }, {
      filterShape: filter,
    }),
  ];
}

function listPools(name: string, input: Shape, output: Shape): KernelWorkload[] {
  const attrs = { filterSize: 3, strides: 2, pad: "valid" };
  const forward = 4 * (countElements(input) + countElements(output));
  return [{
    name: `${name} forward`,
    ...NO_FLOPS,
    bytes: forward,
    prepare: () => prepareKernel("MaxPool", { x: input }, attrs),
  }, {
    name: `${name} gradient`,
    ...NO_FLOPS,
    bytes: forward + 4 * countElements(input),
    prepare: () => prepareKernel("MaxPoolGrad", { dy: output, input, output }, attrs),
  }];
}

/** What only moves numbers. */
export const NO_FLOPS = { flops: 0, usefulFlops: 0 };

function listProducts(
  name: string,
  rows: number,
  inputs: number,
  outputs: number,
): KernelWorkload[] {
  const [x, weight, dy] = [[rows, inputs], [inputs, outputs], [rows, outputs]] as const;
  const flops = 2 * rows * inputs * outputs;
  const workload = (
    what: string,
    [a, b]: readonly [Shape, Shape],
    [transposeA, transposeB]: readonly [boolean, boolean],
  ): KernelWorkload => ({
    name: `${name} ${what}`,
    flops,
    usefulFlops: flops,
    bytes: 4 * (countElements(x) + countElements(weight) + countElements(dy)),
    prepare: () => prepareKernel("BatchMatMul", { a, b }, { transposeA, transposeB }),
  });
  return [
    workload("forward", [x, weight], [false, false]),
    workload("input gradient", [dy, weight], [false, true]),
    workload("weight gradient", [x, dy], [true, false]),
  ];
}

/** Describes the update of all parameters at once: each is read and written with its two moments, and its gradient is read. */
function describeAdam(network: Network): KernelWorkload {
  const optimizer = adam();
  return {
    name: "Adam, all parameters",
    ...NO_FLOPS,
    bytes: 28 * network.parameters.reduce((sum, { shape }) => sum + countElements(shape), 0),
    prepare() {
      let { params, optimizer: state } = initTrainState(network, optimizer, randomKey(1));
      const gradients = Object.fromEntries(
        Object.entries(params).map(([name, { shape }]) => [name, makeNoise(shape) as unknown]),
      ) as typeof params;
      return {
        run() {
          ({ params, state } = updateByOptimizer(optimizer, { params, gradients, state }));
        },
        release() {
          for (const tensors of [params, gradients, ...Object.values(state.slots)]) {
            for (const tensor of Object.values(tensors)) tensor.dispose();
          }
        },
      };
    },
  };
}

/** Makes a kernel's inputs of noise. */
export function prepareKernel(
  kernel: string,
  shapes: Readonly<Record<string, Shape>>,
  attrs: object,
): Prepared {
  const inputs = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, makeNoise(shape)]),
  );
  return {
    run: () => tf.dispose(tf.engine().runKernel(kernel, inputs, attrs as tf.NamedAttrMap)),
    release: () => tf.dispose(inputs),
  };
}

/** Makes numbers from -1 to 1, the same ones over and over. */
export function makeNoise(shape: Shape): tf.Tensor {
  const data = new Float32Array(countElements(shape));
  let word = data.length;
  const drawn = Math.min(data.length, PERIOD);
  for (let i = 0; i < drawn; i++) {
    word = Math.imul(word, 1664525) + 1013904223 | 0;
    data[i] = word / 2 ** 31;
  }
  for (let at = drawn; at < data.length; at *= 2) data.copyWithin(at, 0, at);
  return tf.tensor(data, [...shape], "float32");
}

/** Numbers that noise draws; a prime, so that rows differ. */
const PERIOD = 65521;

/** Counts a shape's elements. */
export const countElements = (shape: Shape): number => shape.reduce((a, b) => a * b, 1);
