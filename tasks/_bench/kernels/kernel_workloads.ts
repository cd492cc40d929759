// What a training step spends its time on, kernel by kernel. It calls the tensor library, as what is measured here are its
// kernels and those that Rill puts in their place.
import * as tf from "@tensorflow/tfjs-core";
import { adam, initTrainState, type Network, randomKey } from "../../../models/mod.ts";

/** One kernel's work. */
export interface KernelWorkload {
  readonly name: string;
  /** Floating-point operations, for a product; 0 where moving numbers is all. */
  readonly flops: number;
  /** Bytes that have to be read and written at least. */
  readonly bytes: number;
  /** Makes what it works on. */
  readonly prepare: () => Prepared;
}

/** A kernel's work with all that it needs. */
export interface Prepared {
  /** Does it once. */
  run(): void;
  release(): void;
}

/** Stride and padding of the convolutions, which a network doesn't tell. */
const WINDOWS = [[4, 0], [1, 2], [1, 1], [1, 1], [1, 1]] as const;
/** The convolutions after which there is a pool of 3 × 3, with a stride of 2. */
const POOLED = [0, 1, 4];

/** The kernels of a training step of AlexNet, for so many images. */
export function listKernelWorkloads(network: Network, batchSize: number): KernelWorkload[] {
  const workloads: KernelWorkload[] = [];
  const weights = network.parameters.filter(({ name }) => name.endsWith("weight"));
  let shape = [batchSize, ...network.inputShape];
  for (const [i, [strides, pad]] of WINDOWS.entries()) {
    const [filters, channels, height, width] = weights[i].shape;
    const input = shape;
    const [down, across] = [1, 2].map((d) =>
      Math.floor((input[d] + 2 * pad - [height, width][d - 1]) / strides) + 1
    );
    shape = [batchSize, down, across, filters];
    workloads.push(
      ...listConvolutions(`conv${i + 1}`, input, [height, width, channels, filters], shape, {
        strides,
        pad,
        dataFormat: "NHWC",
        dilations: 1,
      }),
    );
    if (!POOLED.includes(i)) continue;
    const pooled = [batchSize, ...shape.slice(1, 3).map((n) => (n - 3 >> 1) + 1), filters];
    workloads.push(...listPools(`pool${POOLED.indexOf(i) + 1}`, shape, pooled));
    shape = pooled;
  }
  for (const [i, { shape: [outputs, inputs] }] of weights.slice(WINDOWS.length).entries()) {
    workloads.push(...products(`fc${i + 1}`, batchSize, inputs, outputs));
  }
  workloads.push(describeAdam(network));
  return workloads;
}

function listConvolutions(
  name: string,
  input: number[],
  filterShape: number[],
  output: number[],
  attrs: object,
): KernelWorkload[] {
  const flops = 2 * size(output) * size(filterShape) / filterShape[3];
  const bytes = 4 * (size(input) + size(filterShape) + size(output));
  const workload = (
    what: string,
    kernel: string,
    shapes: Record<string, number[]>,
    more: object = {},
  ): KernelWorkload => ({
    name: `${name} ${what}`,
    flops,
    bytes,
    prepare: () => prepareKernel(kernel, shapes, { ...attrs, ...more }),
  });
  return [
    workload("forward", "Conv2D", { x: input, filter: filterShape }),
    workload("input gradient", "Conv2DBackpropInput", { dy: output, filter: filterShape }, {
      inputShape: input,
    }),
    workload("filter gradient", "Conv2DBackpropFilter", { x: input, dy: output }, { filterShape }),
  ];
}

function listPools(name: string, input: number[], output: number[]): KernelWorkload[] {
  const attrs = { filterSize: 3, strides: 2, pad: "valid" };
  const forward = 4 * (size(input) + size(output));
  return [{
    name: `${name} forward`,
    flops: 0,
    bytes: forward,
    prepare: () => prepareKernel("MaxPool", { x: input }, attrs),
  }, {
    name: `${name} gradient`,
    flops: 0,
    bytes: forward + 4 * size(input),
    prepare: () => prepareKernel("MaxPoolGrad", { dy: output, input, output }, attrs),
  }];
}

function products(name: string, rows: number, inputs: number, outputs: number): KernelWorkload[] {
  const [x, weight, dy] = [[rows, inputs], [inputs, outputs], [rows, outputs]];
  const workload = (
    what: string,
    [a, b]: [number[], number[]],
    [transposeA, transposeB]: [boolean, boolean],
  ): KernelWorkload => ({
    name: `${name} ${what}`,
    flops: 2 * rows * inputs * outputs,
    bytes: 4 * (size(x) + size(weight) + size(dy)),
    prepare: () => prepareKernel("BatchMatMul", { a, b }, { transposeA, transposeB }),
  });
  return [
    workload("forward", [x, weight], [false, false]),
    workload("input gradient", [dy, weight], [false, true]),
    workload("weight gradient", [x, dy], [true, false]),
  ];
}

/** All parameters at once: each is read and written with its two moments, and its gradient is read. */
function describeAdam(network: Network): KernelWorkload {
  const optimizer = adam();
  return {
    name: "Adam, all parameters",
    flops: 0,
    bytes: 28 * network.parameters.reduce((sum, { shape }) => sum + size(shape), 0),
    prepare() {
      let { params, optimizer: state } = initTrainState(network, optimizer, randomKey(1));
      const gradients = Object.fromEntries(
        Object.entries(params).map(([name, { shape }]) => [name, makeNoise(shape) as unknown]),
      ) as typeof params;
      return {
        run() {
          [params, state] = optimizer.update(params, gradients, state);
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

function prepareKernel(
  kernel: string,
  shapes: Readonly<Record<string, number[]>>,
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

/** Numbers from -1 to 1, the same ones over and over. */
function makeNoise(shape: readonly number[]): tf.Tensor {
  const data = new Float32Array(size(shape));
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

const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
