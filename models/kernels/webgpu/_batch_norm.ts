// Batch normalization. A thread takes a channel's mean and the squares of the differences from it over a slice of the numbers, by
// Welford's way, so that the numbers are read once; the slices' are joined by Chan's, where no large numbers cancel.
import * as tf from "@tensorflow/tfjs-core";
import {
  addSlices,
  chooseWidth,
  type Finish,
  finishSlices,
  type Matrices,
  sliceRows,
  type SliceSum,
  sumSlices,
  takeFound,
} from "./_channel_sums.ts";
import {
  dispatch,
  EACH_THREAD,
  makeOutput,
  type Program,
  spreadGroups,
} from "./device/_dispatch.ts";
import { getTypes } from "./device/_float_bits.ts";
import type { GpuBackend } from "./device/_gpu_backend.ts";

/** Images as matrices, a column for each channel. */
const getImages = ({ shape }: tf.TensorInfo): Matrices => {
  const [batch = 1, rows = 1, columns = 1] = shape;
  return { batch, rows, columns };
};

/** A whole batch as one matrix. */
const getWhole = (x: tf.TensorInfo): Matrices => {
  const { batch, rows, columns } = getImages(x);
  return { batch: 1, rows: batch * rows, columns };
};

const slice = (matrices: Matrices) => sliceRows(matrices, chooseWidth(matrices.columns));

const SQUARES: SliceSum = {
  name: "centered-squares",
  inputs: ["x", "mean"],
  begin: `let center = mean[column];
  var sum = FLOAT(0);`,
  each: `let apart = x[place] - center;
    sum += apart * apart;`,
  found: ["sum"],
};

/** Sums the squares of the differences from a channel's mean over the pixels of each image. */
export function sumCenteredSquares(
  backend: GpuBackend,
  x: tf.TensorInfo,
  mean: tf.TensorInfo,
): tf.TensorInfo {
  const images = getImages(x);
  return addSlices(backend, SQUARES, [x, mean], [images.batch, images.columns], slice(images));
}

const PRODUCTS: SliceSum = {
  name: "centered-products",
  inputs: ["dy", "x", "mean"],
  begin: `let center = mean[column];
  var sum = FLOAT(0);
  var products = FLOAT(0);`,
  each: `let value = dy[place];
    sum += value;
    products += value * (x[place] - center);`,
  found: ["sum", "products"],
};

const BOTH: Finish = {
  name: "both",
  outputs: ["first", "second"],
  inputs: [],
  terms: [takeFound(0), takeFound(1)],
  code: `  first[at] = sum0;
  second[at] = sum1;`,
};

/** Sums a gradient over the pixels of each image, and its products with the differences from a channel's mean. */
export function sumCenteredProducts(
  backend: GpuBackend,
  dy: tf.TensorInfo,
  x: tf.TensorInfo,
  mean: tf.TensorInfo,
): [own: tf.TensorInfo, products: tf.TensorInfo] {
  const images = getImages(x);
  const slices = slice(images);
  const parts = sumSlices(backend, PRODUCTS, [dy, x, mean], slices);
  const make = () => makeOutput(backend, [images.batch, images.columns]);
  const sums: [tf.TensorInfo, tf.TensorInfo] = [make(), make()];
  finishSlices(backend, BOTH, { outputs: sums, parts }, slices);
  backend.disposeData(parts.dataId);
  return sums;
}

const MOMENTS: SliceSum = {
  name: "moments",
  inputs: ["x"],
  begin: `var sum = FLOAT(0);
  var mean = FLOAT(0);
  var squares = FLOAT(0);`,
  // The sum by itself too: a mean that has become infinite is NaN with the next number.
  each: `let value = x[place];
    let before = value - mean;
    sum += value;
    mean += before * (1.0 / f32(row - first + 1));
    squares += before * (value - mean);`,
  found: ["sum", "squares"],
};

const STATISTICS: Finish = {
  name: "statistics",
  outputs: ["mean", "variance", "scale", "shift"],
  inputs: ["weight", "bias"],
  settings: ["epsilon"],
  terms: [
    takeFound(0),
    `let count = f32(min(s.sliceRows, s.rows - slice * s.sliceRows));
      let apart = parts[part] / count - sum0 / f32(s.rows);
      let term = parts[part + s.size] + count * apart * apart;`,
  ],
  code: `  let average = sum0 / f32(s.rows);
  let spread = sum1 / f32(s.rows);
  let factor = weight[column] * inverseSqrt(spread + s.epsilon);
  mean[at] = average;
  variance[at] = spread;
  scale[at] = factor;
  shift[at] = bias[column] - average * factor;`,
};

/** Computes the mean and the biased variance of each channel, and what these, the weight and the bias do to it. */
export function measureBatch(
  backend: GpuBackend,
  x: tf.TensorInfo,
  weight: tf.TensorInfo,
  bias: tf.TensorInfo,
  epsilon: number,
): tf.TensorInfo[] {
  const slices = slice(getWhole(x));
  const parts = sumSlices(backend, MOMENTS, [x], slices);
  const outputs = STATISTICS.outputs.map(() => makeOutput(backend, [slices.columns]));
  finishSlices(backend, STATISTICS, { outputs, parts, inputs: [weight, bias] }, slices, [epsilon]);
  backend.disposeData(parts.dataId);
  return outputs;
}

const GRADIENT: Finish = {
  name: "batch-norm-gradient",
  outputs: ["dWeight", "dBias", "slope", "shift"],
  inputs: ["mean", "variance", "scale"],
  settings: ["epsilon"],
  terms: [takeFound(0), takeFound(1)],
  // dx = scale · (dy - mean(dy) - (x - mean) · inverse² · mean(dy · (x - mean)))
  code: `  let inverse = inverseSqrt(variance[column] + s.epsilon);
  let factor = scale[column];
  let tilt = -factor * inverse * inverse * (sum1 / f32(s.rows));
  dWeight[at] = sum1 * inverse;
  dBias[at] = sum0;
  slope[at] = tilt;
  shift[at] = -(factor * (sum0 / f32(s.rows)) + mean[column] * tilt);`,
};

/** Computes the gradients of a batch's normalization for its input, its weight and its bias. */
export function computeBatchNormGradient(
  backend: GpuBackend,
  { dy, x, mean, variance, scale }: Readonly<
    Record<"dy" | "x" | "mean" | "variance" | "scale", tf.TensorInfo>
  >,
  epsilon: number,
): tf.TensorInfo[] {
  const slices = slice(getWhole(x));
  const parts = sumSlices(backend, PRODUCTS, [dy, x, mean], slices);
  const outputs = GRADIENT.outputs.map(() => makeOutput(backend, [slices.columns]));
  const inputs = [mean, variance, scale];
  finishSlices(backend, GRADIENT, { outputs, parts, inputs }, slices, [epsilon]);
  const [dWeight, dBias, slope, shift] = outputs as [
    tf.TensorInfo,
    tf.TensorInfo,
    tf.TensorInfo,
    tf.TensorInfo,
  ];
  const dx = combine(backend, dy, scale, x, slope, shift);
  for (const { dataId } of [parts, slope, shift]) backend.disposeData(dataId);
  return [dx, dWeight, dBias];
}

/** Writes a program over numbers of channels, which come last: `inputs` are tensors of their shape, `perChannel` has one number each. */
const getChannelsProgram = (
  name: string,
  inputs: readonly string[],
  perChannel: readonly string[],
  value: string,
  width: 1 | 4,
): Program => {
  const { float } = getTypes(width);
  const names = [...inputs, ...perChannel];
  return {
    key: `rill-${name}-${width}`,
    code: () =>
      `struct Settings { size : i32, columns : i32 }
@group(0) @binding(0) var<storage, read_write> y : array<${float}>;
${
        names.map((name, i) =>
          `@group(0) @binding(${i + 1}) var<storage, read> ${name} : array<${float}>;`
        ).join("\n")
      }
@group(0) @binding(${names.length + 1}) var<uniform> s : Settings;
${EACH_THREAD}
  if (at >= s.size) { return; }
  let column = at % s.columns;
  y[at] = ${value};
}
`,
  };
};

function runOverChannels(
  backend: GpuBackend,
  getProgram: (width: 1 | 4) => Program,
  tensors: readonly [x: tf.TensorInfo, ...others: tf.TensorInfo[]],
): tf.TensorInfo {
  const [{ shape }] = tensors;
  const columns = shape.at(-1)!;
  const width = chooseWidth(columns);
  const y = makeOutput(backend, shape);
  const size = tf.util.sizeFromShape(shape) / width;
  dispatch(
    backend,
    getProgram(width),
    [y, ...tensors],
    [size, columns / width],
    spreadGroups(backend, Math.ceil(size / 64)),
  );
  return y;
}

/** Computes `x · scale + shift` with a number of each for a channel. */
export function scaleAndShift(
  backend: GpuBackend,
  x: tf.TensorInfo,
  scale: tf.TensorInfo,
  shift: tf.TensorInfo,
): tf.TensorInfo {
  return runOverChannels(
    backend,
    (width) =>
      getChannelsProgram(
        "scale-and-shift",
        ["x"],
        ["scale", "shift"],
        "x[at] * scale[column] + shift[column]",
        width,
      ),
    [x, scale, shift],
  );
}

/** Computes `dy · scale + x · slope + shift` with a number of each for a channel. */
export function combine(
  backend: GpuBackend,
  dy: tf.TensorInfo,
  scale: tf.TensorInfo,
  x: tf.TensorInfo,
  slope: tf.TensorInfo,
  shift: tf.TensorInfo,
): tf.TensorInfo {
  return runOverChannels(
    backend,
    (width) =>
      getChannelsProgram(
        "combine",
        ["dy", "x"],
        ["scale", "slope", "shift"],
        "dy[at] * scale[column] + (x[at] * slope[column] + shift[column])",
        width,
      ),
    [dy, x, scale, slope, shift],
  );
}
